use tencent_im_callback::Endpoint;

struct App;

fn main() {
    let _ = Endpoint::builder(App).app(1_400_000_001, "the token").build();
}
