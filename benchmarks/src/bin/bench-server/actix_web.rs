//! The servers on actix-web.

use std::error::Error;

use actix_web::{App, HttpResponse, HttpServer, http::StatusCode, rt::System, web};
use benchmarks::{
    hand::{self, BODY_LIMIT},
    ours,
    settings::Settings,
    waiting::Other,
};

use super::{CONSTANT, Kind, ready};

pub(crate) fn serve(kind: Kind, settings: &Settings) -> Result<(), Box<dyn Error>> {
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
            let app = web::Data::new(hand::App::new(settings, Other::default()));
            serve!(
                web::resource("/callback")
                    .app_data(app.clone())
                    .app_data(web::PayloadConfig::new(BODY_LIMIT))
                    .route(web::post().to(by_hand))
            );
        }
        Kind::Ours => {
            let endpoint = ours::endpoint(settings)?;
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
