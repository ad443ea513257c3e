//! Frameworks that have no adapter of their own, and what comes of mounting an endpoint into them.
//!
//! Each file of `tests` begins with how it is done. `cargo test --manifest-path tests/frameworks/Cargo.toml` runs them.

use http::{Response, header::CONTENT_LENGTH};
use http_body_util::combinators::BoxBody;

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
