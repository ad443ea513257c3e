//! AWS Lambda, by `lambda_http::run(tencent_im_callback_hyper::service(endpoint))`: the service takes the requests that
//! `lambda_http` makes of an event.
//!
//! An HTTP API (payload 2.0) passes the query as it was sent. A REST API and a load balancer decode the query, and the
//! bridge encodes it again: a parameter that is there twice is still there twice. A function that has answered is frozen,
//! so nothing runs after the answer: set `OnDisconnect` and `Acknowledge` to their defaults, and do the work in the method.

use http::StatusCode;
use http_body_util::BodyExt as _;
use lambda_http::{Body, Request, request};
use serde_json::{Value, json};
use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};
use tencent_im_callback_testkit::{Signer, sample};
use tower::Service as _;

const NO_SPAM: GroupCode = GroupCode::new(10_123);

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        assert_eq!(ctx.client_ip(), Some("203.0.113.7"));
        Ok(if event.name.contains("spam") { Decision::refuse_with(NO_SPAM, "no spam") } else { Decision::Allow })
    }
}

fn parameters(token: &str) -> Vec<(String, String)> {
    let signature = Signer::new(token).query_at(std::time::SystemTime::now());
    let query = format!("SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic&ClientIP=203.0.113.7&{signature}");
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.into(), value.into())).collect()
}

/// The event of an HTTP API.
fn http_api(parameters: &[(String, String)], body: &str) -> Value {
    let pairs: Vec<_> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/callback", "rawQueryString": pairs.join("&"),
        "headers": { "host": "example.com", "content-type": "application/json" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "$default", "requestId": "r", "timeEpoch": 0,
            "http": { "method": "POST", "path": "/callback", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// The event of a REST API, with the parameters decoded.
fn rest_api(parameters: &[(String, String)], body: &str) -> Value {
    let mut values = serde_json::Map::new();
    for (key, value) in parameters {
        let of_key = values.entry(key.clone()).or_insert_with(|| json!([]));
        of_key.as_array_mut().unwrap().push(value.clone().into());
    }
    json!({
        "resource": "/callback", "path": "/callback", "httpMethod": "POST",
        "headers": { "Host": "example.com" }, "multiValueHeaders": { "Host": ["example.com"] },
        "queryStringParameters": {}, "multiValueQueryStringParameters": values,
        "requestContext": { "stage": "prod", "httpMethod": "POST", "path": "/callback", "identity": {} },
        "body": body, "isBase64Encoded": false,
    })
}

async fn answer(event: &Value) -> (StatusCode, Value) {
    let endpoint = Endpoint::builder(App).app(1, "the token").build().unwrap();
    let request: Request = request::from_str(&event.to_string()).unwrap();

    // The recipe: `lambda_http::run(service)` in `main`.
    let mut service = tencent_im_callback_hyper::service(endpoint);

    let service = tower::ServiceExt::<http::Request<Body>>::ready(&mut service).await.unwrap();
    let response = service.call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_callback_is_answered_through_either_gateway() {
    let spam = sample::<group::BeforeCreateTopic>().set("/Name", "spam").to_string();
    for event in [http_api, rest_api] {
        let (status, answer) = answer(&event(&parameters("the token"), &spam)).await;
        assert_eq!(
            (status, &answer["ErrorCode"], &answer["ErrorInfo"]),
            (StatusCode::OK, &json!(10_123), &json!("no spam"))
        );
    }
}

#[tokio::test]
async fn what_is_no_callback_is_refused_through_either_gateway() {
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for event in [http_api, rest_api] {
        assert_eq!(answer(&event(&parameters("another token"), &body)).await.0, StatusCode::UNAUTHORIZED);
        let mut doubled = parameters("the token");
        doubled.push(("SdkAppid".into(), "2".into()));
        assert_eq!(answer(&event(&doubled, &body)).await.0, StatusCode::BAD_REQUEST);
    }
}
