//! `listen` as a proxy.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};

use crate::client::Client;

/// Passes a request on unchanged, except for the headers of the connection.
pub(super) async fn forward(client: &Client, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let (mut parts, body) = request.into_parts();
    without_hops(&mut parts.headers);
    let incoming = client.send(Request::from_parts(parts, body)).await.map_err(|error| error.to_string())?;
    let mut response = Response::new(incoming.body);
    *response.status_mut() = incoming.status;
    *response.headers_mut() = incoming.headers;
    without_hops(response.headers_mut());
    Ok(response)
}

/// Takes out the headers that are about one connection, or follow from the body.
fn without_hops(headers: &mut HeaderMap) {
    for name in [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::EXPECT,
        header::HOST,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}
