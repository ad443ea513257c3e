//! Every field of every sample, at every depth, removed and replaced: no callback is lost for a field that
//! may be absent, and the path of those that may not is reported.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::Request;
use serde_json::Value;
use tencent_im_callback::{
    Callback, CallbackHandler, Context, Decision, DecodeError, Endpoint, Phase, Result, async_trait,
};
use tencent_im_callback_testkit::sample;

/// Values of every kind, in the place of others; some cannot even be held by a [`Value`].
const ODD: [&str; 9] = ["true", "null", "1.5", "-7", "1e999", r#""\ud800""#, r#""odd""#, "[[]]", r#"{"odd":[1]}"#];

/// Stands in a body for what is to be written there.
const PLACE: &str = "\"the place of the odd value\"";

/// Keeps the path of the last fault.
#[derive(Default)]
struct App(Mutex<Option<String>>);

#[async_trait]
impl CallbackHandler for App {
    async fn undecodable(&self, _: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        *self.0.lock().unwrap() = Some(error.path().to_owned());
        Err(error.into())
    }
}

/// Asks one endpoint about many bodies.
struct Bench {
    endpoint: Endpoint,
    app: Arc<App>,
}

impl Bench {
    fn new() -> Self {
        let app = Arc::<App>::default();
        let endpoint = Endpoint::builder(app.clone()).unverified_app(1).build().unwrap();
        Self { endpoint, app }
    }

    /// The path of the fault, or that the body reached a method.
    async fn fault(&self, command: &str, body: String) -> Option<String> {
        let uri = format!("/?SdkAppid=1&CallbackCommand={command}");
        let shown = body.clone();
        let response = self.endpoint.handle(Request::post(uri).body(body.into()).unwrap()).await;
        let fault = self.app.0.lock().unwrap().take();
        let undecodable = match Callback::find(command).map(|callback| callback.phase) {
            Some(Phase::Before) => 500,
            _ => 400,
        };
        assert_eq!(response.status(), if fault.is_some() { undecodable } else { 200 }, "{command}: {shown}");
        fault
    }
}

/// The JSON pointers to all fields, with the paths as they are reported.
fn fields(value: &Value, pointer: &str, path: &str, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields_of) => {
            for (key, value) in fields_of {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                all.push((pointer.clone(), path.clone()));
                fields(value, &pointer, &path, all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                fields(item, &format!("{pointer}/{index}"), &format!("{path}[{index}]"), all);
            }
        }
        _ => {}
    }
}

fn remove(body: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
    let key = key.replace("~1", "/").replace("~0", "~");
    body.pointer_mut(parent).and_then(Value::as_object_mut).expect("fields are in objects").remove(&key);
}

#[tokio::test]
async fn a_field_that_may_be_absent_may_be_anything() {
    let bench = Bench::new();
    let mut seen = 0;
    for (callback, variant, text) in sample::all() {
        let (command, body): (_, Value) = (callback.command, serde_json::from_str(text).unwrap());
        assert_eq!(bench.fault(command, text.to_owned()).await, None, "{command} {variant}");
        let mut all = Vec::new();
        fields(&body, "", "", &mut all);
        for (pointer, path) in all {
            let mut without = body.clone();
            remove(&mut without, &pointer);
            let fault = bench.fault(command, without.to_string()).await;
            if let Some(fault) = &fault {
                assert!(
                    path.starts_with(fault.as_str()) || fault.starts_with(&path),
                    "{fault} for {path} of {command}"
                );
            }
            let mut odd = body.clone();
            *odd.pointer_mut(&pointer).unwrap() = PLACE.trim_matches('"').into();
            for text in [odd.to_string(), format!("{odd:#}")] {
                for value in ODD {
                    let odd_fault = bench.fault(command, text.replace(PLACE, value)).await;
                    seen += 1;
                    match (&fault, &odd_fault) {
                        (None, Some(odd)) => panic!("{command} {variant} is lost at {odd} for {value} as {path}"),
                        (Some(fault), Some(odd)) => {
                            assert!(odd.starts_with(fault.as_str()), "{odd}, not {fault}, for {value} in {command}");
                        }
                        (_, None) => {}
                    }
                }
            }
        }
    }
    assert!(seen > 20_000, "only {seen}");
}
