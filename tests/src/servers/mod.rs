//! A server for each adapter, on a free port of the loopback interface.

use http::Request;
use tencent_im_callback_testkit::conformance::{Adapter, VISIT, Visit, Witness};

pub mod actix_web;
pub mod axum;
pub mod hyper;

/// All adapters of the workspace.
#[must_use]
pub fn all() -> [Adapter; 3] {
    [axum::adapter(), actix_web::adapter(), hyper::adapter()]
}

/// What the middleware of a server does whose framework has the types of `http` 1.
fn enter<B>(witness: &Witness, request: &mut Request<B>) -> Visit {
    let visit = request.headers().get(VISIT).cloned();
    witness.enter(visit.as_ref().and_then(|visit| visit.to_str().ok()), request.extensions_mut())
}
