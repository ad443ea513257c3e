//! Layers around the handler methods, and the method for all *after* callbacks.

use std::{
    convert::Infallible,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use tencent_im_callback::{
    CALLBACKS, Callback, CallbackHandler, Context, Decision, DecodeError, Endpoint, EndpointBuilder, GroupCode,
    HandlerLayer, MethodAnswer, Next, Observer, OnFailure, Outcome, Phase, Report, Result, UnknownAnswer, async_trait,
    group,
};

/// What happened, in order.
#[derive(Clone, Default)]
struct Steps(Arc<Mutex<Vec<String>>>);

impl Steps {
    fn add(&self, step: impl Into<String>) {
        self.0.lock().unwrap().push(step.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Handler(Steps);

#[async_trait]
impl CallbackHandler for Handler {
    async fn group_before_create_topic(
        &self,
        _: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.0.add("the method");
        match event.name.as_str() {
            "spam" => Ok(Decision::refuse_with(const { GroupCode::new(10_123) }, "no spam")),
            _ => Ok(Decision::Allow),
        }
    }

    async fn unknown(&self, _: &Context) -> Result<UnknownAnswer> {
        self.0.add("unknown");
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, _: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        self.0.add("undecodable");
        Err(error.into())
    }
}

/// Notes what it sees before and after the method.
struct Noting(&'static str, Steps);

#[async_trait]
impl HandlerLayer for Noting {
    async fn call(&self, ctx: &Context, next: Next<'_>) -> Result<MethodAnswer> {
        let Self(name, steps) = self;
        let command = ctx.callback().map_or("no callback", |callback| callback.command);
        let identity = next.identity();
        steps.add(format!("{name} before {} of {command}, {:?}", next.method(), identity.as_ref().map(AsRef::as_ref)));
        let answer = next.run().await;
        match &answer {
            Ok(answer) => steps.add(format!("{name} after: {} {}", answer.outcome(), answer.code())),
            Err(error) => steps.add(format!("{name} after: {error}")),
        }
        answer
    }
}

/// Does what the parameter `layer` says in place of the method.
struct Deciding;

#[async_trait]
impl HandlerLayer for Deciding {
    async fn call(&self, ctx: &Context, next: Next<'_>) -> Result<MethodAnswer> {
        match ctx.parameter("layer").as_deref() {
            Some("allow") => Ok(next.allow()),
            Some("refuse") => next.refuse(),
            Some("fail") => Err("the layer fails".into()),
            Some("panic") => panic!("the layer panics"),
            Some("wait") => std::future::pending().await,
            _ => next.run().await,
        }
    }
}

/// Notes the outcome of every request.
struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Outcomes {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push(report.outcome);
    }
}

fn request(command: &str, parameters: &str, body: &str) -> Request<Bytes> {
    let uri = format!("/?SdkAppid=1&CallbackCommand={command}{parameters}");
    Request::post(uri).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn topic(parameters: &str, name: &str) -> Request<Bytes> {
    let body = format!(r#"{{"GroupId":"g","Operator_Account":"a","Type":"Community","Name":"{name}"}}"#);
    request("Group.CallbackBeforeCreateTopic", parameters, &body)
}

fn destroyed(parameters: &str) -> Request<Bytes> {
    request("Group.CallbackAfterGroupDestroyed", parameters, r#"{"GroupId":"g","EventTime":1}"#)
}

/// The status and the `ErrorCode` of an answer.
fn status_and_code(response: &Response<Bytes>) -> (u16, u64) {
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body["ErrorCode"].as_u64().unwrap())
}

fn builder(steps: &Steps) -> EndpointBuilder {
    Endpoint::builder(Handler(steps.clone())).unverified_app(1)
}

#[tokio::test]
async fn layers_are_called_around_the_method_the_first_outermost() {
    let steps = Steps::default();
    let endpoint =
        builder(&steps).layer(Noting("outer", steps.clone())).layer(Noting("inner", steps.clone())).build().unwrap();
    let response = endpoint.handle(topic("", "spam")).await;
    assert_eq!(status_and_code(&response), (200, 10_123));
    let before = "before group_before_create_topic of Group.CallbackBeforeCreateTopic, None";
    let expected = [
        &format!("outer {before}"),
        &format!("inner {before}"),
        "the method",
        "inner after: refuse 10123",
        "outer after: refuse 10123",
    ];
    assert_eq!(steps.take(), expected);
}

#[tokio::test]
async fn a_layer_gets_the_identity_of_the_event_with_the_application() {
    let steps = Steps::default();
    let endpoint = builder(&steps).layer(Noting("layer", steps.clone())).build().unwrap();
    let body = r#"{"GroupId":"g","From_Account":"a","MsgSeq":7,"MsgKey":"7_1","MsgTime":1,"MsgBody":[]}"#;
    let response = endpoint.handle(request("Group.CallbackAfterSendMsg", "", body)).await;
    assert_eq!(response.status(), 200);
    let [before, after] = &steps.take()[..] else { panic!("two steps") };
    assert!(before.contains(r#"Some("1|Group.CallbackAfterSendMsg|g|"#), "{before}");
    assert_eq!(after, "layer after: ack 0", "a callback without a method passes the layers too");
}

#[tokio::test]
async fn unknown_and_undecodable_callbacks_pass_the_layers() {
    let (steps, outcomes) = (Steps::default(), Arc::default());
    let endpoint = builder(&steps)
        .layer(Noting("layer", steps.clone()))
        .layer(Deciding)
        .observer(Outcomes(Arc::clone(&outcomes)))
        .build()
        .unwrap();

    let response = endpoint.handle(request("X.Y", "", "{}")).await;
    assert_eq!(status_and_code(&response), (200, 0));
    assert_eq!(steps.take(), ["layer before unknown of no callback, None", "unknown", "layer after: unknown 0"]);

    for (layer, answer) in [("", (500, 500)), ("&layer=refuse", (200, 1)), ("&layer=allow", (200, 0))] {
        let response = endpoint.handle(request("Group.CallbackBeforeCreateTopic", layer, "no JSON")).await;
        assert_eq!(status_and_code(&response), answer, "{layer}");
        let first = "layer before undecodable of Group.CallbackBeforeCreateTopic, None";
        assert_eq!(steps.take()[0], first, "{layer}");
    }
    assert_eq!(status_and_code(&endpoint.handle(request("X.Y", "&layer=refuse", "{}")).await), (200, 1));
    let expected =
        [Outcome::Unknown, Outcome::Undecodable, Outcome::Undecodable, Outcome::Undecodable, Outcome::Unknown];
    assert_eq!(*outcomes.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_layer_can_answer_without_the_method() {
    let steps = Steps::default();
    let endpoint = builder(&steps).layer(Deciding).build().unwrap();
    assert_eq!(status_and_code(&endpoint.handle(topic("&layer=refuse", "a")).await), (200, 1));
    assert_eq!(status_and_code(&endpoint.handle(topic("&layer=allow", "spam")).await), (200, 0));
    assert_eq!(status_and_code(&endpoint.handle(destroyed("&layer=allow")).await), (200, 0));
    assert!(steps.take().is_empty(), "no method was called");
    assert_eq!(endpoint.handle(destroyed("&layer=refuse")).await.status(), 500, "it cannot be refused");
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_a_layer_is_answered_by_the_policy() {
    let steps = Steps::default();
    for (policy, status, code) in
        [(OnFailure::Defer, 500, 500), (OnFailure::Refuse, 200, 1), (OnFailure::Allow, 200, 0)]
    {
        let builder = builder(&steps).layer(Deciding).on_failure(policy).deadline(Duration::from_millis(20));
        let endpoint = builder.build().unwrap();
        for layer in ["&layer=fail", "&layer=panic", "&layer=wait"] {
            let response = endpoint.handle(topic(layer, "a")).await;
            assert_eq!(status_and_code(&response), (status, code), "{layer} with {policy:?}");
        }
    }
    assert!(steps.take().is_empty(), "no method was called");
}

/// Gets every *after* callback but one.
struct Archive(Steps);

#[async_trait]
impl CallbackHandler for Archive {
    async fn group_after_group_destroyed(&self, _: &Context, _: group::AfterGroupDestroyed) -> Result<()> {
        self.0.add("a method of its own");
        Ok(())
    }

    async fn other_after(&self, ctx: &Context, callback: &'static Callback) -> Result<()> {
        assert_eq!(ctx.callback(), Some(callback));
        self.0.add(format!("{} with {} bytes", callback.command, ctx.body().len()));
        match ctx.parameter("fails") {
            Some(_) => Err("it fails".into()),
            None => Ok(()),
        }
    }
}

/// The body of a callback.
fn sample(callback: &Callback) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let is_sample = |name: &str| name.strip_prefix(callback.command).is_some_and(|rest| rest.starts_with('.'));
    let mut files = files.filter(|file| file.file_name().to_str().is_some_and(is_sample));
    fs::read_to_string(files.next().unwrap().path()).unwrap()
}

#[tokio::test]
async fn every_after_callback_without_a_method_is_passed_to_other_after() {
    let steps = Steps::default();
    let endpoint = Endpoint::builder(Archive(steps.clone())).unverified_app(1).build().unwrap();
    // Behind pointers too, which pass it on.
    let boxed: Box<dyn CallbackHandler> = Box::new(Archive(steps.clone()));
    let pointed = Endpoint::builder(Arc::new(boxed)).unverified_app(1).build().unwrap();
    for callback in CALLBACKS {
        let body = sample(callback);
        for endpoint in [&endpoint, &pointed] {
            let response = endpoint.handle(request(callback.command, "", &body)).await;
            assert_eq!(response.status(), 200, "{callback:?}");
            let expected = match (callback.phase, callback.method) {
                (_, "group_after_group_destroyed") => vec!["a method of its own".to_owned()],
                (Phase::After, _) => vec![format!("{} with {} bytes", callback.command, body.len())],
                _ => vec![],
            };
            assert_eq!(steps.take(), expected, "{callback:?}");
        }
    }
    let topic = Callback::find("Group.CallbackAfterCreateTopic").unwrap();
    let response = endpoint.handle(request(topic.command, "&fails=1", &sample(topic))).await;
    assert_eq!(response.status(), 500, "its error is answered by the policy");
    assert_eq!(endpoint.handle(request("X.Y", "", "{}")).await.status(), 200);
    assert_eq!(steps.take().len(), 1, "an unknown command is not passed to it");
}
