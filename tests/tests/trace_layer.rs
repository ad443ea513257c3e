//! The span that the adapter for axum gives to `TraceLayer` of tower-http has no query, so the log has no signature.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body};
use http::Request;
use tencent_im_callback::{CallbackHandler, Endpoint};
use tencent_im_callback_axum::{make_span, route};
use tencent_im_callback_testkit::{
    Signer,
    request::{APP_ID, TOKEN},
};
use tower::ServiceExt as _;
use tower_http::trace::TraceLayer;
use tracing_subscriber::fmt::MakeWriter;

struct App;

impl CallbackHandler for App {}

/// The log as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What is logged when a request with a signature is answered by this router.
fn logged(router: Router) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let sign = Signer::new(TOKEN).sign("1669872112");
        let uri = format!("/callback?SdkAppid={APP_ID}&Sign={sign}&RequestTime=1669872112");
        let request = Request::post(uri).body(Body::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(runtime.block_on(router.oneshot(request)).unwrap().status(), 401, "it is too old");
    });
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn the_span_for_trace_layer_has_the_path_and_no_signature() {
    let endpoint = Endpoint::builder(App).app(APP_ID, TOKEN).build().unwrap();
    let router = || Router::new().route("/callback", route(endpoint.clone()));
    let log = logged(router().layer(TraceLayer::new_for_http().make_span_with(make_span)));
    assert!(log.contains("path=\"/callback\""), "{log}");
    assert_eq!(Signer::find(&log), None, "{log}");
    // The test would see a signature: the span of tower-http has it.
    assert!(Signer::find(&logged(router().layer(TraceLayer::new_for_http()))).is_some());
}
