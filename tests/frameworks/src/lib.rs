//! Frameworks that have no adapter of their own, and what comes of mounting an endpoint into them.
//!
//! Each file of `tests` begins with how it is done. `cargo test --manifest-path tests/frameworks/Cargo.toml` runs them.

use http::{Method, Response, StatusCode, header::CONTENT_LENGTH};
use http_body_util::combinators::BoxBody;
use tencent_im_callback_testkit::Signer;

/// The body of the requests that poem passes to a tower service.
pub type PoemBody = BoxBody<bytes::Bytes, std::io::Error>;

/// Writes the length of an answer into its head, for frameworks whose bridge forgets how long a body is: they would send
/// it in chunks, and nothing says that the service reads chunks.
pub fn with_length<B: http_body::Body>(mut response: Response<B>) -> Response<B> {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

/// Requests to `/callback` with the statuses that answer them, for an endpoint of application 1 with the token `the token`.
#[must_use]
pub fn requests() -> [(Method, String, StatusCode); 5] {
    let query = |token: &str| {
        let signature = Signer::new(token).query_at(std::time::SystemTime::now());
        format!("/callback?SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic&{signature}")
    };
    [
        (Method::POST, query("the token"), StatusCode::OK),
        (Method::POST, query("another token"), StatusCode::UNAUTHORIZED),
        (Method::POST, query("the token") + "&SdkAppid=1", StatusCode::BAD_REQUEST),
        (Method::POST, "/callback".to_owned(), StatusCode::FORBIDDEN),
        (Method::GET, query("the token"), StatusCode::METHOD_NOT_ALLOWED),
    ]
}
