//! Servers to be measured: `bench-hyper <floor|hand|ours>`.
//!
//! `floor` reads the body and answers a constant; `hand` is the endpoint as a careful user writes it;
//! `ours` is the library's. They serve `POST /callback` on loopback, print one line when they are ready,
//! and are set up by `BENCH_PORT`, `BENCH_TOKEN`, `BENCH_SDKAPPID`, `BENCH_THREADS` and `BENCH_MAX_AGE`.

use std::{convert::Infallible, error::Error, sync::Arc};

use benchmarks::{
    hand::{self, BODY_LIMIT},
    ours,
    server::{CONSTANT, Kind, on_tokio, ready, told},
    settings::Settings,
    waiting::Other,
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tencent_im_callback::BoxError;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let (kind, settings) = told()?;
    on_tokio(&settings, serve(kind, &settings))
}

async fn serve(kind: Kind, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    ready(listener.local_addr()?);
    match kind {
        Kind::Floor => accept(listener, service_fn(floor)).await,
        Kind::Hand => {
            let app = Arc::new(hand::App::new(settings, Other::default()));
            let service = service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(by_hand(&app, request).await) }
            });
            accept(listener, service).await
        }
        Kind::Ours => accept(listener, tencent_im_callback_hyper::service(ours::endpoint(settings)?)).await,
    }
}

async fn accept<S>(listener: TcpListener, service: S) -> Result<(), Box<dyn Error>>
where
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}

async fn floor(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    Ok(Response::new(Full::new(Bytes::from_static(CONSTANT.as_bytes()))))
}

async fn by_hand(app: &hand::App, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/callback" {
        return hand::refused(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::POST {
        return hand::refused(StatusCode::METHOD_NOT_ALLOWED);
    }
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => hand::respond(app, parts, body.to_bytes()).await,
        Err(error) if error.is::<LengthLimitError>() => hand::refused(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => hand::refused(StatusCode::BAD_REQUEST),
    }
}
