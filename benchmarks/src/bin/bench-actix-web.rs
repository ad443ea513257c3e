//! Servers to be measured: `bench-actix-web <floor|hand|ours>`.
//!
//! `floor` reads the body and answers a constant; `hand` is the endpoint as a careful user writes it;
//! `ours` is the library's. They serve `POST /callback` on loopback, print one line when they are ready,
//! and are set up by `BENCH_PORT`, `BENCH_TOKEN`, `BENCH_SDKAPPID`, `BENCH_THREADS` and `BENCH_MAX_AGE`.

use std::error::Error;

use actix_web::{App, HttpResponse, HttpServer, http::StatusCode, rt::System, web};
use benchmarks::{
    hand::{self, BODY_LIMIT},
    ours,
    server::{CONSTANT, Kind, ready, told},
    waiting::Other,
};

fn main() -> Result<(), Box<dyn Error>> {
    let (kind, settings) = told()?;
    /// Each kind is an app of its own type, so what follows is written once for all of them.
    macro_rules! serve {
        ($service:expr) => {{
            let server = HttpServer::new(move || App::new().service($service))
                .workers(settings.threads)
                .bind(("127.0.0.1", settings.port))?;
            ready(server.addrs()[0]);
            System::new().block_on(server.run())?;
        }};
    }

    match kind {
        Kind::Floor => serve!(web::resource("/callback").route(web::post().to(floor))),
        Kind::Hand => {
            let app = web::Data::new(hand::App::new(&settings, Other::default()));
            serve!(
                web::resource("/callback")
                    .app_data(app.clone())
                    .app_data(web::PayloadConfig::new(BODY_LIMIT))
                    .route(web::post().to(by_hand))
            );
        }
        Kind::Ours => {
            let endpoint = ours::endpoint(&settings)?;
            serve!(tencent_im_callback_actix_web::resource("/callback", endpoint.clone()));
        }
    }
    Ok(())
}

async fn floor(_: web::Bytes) -> &'static str {
    CONSTANT
}

async fn by_hand(app: web::Data<hand::App>, query: web::Query<hand::Query>, body: web::Bytes) -> HttpResponse {
    match app.answer(&query, &body).await {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(status) => {
            HttpResponse::new(StatusCode::from_u16(status.as_u16()).expect("both crates know the same status codes"))
        }
    }
}
