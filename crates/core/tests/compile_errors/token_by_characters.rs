use tencent_im_callback::{CallbackHandler, Endpoint};

struct App;

impl CallbackHandler for App {}

fn main() {
    let _ = Endpoint::builder(App).app(1_400_000_001, "the token".chars()).build();
}
