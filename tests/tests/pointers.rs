//! An `Arc` and a `Box` of a handler are handlers, and answer what the handler in them answers.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use tencent_im_callback::{
    CALLBACKS, CallbackHandler, Context, Decision, DecodeError, Endpoint, Event, GroupCode, Result, UnknownAnswer,
    async_trait, each_callback, group,
};
use tencent_im_callback_testkit::{request::APP_ID, sample};

/// Fails every callback that asks for it, and keeps the names of its methods that were called.
#[derive(Default)]
struct Inner(Mutex<Vec<&'static str>>);

struct Defaults;

impl CallbackHandler for Defaults {}

impl Inner {
    fn call(&self, ctx: &Context, method: &'static str) -> Result<()> {
        self.0.lock().unwrap().push(method);
        if ctx.parameter("do").as_deref() == Some("fail") { Err("on purpose".into()) } else { Ok(()) }
    }
}

macro_rules! every_method {
    ($($command:literal $method:ident $event:path;)*) => {
        #[async_trait]
        impl CallbackHandler for Inner {
            $(
                async fn $method(&self, ctx: &Context, event: $event) -> Result<<$event as Event>::Answer> {
                    self.call(ctx, stringify!($method))?;
                    Defaults.$method(ctx, event).await
                }
            )*

            async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
                self.call(ctx, "unknown").map(|()| UnknownAnswer::acknowledge())
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
                self.call(ctx, "undecodable")?;
                Defaults.undecodable(ctx, error).await
            }
        }
    };
}

each_callback!(every_method);

/// Endpoints with this handler itself, and in every kind of pointer.
fn endpoints(inner: &Arc<Inner>) -> Vec<Endpoint> {
    struct Owned(Arc<Inner>);

    // What is not in a pointer: the calls that the others are compared with.
    macro_rules! every_method {
        ($($command:literal $method:ident $event:path;)*) => {
            #[async_trait]
            impl CallbackHandler for Owned {
                $(
                    async fn $method(&self, ctx: &Context, event: $event) -> Result<<$event as Event>::Answer> {
                        Inner::$method(&self.0, ctx, event).await
                    }
                )*

                async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
                    Inner::unknown(&self.0, ctx).await
                }

                async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
                    Inner::undecodable(&self.0, ctx, error).await
                }
            }
        };
    }
    each_callback!(every_method);

    let owned = || Owned(Arc::clone(inner));
    let dynamic: Arc<dyn CallbackHandler> = Arc::new(owned());
    let boxed: Box<dyn CallbackHandler> = Box::new(owned());
    [
        Endpoint::builder(owned()),
        Endpoint::builder(Arc::clone(inner)),
        Endpoint::builder(Box::new(owned())),
        Endpoint::builder(dynamic),
        Endpoint::builder(boxed),
        Endpoint::builder(Arc::new(Box::new(Arc::new(owned())) as Box<dyn CallbackHandler>)),
    ]
    .map(|builder| builder.unverified_app(APP_ID).build().unwrap())
    .into()
}

/// Asks all endpoints the same, which have to answer alike: with this method, and this status.
async fn ask(
    inner: &Inner,
    endpoints: &[Endpoint],
    command: &str,
    body: Bytes,
    method: &str,
    (order, status): (&str, u16),
) {
    let mut first: Option<Response<Bytes>> = None;
    for (number, endpoint) in endpoints.iter().enumerate() {
        let uri = format!("/?SdkAppid={APP_ID}&CallbackCommand={command}&do={order}");
        let answer = endpoint.handle(Request::post(uri).body(body.clone()).unwrap()).await;
        assert_eq!(answer.status(), status, "{command}, {order}, pointer {number}");
        assert_eq!(*inner.0.lock().unwrap(), [method], "{command}, pointer {number}");
        inner.0.lock().unwrap().clear();
        let first = first.get_or_insert_with(|| answer.clone());
        assert_eq!((answer.body(), answer.headers()), (first.body(), first.headers()), "{command}, pointer {number}");
    }
}

#[tokio::test]
async fn a_pointer_to_a_handler_answers_every_callback_as_the_handler_does() {
    let inner = Arc::<Inner>::default();
    let endpoints = endpoints(&inner);
    let mut methods: Vec<_> = CALLBACKS.iter().map(|callback| callback.method).collect();
    for (callback, _, body) in sample::all() {
        for expected in [("", 200), ("fail", 500)] {
            let body = Bytes::from_static(body.as_bytes());
            ask(&inner, &endpoints, callback.command, body, callback.method, expected).await;
        }
        methods.retain(|method| *method != callback.method);
    }
    assert!(methods.is_empty(), "no sample for {methods:?}");
    let body = Bytes::from_static(b"{}");
    for expected in [("", 200), ("fail", 500)] {
        ask(&inner, &endpoints, "Group.CallbackNeverSeen", body.clone(), "unknown", expected).await;
    }
    ask(&inner, &endpoints, "Group.CallbackAfterGroupDestroyed", body, "undecodable", ("", 400)).await;
}

#[tokio::test]
async fn what_a_handler_in_a_pointer_refuses_is_refused() {
    struct Strict;

    #[async_trait]
    impl CallbackHandler for Strict {
        async fn group_before_create_topic(
            &self,
            _: &Context,
            _: group::BeforeCreateTopic,
        ) -> Result<Decision<GroupCode>> {
            Ok(Decision::Refuse)
        }

        async fn undecodable(&self, _: &Context, _: DecodeError) -> Result<Decision<Infallible>> {
            Ok(Decision::Allow)
        }
    }

    let boxed: Box<dyn CallbackHandler> = Box::new(Strict);
    for builder in [Endpoint::builder(Arc::new(Strict)), Endpoint::builder(boxed)] {
        let endpoint = builder.unverified_app(1).build().unwrap();
        let ask = async |body: &'static str| {
            let uri = "/?SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic";
            let answer = endpoint.handle(Request::post(uri).body(Bytes::from(body)).unwrap()).await;
            (answer.status().as_u16(), String::from_utf8(answer.into_body().to_vec()).unwrap())
        };
        let (status, answer) = ask(r#"{"Operator_Account":"a","Type":"Community","Name":"n"}"#).await;
        assert!(status == 200 && answer.contains(r#""ErrorCode":1"#), "{answer}");
        assert_eq!(ask("{").await.0, 200, "`undecodable` is handed on");
    }
}
