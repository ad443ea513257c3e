use tencent_im_callback::{CallbackHandler, Endpoint};

struct App;

impl CallbackHandler for App {}

fn main() {
    let app = App;
    let _ = Endpoint::builder(&app).app(1_400_000_001, "the token").build();
}
