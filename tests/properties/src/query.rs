//! A query and its authentication, through an endpoint, against the contract in the simplest words.

use std::sync::LazyLock;

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{Callback, Endpoint};

use crate::{
    expected::Expected,
    handle::{ready, tells_no_secret},
    probe::{Probe, Script},
    signing::{APPS, clock, spliced, uri},
};

static ENDPOINT: LazyLock<Endpoint> = LazyLock::new(|| {
    let builder = Endpoint::builder(Probe).clock(clock);
    let builder = APPS.into_iter().fold(builder, |builder, (id, tokens)| builder.app(id, tokens));
    builder.build().expect("the settings work")
});

/// The first two bytes tell what the service would add and where, the rest is the query.
pub fn query(input: &[u8]) {
    let [how, place, query @ ..] = input else { return };
    let (query, sign) = spliced(query, *how, *place);
    let Some(uri) = uri(&query) else { return };
    let expected = Expected::on(uri.query().unwrap_or_default());
    let script = Script::default();
    let mut request = Request::post(uri).body(Bytes::from_static(b"{}")).expect("the URI is one already");
    request.extensions_mut().insert(script.clone());
    let response = ready(ENDPOINT.handle(request));
    tells_no_secret(&query, sign.as_deref(), response.body());

    let calls = script.calls();
    let (status, parameters) = match expected {
        Expected::Malformed => (400, None),
        Expected::WrongApp => (403, None),
        Expected::Unauthenticated => (401, None),
        Expected::Check => (200, None),
        Expected::Admitted(parameters) => (200, Some(parameters)),
    };
    assert_eq!(response.status(), status);
    let Some(parameters) = parameters else {
        assert!(calls.is_empty(), "the handler was asked although the request was refused");
        return;
    };
    let [call] = &calls[..] else { panic!("{} calls", calls.len()) };
    match Callback::find(parameters.command()) {
        Some(callback) => assert!([callback.method, "undecodable"].contains(&call.method), "{}", call.method),
        None => assert_eq!(call.method, "unknown"),
    }
    assert_eq!(call.command_of_query, parameters.command());
    assert_eq!(call.client_ip.as_deref(), parameters.get("ClientIP"));
    assert_eq!(call.platform.as_deref(), parameters.get("OptPlatform"));
    assert_eq!(call.parameters, parameters.others);
}
