//! Rocket, by `Endpoint::handle`: a route of twenty lines. Rocket has the types of `http` 0.2, so the request is built
//! again. The query is as it was sent.
//!
//! Rocket reads the whole body before the endpoint sees the request, so the limit of the body is that of the route, and
//! the deadline begins after the body. A body above the limit gets Rocket's own answer, and so does a method that
//! Rocket does not know. What a fairing has put into the request's local cache does not reach the handler.

use std::io::Cursor;

use frameworks::requests;
use rocket::{
    Data, Request, Response, Route, async_trait,
    data::ToByteUnit as _,
    http::{Method, Status},
    local::asynchronous::Client,
    route::{Handler, Outcome},
};
use tencent_im_callback::{CallbackHandler, Endpoint, group};
use tencent_im_callback_testkit::sample;

// The recipe: `rocket::build().mount("/callback", Callback(endpoint))`.
#[derive(Clone)]
struct Callback(Endpoint);

#[async_trait]
impl Handler for Callback {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let body = match data.open(8.mebibytes()).into_bytes().await {
            Ok(body) if body.is_complete() => body.into_inner(),
            Ok(_) => return Outcome::Error(Status::PayloadTooLarge),
            Err(_) => return Outcome::Error(Status::BadRequest),
        };
        let query = request.uri().query().map_or("", |query| query.as_str());
        let mut callback = http::Request::builder().method(request.method().as_str()).uri(format!("/?{query}"));
        for header in request.headers().iter() {
            callback = callback.header(header.name.as_str(), header.value.as_ref());
        }
        let Ok(callback) = callback.body(body.into()) else { return Outcome::Error(Status::BadRequest) };
        let (parts, body) = self.0.handle(callback).await.into_parts();
        let mut response = Response::build();
        response.status(Status::new(parts.status.as_u16())).sized_body(body.len(), Cursor::new(body));
        for (name, value) in &parts.headers {
            response.raw_header(name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
        Outcome::Success(response.finalize())
    }
}

/// The endpoint answers wrong methods itself.
impl From<Callback> for Vec<Route> {
    fn from(callback: Callback) -> Self {
        use Method::{Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace};
        let methods = [Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace];
        methods.map(|method| Route::new(method, "/", callback.clone())).into()
    }
}

struct App;

impl CallbackHandler for App {}

#[tokio::test]
async fn a_callback_is_answered_through_rocket() {
    let endpoint = Endpoint::builder(App).app(1, "the token").build().unwrap();
    let client = Client::untracked(rocket::build().mount("/callback", Callback(endpoint))).await.unwrap();
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for (method, path, status) in requests() {
        let answer = client.req(method.as_str().parse::<Method>().unwrap(), path.as_str()).body(&body).dispatch().await;
        assert_eq!(answer.status().code, status.as_u16(), "{method} {path}");
        assert_eq!(answer.headers().get_one("content-type"), Some("application/json"));
    }
}
