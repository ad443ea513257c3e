//! The stream of events: rows as they are added and changed.
//!
//! A stream has no queue of its own. It looks into the ring whenever something has changed, so a slow page costs no
//! memory, and the stream says how many rows the page has missed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{
    Either,
    channel::{Channel, Sender},
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    Inspector,
    filter::Filter,
    server::{Line, PageBody, problem},
};

/// How many streams there are at most.
const STREAMS: usize = 16;
/// How many rows an event has at most.
const ROWS: usize = 200;
/// How long a page may take to read an event.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a stream without news says that it is there.
const ALIVE: Duration = Duration::from_secs(15);
/// Rows that are added within this time are one event.
const PAUSE: Duration = Duration::from_millis(30);
/// The time between two events with rows: a browser that draws more often takes time from the receiver.
const INTERVAL: Duration = Duration::from_millis(250);

/// What a page has seen: the last change, and the last number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    revision: u64,
    id: u64,
}

impl Position {
    pub(super) const fn new(revision: u64, id: u64) -> Self {
        Self { revision, id }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (revision, id) = text.split_once('-')?;
        Some(Self { revision: revision.parse().ok()?, id: id.parse().ok()? })
    }

    pub(super) fn text(self) -> String {
        format!("{}-{}", self.revision, self.id)
    }
}

/// Starts a stream behind `after`.
pub(super) fn stream(
    inspector: &Arc<Inspector>,
    filter: Filter,
    after: Position,
    line: &Arc<Line>,
) -> Response<PageBody> {
    if inspector.streams.fetch_add(1, Ordering::Relaxed) >= STREAMS {
        inspector.streams.fetch_sub(1, Ordering::Relaxed);
        return problem(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open");
    }
    let (sender, body) = Channel::new(1);
    let (inspector, line) = (Arc::clone(inspector), Arc::clone(line));
    tokio::spawn(async move {
        if send(&inspector, &filter, after, sender, &line).await.is_err() {
            line.stuck.notify_one();
        }
        inspector.streams.fetch_sub(1, Ordering::Relaxed);
        inspector.touch();
    });
    let mut response = Response::new(Either::Right(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

/// The page does not read.
struct Stuck;

/// Sends events until the page has gone.
async fn send(
    inspector: &Inspector,
    filter: &Filter,
    mut at: Position,
    mut to: Sender<Bytes>,
    line: &Line,
) -> Result<(), Stuck> {
    let mut changed = inspector.changed.subscribe();
    inspector.touch();
    let mut state = Value::Null;
    loop {
        changed.mark_unchanged();
        let (event, is_all) = next(inspector, filter, &mut at);
        let now = inspector.state();
        let mut text = event.map(|event| written("rows", Some(at), &event)).unwrap_or_default();
        if now != state {
            text += &written("state", None, &now);
            state = now;
        }
        if text.is_empty() && is_all {
            let waited = tokio::select! {
                waited = timeout(ALIVE, changed.changed()) => waited,
                () = line.ended.notified() => return Ok(()),
            };
            if waited.is_ok() {
                sleep(PAUSE).await;
                continue;
            }
            text = ":\n\n".into();
        }
        if !text.is_empty() {
            match timeout(PATIENCE, to.send_data(text.into())).await {
                Err(_) => return Err(Stuck),
                // The page has been closed.
                Ok(Err(_)) => return Ok(()),
                Ok(Ok(())) => sleep(INTERVAL).await,
            }
        }
    }
}

/// The rows behind `at`, oldest change first, and whether these are all.
fn next(inspector: &Inspector, filter: &Filter, at: &mut Position) -> (Option<Value>, bool) {
    let ring = inspector.ring();
    let missed = ring.missed(at.id);
    let mut entries: Vec<_> = ring.iter().filter(|entry| entry.revision > at.revision).cloned().collect();
    let (revision, last_id) = (ring.revision(), ring.last_id());
    drop(ring);
    entries.sort_by_key(|entry| entry.revision);
    let is_all = entries.len() <= ROWS;
    entries.truncate(ROWS);
    let reached = if is_all { revision } else { entries.last().map_or(revision, |entry| entry.revision) };
    let id = if is_all { last_id } else { entries.iter().map(|entry| entry.id).max().unwrap_or(last_id) };
    *at = Position::new(reached, id.max(at.id));
    let rows: Vec<_> = entries.iter().filter(|entry| filter.matches(entry)).map(|entry| entry.row()).collect();
    // A row that no longer fits, after a change of its note, leaves the list.
    let gone: Vec<_> = entries.iter().filter(|entry| !filter.matches(entry)).map(|entry| entry.id).collect();
    let is_news = !rows.is_empty() || !gone.is_empty() || missed > 0;
    (is_news.then(|| json!({ "rows": rows, "gone": gone, "missed": missed })), is_all)
}

fn written(event: &str, id: Option<Position>, data: &Value) -> String {
    let id = id.map(|id| format!("id: {}\n", id.text())).unwrap_or_default();
    // JSON has no line break outside of its texts, and an escape for one within.
    format!("{id}event: {event}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        let position = Position::new(12, 7);
        assert_eq!(Position::parse(&position.text()), Some(position));
        for text in ["", "12", "-", "a-1", "1-b", "1--2"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_event_is_one_line_of_data() {
        let event = written("rows", Some(Position::new(1, 2)), &json!({ "text": "a\nid: 9\n\n" }));
        assert_eq!(event, "id: 1-2\nevent: rows\ndata: {\"text\":\"a\\nid: 9\\n\\n\"}\n\n");
    }
}
