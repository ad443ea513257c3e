//! The requests that the page and programs can make. docs/inspector.md lists them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tencent_im_callback_testkit::recording::{Recording, Writer};
use tokio::time::timeout;

use super::{
    Inspector, assets, catalog, copies, detail,
    entry::{Entry, Origin},
    events::{self, Position},
    filter::Filter,
    resend::{self, Wanted},
    ring::{changes, gone},
    server::{Line, PageBody, json_of, problem, text},
    share,
};

/// How long the body of a request is at most.
const BODY: usize = 32 * 1024 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(20);
/// How many rows are listed at most.
const ROWS: usize = 1000;
/// The longest time that `wait` waits.
const WAIT: Duration = Duration::from_secs(60);

pub(super) async fn respond(
    request: Request<Incoming>,
    inspector: &Arc<Inspector>,
    line: &Arc<Line>,
) -> Response<PageBody> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let query = Query::of(head.uri.query().unwrap_or_default());
    if head.method == Method::GET {
        return get(&path, &query, head.headers.get("last-event-id"), inspector, line).await;
    }
    if head.method != Method::POST {
        return problem(StatusCode::METHOD_NOT_ALLOWED, "GET and POST are the methods");
    }
    let body = match timeout(BODY_TIME, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long, or broke off"),
        Err(_) => return problem(StatusCode::REQUEST_TIMEOUT, "the body is too slow"),
    };
    match post(&path, &body, inspector).await {
        Ok(value) => json_of(&value),
        Err(Fault::NotFound) => problem(StatusCode::NOT_FOUND, "there is no such path"),
        Err(Fault::Wrong(error)) => problem(StatusCode::BAD_REQUEST, &error),
    }
}

async fn get(
    path: &str,
    query: &Query,
    last_event: Option<&HeaderValue>,
    inspector: &Arc<Inspector>,
    line: &Arc<Line>,
) -> Response<PageBody> {
    if let Some((kind, asset)) = assets::find(path) {
        return text(StatusCode::OK, kind, asset);
    }
    let filter = || Filter::parse(query.get("q").unwrap_or_default());
    let id_of = |name: &str| query.get(name).and_then(|id| id.parse::<u64>().ok());
    match path {
        "/api/state" => json_of(&inspector.state()),
        "/api/answers" => {
            json_of(&json!({ "answers": inspector.settings.answers.as_ref().map(|answers| answers.list()) }))
        }
        "/api/catalog" => json_of(&catalog::all()),
        "/api/sample" => {
            let (command, variant) =
                (query.get("command").unwrap_or_default(), query.get("variant").unwrap_or_default());
            match catalog::sample_of(command, variant) {
                Some(sample) => text(StatusCode::OK, "application/json", sample),
                None => problem(StatusCode::NOT_FOUND, "there is no such sample"),
            }
        }
        "/api/callbacks" => json_of(&list(inspector, &filter(), id_of("limit"))),
        "/api/events" => {
            let resumed = last_event.and_then(|id| Position::parse(id.to_str().ok()?));
            let after = resumed.or_else(|| Position::parse(query.get("after")?)).unwrap_or(Position::new(0, 0));
            events::stream(inspector, filter(), after, line)
        }
        "/api/wait" => wait(inspector, &filter(), id_of("after"), id_of("timeout_ms")).await,
        "/api/diff" => match (id_of("a"), id_of("b")) {
            (Some(before), Some(after)) => diff(inspector, before, after, query.get("ignore").unwrap_or_default()),
            _ => problem(StatusCode::BAD_REQUEST, "`a` and `b` are the numbers of two callbacks"),
        },
        "/api/recording" => recording(inspector, &filter(), query.get("whole") == Some("1")),
        _ => {
            let Some(rest) = path.strip_prefix("/api/callbacks/") else {
                return problem(StatusCode::NOT_FOUND, "there is no such path");
            };
            let (id, is_copy) = rest.strip_suffix("/copy").map_or((rest, false), |id| (id, true));
            let entry = id.parse().ok().and_then(|id| inspector.ring().get(id));
            match entry {
                Some(entry) if is_copy => json_of(&copies::of(&entry, &inspector.url())),
                Some(entry) => json_of(&detail::of(&entry, inspector)),
                None => problem(StatusCode::NOT_FOUND, &gone(id.parse().unwrap_or_default())),
            }
        }
    }
}

