//! Callbacks that are sent with an alias of their command.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, StatusCode};
use tencent_im_callback::{
    Callback, CallbackHandler, Command, Context, Endpoint, Event, Result, async_trait, follow, live,
};

const SPELLINGS: [(&str, &str, &str); 2] = [
    (
        "Live.CallbackAfterCloudRecordingChanged",
        "Follow.CallbackAfterCloudRecordingChanged",
        include_str!("../../testkit/samples/requests/Follow.CallbackAfterCloudRecordingChanged.json"),
    ),
    (
        "Live.CallbackMemberStateChanged",
        "Live.CallbackAfterMemberStateChanged",
        include_str!("../../testkit/samples/requests/Live.CallbackAfterMemberStateChanged.json"),
    ),
];

/// Keeps, of what came to it, the word in the query and the word in the body.
#[derive(Default)]
struct App(Mutex<Vec<(String, String)>>);

impl App {
    fn keep<E: Event>(&self, ctx: &Context, event: &E) {
        let named = event.callback_command().map(ToString::to_string).unwrap_or_default();
        self.0.lock().unwrap().push((ctx.command().to_owned(), named));
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn follow_after_cloud_recording_changed(
        &self,
        ctx: &Context,
        event: follow::AfterCloudRecordingChanged,
    ) -> Result<()> {
        self.keep(ctx, &event);
        Ok(())
    }

    async fn live_after_member_state_changed(&self, ctx: &Context, event: live::AfterMemberStateChanged) -> Result<()> {
        self.keep(ctx, &event);
        Ok(())
    }
}

#[test]
fn another_spelling_finds_the_callback() {
    for (word, own, _) in SPELLINGS {
        assert_eq!(Callback::find(word).unwrap().command, own);
        assert_eq!(Callback::find(word), Callback::find(own));
        assert_eq!(Callback::find(&word.to_lowercase()), None);
    }
}

#[test]
fn a_command_keeps_the_word_that_came() {
    for (word, own, _) in SPELLINGS {
        let command = Command::from(word);
        assert_eq!(command.as_str(), word);
        assert_eq!(command.callback().unwrap().command, own);
        assert_ne!(command, Command::from(own));
    }
}

#[tokio::test]
async fn another_spelling_reaches_the_method_from_the_query_and_from_the_body() {
    for (word, own, sample) in SPELLINGS {
        for (in_query, in_body) in [(word, own), (own, word), (word, word), ("", word), ("Live.Unknown", word)] {
            let app = Arc::new(App::default());
            let endpoint = Endpoint::builder(Arc::clone(&app)).unverified_app(1_400_000_001).build().unwrap();
            let uri = format!("/?SdkAppid=1400000001&CallbackCommand={in_query}&contenttype=json");
            let body = Bytes::from(sample.replace(own, in_body));
            let response = endpoint.handle(Request::post(uri).body(body).unwrap()).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(*app.0.lock().unwrap(), [(in_query.to_owned(), in_body.to_owned())]);
        }
    }
}
