//! docs/observing.md names what the code writes: the span's fields, log lines, outcomes, metrics.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{CallbackHandler, Endpoint, Outcome};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

mod observed_page;

use observed_page::table;

fn column(table: &[Vec<String>], at: usize) -> Vec<&str> {
    table.iter().map(|row| row[at].as_str()).collect()
}

struct Silent;

impl CallbackHandler for Silent {}

/// Has a callback handled.
fn handle_one() {
    let endpoint = Endpoint::builder(Silent).unverified_app(1).build().unwrap();
    let uri = "/?SdkAppid=1&CallbackCommand=Group.CallbackAfterGroupDestroyed";
    let request = Request::post(uri).body(Bytes::from(r#"{"GroupId":"g"}"#)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(endpoint.handle(request)).status(), 200);
}

/// Held while callbacks are handled: a span that is first met without a subscriber while another thread sets one
/// may stay unseen, for `tracing` remembers who is interested.
static ALONE: Mutex<()> = Mutex::new(());

/// Keeps the names and the fields of the spans.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Seen>>>);

/// A span's name, and those of its fields.
type Seen = (&'static str, Vec<&'static str>);

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let metadata = span.metadata();
        let mut spans = self.0.lock().unwrap();
        spans.push((metadata.name(), metadata.fields().iter().map(|field| field.name()).collect()));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn the_fields_of_the_span_are_on_the_page() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let spans = Spans::default();
    tracing::subscriber::with_default(spans.clone(), handle_one);
    let page = table("fields");
    assert_eq!(*spans.0.lock().unwrap(), [("callback", column(&page, 0))]);
}

/// Keeps how long the values are that the lines of the log have.
#[derive(Clone, Default)]
struct Lengths(Arc<Mutex<Vec<usize>>>);

impl Visit for Lengths {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push(format!("{value:?}").len());
    }
}

impl Subscriber for Lengths {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_stranger_cannot_write_long_lines_into_the_log() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let lengths = Lengths::default();
    let long = "%C3%A4".repeat(2_000);
    let strange = [
        (format!("/?SdkAppid={long}&CallbackCommand={long}"), 403),
        (format!("/?SdkAppid=1&CallbackCommand={long}&Sign={long}&RequestTime={long}"), 401),
        (format!("/?SdkAppid=1&CallbackCommand={long}&ClientIP={long}&OptPlatform={long}"), 401),
        (format!("/?SdkAppid=1&SdkAppid={long}&{long}={long}"), 400),
    ];
    tracing::subscriber::with_default(lengths.clone(), || {
        let endpoint = Endpoint::builder(Silent).app(1, ["the token"]).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for (uri, status) in strange {
            let request = Request::post(uri).body(Bytes::new()).unwrap();
            assert_eq!(runtime.block_on(endpoint.handle(request)).status(), status);
        }
    });
    let lengths = lengths.0.lock().unwrap();
    assert!(lengths.len() >= 8, "{lengths:?}");
    assert!(lengths.iter().all(|length| *length <= 200), "{lengths:?}");
}

#[test]
fn the_log_lines_on_the_page_are_written() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources: Vec<_> = [source.join("endpoint"), source.join("wire"), source]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for row in table("lines") {
        let line = format!("\"{}\"", row[1]);
        let source = sources.iter().find(|source| source.contains(&line));
        let (before, _) = source.and_then(|source| source.split_once(&line)).unwrap_or_else(|| panic!("no {line}"));
        let (_, call) = before.rsplit_once("tracing::").expect("a line of the log");
        assert!(call.starts_with(&format!("{}!(", row[0])), "{line} is not written as {}", row[0]);
    }
}

#[test]
fn all_outcomes_are_on_the_page() {
    let words: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    assert_eq!(column(&table("outcomes"), 0), words);
}

#[cfg(feature = "metrics")]
mod metered {
    use tencent_im_callback::UnknownAnswer;

    use super::{observed_page::metered::Names, *};

    /// A method that is late.
    struct Late;

    #[tencent_im_callback::async_trait]
    impl CallbackHandler for Late {
        async fn unknown(&self, _: &tencent_im_callback::Context) -> tencent_im_callback::Result<UnknownAnswer> {
            tokio::time::sleep(std::time::Duration::from_millis(40)).await;
            Ok(UnknownAnswer::acknowledge())
        }
    }

    #[test]
    fn all_metrics_are_on_the_page() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let names = Names::default();
        metrics::with_local_recorder(&names, || {
            let deadline = std::time::Duration::from_millis(10);
            let endpoint = Endpoint::builder(Late).unverified_app(1).deadline(deadline).build().unwrap();
            let request = Request::post("/?SdkAppid=1&CallbackCommand=X.Y").body(Bytes::from("{}")).unwrap();
            // One thread, this one: the recorder is this thread's.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                endpoint.handle(request).await;
                endpoint.drain().await;
            });
        });
        let page: Vec<_> = table("metrics").into_iter().map(|row| row[..3].to_vec()).collect();
        assert_eq!(names.rows(), page);
    }
}
