use std::sync::Arc;

use tencent_im_callback::{CallbackHandler, Endpoint};

#[derive(Debug)]
struct App;

impl CallbackHandler for App {}

fn main() {
    let app = Arc::new(App);
    let endpoint = Endpoint::builder(app).app(1_400_000_001, "the token").build();
    println!("{app:?} {endpoint:?}");
}