/// Why a change was not made.
enum Fault {
    NotFound,
    /// The request is wrong. The text is for the user.
    Wrong(String),
}

impl From<String> for Fault {
    fn from(error: String) -> Self {
        Self::Wrong(error)
    }
}

/// Callbacks to send again: these, or all that a filter shows.
#[derive(Deserialize)]
struct Replay {
    #[serde(default)]
    ids: Vec<u64>,
    q: Option<String>,
}

/// A body for the decoder.
#[derive(Deserialize)]
struct Check {
    command: String,
    body: String,
}

/// The text of a recording.
#[derive(Deserialize)]
struct Opened {
    text: String,
}

/// A pin or a note.
#[derive(Deserialize)]
struct Mark {
    pinned: Option<bool>,
    note: Option<String>,
}

/// An answer to set, or the wish to remove all.
#[derive(Deserialize)]
struct Set {
    #[serde(default)]
    clear: bool,
    #[serde(default)]
    command: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    once: bool,
}

async fn post(path: &str, body: &Bytes, inspector: &Arc<Inspector>) -> Result<Value, Fault> {
    match path {
        "/api/replay" => {
            let wanted: Replay = read(body)?;
            let ids = match wanted.q {
                Some(q) => originals(inspector, &Filter::parse(&q)),
                None => wanted.ids,
            };
            if ids.len() > resend::AT_ONCE {
                return Err(Fault::Wrong(format!("{} callbacks are sent again at once at most", resend::AT_ONCE)));
            }
            Ok(resend::replay_all(inspector, ids).await)
        }
        "/api/send" => {
            let wanted: Wanted = read(body)?;
            Ok(json!({ "id": resend::send(inspector, wanted).await? }))
        }
        "/api/check" => {
            let wanted: Check = read(body)?;
            Ok(resend::check(&wanted.command, wanted.body))
        }
        "/api/answers" => set_answer(inspector, body),
        "/api/recording" => {
            let opened: Opened = read(body)?;
            let recording = Recording::read(opened.text.as_bytes()).map_err(|error| error.to_string())?;
            let count = recording.len();
            recording.into_iter().for_each(|recorded| {
                inspector.add(Entry::of_recording(recorded));
            });
            Ok(json!({ "opened": count }))
        }
        "/api/clear" => {
            let _: Value = read(body)?;
            inspector.ring().clear();
            Ok(json!({}))
        }
        _ => {
            let id = path.strip_prefix("/api/callbacks/").and_then(|id| id.parse().ok()).ok_or(Fault::NotFound)?;
            let mark: Mark = read(body)?;
            inspector.ring().mark(id, mark.pinned, mark.note)?;
            inspector.touch();
            Ok(json!({}))
        }
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::Wrong(format!("the body cannot be read: {error}")))
}

/// The callbacks that fit, but those that the page has sent again itself; the oldest first.
fn originals(inspector: &Inspector, filter: &Filter) -> Vec<u64> {
    let ring = inspector.ring();
    let entries = ring.iter().filter(|entry| !matches!(entry.origin, Origin::Replay(_)) && filter.matches(entry));
    entries.map(|entry| entry.id).collect()
}

fn set_answer(inspector: &Inspector, body: &Bytes) -> Result<Value, Fault> {
    let set: Set = read(body)?;
    let answers =
        inspector.settings.answers.as_ref().ok_or_else(|| "only `listen --ui` answers callbacks".to_owned())?;
    if set.clear {
        answers.clear();
    } else {
        answers.set(&set.command, &set.answer, Duration::from_millis(set.delay_ms), set.once)?;
    }
    inspector.touch();
    Ok(json!({ "answers": answers.list() }))
}

