use tencent_im_callback::{Decision, GroupCode};

const FORBIDDEN: GroupCode = GroupCode::new(403);

fn main() {
    let _ = Decision::refuse_with(FORBIDDEN, "forbidden");
}