fn list(inspector: &Inspector, filter: &Filter, limit: Option<u64>) -> Value {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ROWS).min(ROWS);
    let ring = inspector.ring();
    let entries: Vec<_> = ring.iter().cloned().collect();
    let position = Position::new(ring.revision(), ring.last_id());
    drop(ring);
    let fitting: Vec<_> = entries.iter().filter(|entry| filter.matches(entry)).collect();
    let rows: Vec<_> = fitting.iter().rev().take(limit).map(|entry| entry.row()).collect();
    json!({ "rows": rows, "count": fitting.len(), "all": entries.len(), "position": position.text() })
}

/// The first callback that fits and has a number over `after`; 204 if there is none in time.
async fn wait(
    inspector: &Arc<Inspector>,
    filter: &Filter,
    after: Option<u64>,
    time: Option<u64>,
) -> Response<PageBody> {
    let time = time.map_or(Duration::from_secs(10), Duration::from_millis).min(WAIT);
    let mut changed = inspector.changed.subscribe();
    let mut after = after.unwrap_or_else(|| inspector.ring().last_id());
    let found = async {
        loop {
            changed.mark_unchanged();
            let entries: Vec<_> = inspector.ring().iter().filter(|entry| entry.id > after).cloned().collect();
            if let Some(entry) = entries.iter().find(|entry| filter.matches(entry)) {
                return Arc::clone(entry);
            }
            after = entries.last().map_or(after, |entry| entry.id);
            // The sender is in `inspector`.
            let _ = changed.changed().await;
        }
    };
    match timeout(time, found).await {
        Ok(entry) => json_of(&detail::of(&entry, inspector)),
        Err(_) => text(StatusCode::NO_CONTENT, "application/json", ""),
    }
}

fn diff(inspector: &Inspector, before: u64, after: u64, ignore: &str) -> Response<PageBody> {
    let Some(first) = inspector.ring().get(before) else { return problem(StatusCode::NOT_FOUND, &gone(before)) };
    let Some(second) = inspector.ring().get(after) else { return problem(StatusCode::NOT_FOUND, &gone(after)) };
    let Some(found) = changes(&first, &second) else {
        return problem(StatusCode::BAD_REQUEST, "one of the two callbacks has no answer");
    };
    let ignored: Vec<_> = ignore.split(',').map(str::trim).filter(|pointer| !pointer.is_empty()).collect();
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let is_ignored = |at: &str| ignored.iter().any(|pointer| at.strip_prefix(pointer).is_some_and(is_below));
    let found: Vec<_> = found
        .iter()
        .filter(|difference| !is_ignored(&difference.at))
        .map(|difference| json!({ "at": difference.at, "before": difference.before, "after": difference.after }))
        .collect();
    json_of(&json!({ "a": before, "b": after, "differences": found }))
}

/// The callbacks that fit, as a recording; bodies that are cut are left out.
fn recording(inspector: &Inspector, filter: &Filter, is_whole: bool) -> Response<PageBody> {
    let entries: Vec<_> = inspector.ring().iter().cloned().collect();
    let mut lines = Vec::new();
    let mut writer = Writer::new(&mut lines);
    for entry in entries.iter().filter(|entry| !entry.is_cut() && filter.matches(entry)) {
        // Writing to memory does not fail.
        let _ = if is_whole { writer.write(&entry.recorded) } else { writer.write(&share::shared(&entry.recorded)) };
    }
    let mut response = text(StatusCode::OK, "application/jsonl", lines);
    let name =
        if is_whole { "attachment; filename=\"callbacks.jsonl\"" } else { "attachment; filename=\"shared.jsonl\"" };
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

/// The parameters of a request, percent-decoded, with a space for a plus.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(text: &str) -> Self {
        let decoded = |text: &str| crate::diagnosis::decoded(&text.replace('+', " ")).unwrap_or_default();
        let pieces = text.split('&').filter_map(|piece| piece.split_once('='));
        Self(pieces.map(|(key, value)| (key.to_owned(), decoded(value))).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
