//! A sample with new ids, keys and times, as the service gives them to each callback.
//!
//! A receiver that removes repetitions would take the sample for one that it has seen.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};
use tencent_im_callback::{Callback, Event, c2c, group, live};
use uuid::Uuid;

/// Unix times in seconds and in milliseconds that a sample can have.
const SECONDS: std::ops::Range<u64> = 1_000_000_000..10_000_000_000;
const MILLIS: std::ops::Range<u64> = 1_000_000_000_000..10_000_000_000_000;

/// The callbacks that nothing but a time in seconds tells from others like them.
const BY_SECONDS: [&str; 2] = [c2c::AfterMsgReport::COMMAND, live::AfterCreateRoom::COMMAND];
/// The callbacks about the beginning or the end of topics, which happens once.
const OF_TOPICS: [&str; 2] = [group::AfterCreateTopic::COMMAND, group::AfterTopicDestroyed::COMMAND];

/// The last time that was given to a body, in milliseconds: no two bodies of a run have the same.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Gives the body of a sample new ids, keys and times. The times keep their distances; the latest is now.
pub(crate) fn freshen(callback: &Callback, body: &mut Value) {
    let mut latest = 0;
    each_field(body, &mut |key, value| latest = latest.max(time_of(key, value).map_or(0, |(millis, _)| millis)));
    let step = if BY_SECONDS.contains(&callback.command) { 1000 } else { 1 };
    let ahead = next_millis(step).saturating_sub(latest);
    let mut fresh = Fresh { ahead, has_own_topics: OF_TOPICS.contains(&callback.command), ..Fresh::default() };
    // Keys are made of numbers, so the numbers are first.
    each_field(body, &mut |key, value| fresh.number(key, value));
    each_field(body, &mut |key, value| fresh.id(key, value));
}

/// The time of the next body, which is so many milliseconds at least after that of the last.
fn next_millis(step: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let now = u64::try_from(now).unwrap_or_default();
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + step)));
    now.max(last.unwrap_or_default() + step)
}

/// The fields of a body, at every depth, that are text or a number.
fn each_field(value: &mut Value, of: &mut impl FnMut(&str, &mut Value)) {
    fn within(key: &str, value: &mut Value, of: &mut impl FnMut(&str, &mut Value)) {
        match value {
            Value::Object(fields) => fields_of(fields, of),
            Value::Array(items) => items.iter_mut().for_each(|item| within(key, item, of)),
            Value::String(_) | Value::Number(_) => of(key, value),
            Value::Null | Value::Bool(_) => {}
        }
    }
    fn fields_of(fields: &mut Map<String, Value>, of: &mut impl FnMut(&str, &mut Value)) {
        fields.iter_mut().for_each(|(key, value)| within(key, value, of));
    }
    within("", value, of);
}

/// The time in a field, in milliseconds, and how many of its unit there are in a second.
fn time_of(key: &str, value: &Value) -> Option<(u64, u64)> {
    if !key.ends_with("Time") && !key.ends_with("TimeStamp") {
        return None;
    }
    let number = number_of(value)?;
    match number {
        _ if SECONDS.contains(&number) => Some((number * 1000, 1)),
        _ if MILLIS.contains(&number) => Some((number, 1000)),
        _ => None,
    }
}

fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// What is new in one body.
#[derive(Default)]
struct Fresh {
    /// How far the times are moved, in milliseconds.
    ahead: u64,
    /// Whether its topics are in no other callback like it.
    has_own_topics: bool,
    /// The numbers and ids that were changed: an id may be there twice, and a key is made of numbers.
    changed: HashMap<String, String>,
}

impl Fresh {
    fn number(&mut self, key: &str, value: &mut Value) {
        let Some(number) = number_of(value) else { return };
        let new = match time_of(key, value) {
            Some((millis, per_second)) => (millis + self.ahead) * per_second / 1000,
            None if matches!(key, "MsgSeq" | "Seq" | "MsgRandom" | "Random") => u64::from(random_u32()),
            None => return,
        };
        let new = self.changed.entry(number.to_string()).or_insert_with(|| new.to_string());
        *value = match value {
            Value::String(_) => new.clone().into(),
            _ => new.parse::<u64>().unwrap_or_default().into(),
        };
    }

    fn id(&mut self, key: &str, value: &mut Value) {
        let Value::String(text) = value else { return };
        let is_id = match key {
            "MsgKey" | "MsgId" | "MsgID" | "CallId" | "SessionId" | "CtxcbRequestId" | "PushID" | "TaskId" | "UUID"
            | "BattleId" => true,
            "TopicId" | "TopicIdList" => self.has_own_topics,
            _ => false,
        };
        if !is_id || text.is_empty() {
            return;
        }
        let new = match self.changed.get(text.as_str()) {
            Some(new) => new.clone(),
            None if Uuid::parse_str(text).is_ok() => Uuid::new_v4().to_string(),
            None if key.starts_with("Topic") => format!("{text}-{:08x}", random_u32()),
            None if key.starts_with("Msg") => self.key(text),
            None => shaped(text),
        };
        self.changed.insert(std::mem::replace(text, new.clone()), new);
    }

    /// A key of a message: numbers and times, with signs between them.
    fn key(&self, text: &str) -> String {
        runs(
            text,
            |char| char.is_ascii_digit(),
            |digits| match (self.changed.get(digits), digits.parse::<u64>()) {
                (Some(new), _) => new.clone(),
                (None, Ok(time)) if SECONDS.contains(&time) => (time + self.ahead / 1000).to_string(),
                (None, _) if digits.len() < SHORTEST => (random_u32() % 1_000_000).to_string(),
                (None, _) => shaped(digits),
            },
        )
    }
}

/// Shorter parts of an id are no part of what is random in it.
const SHORTEST: usize = 4;

/// The text with other digits and letters, each of the kind that is there.
fn shaped(text: &str) -> String {
    runs(
        text,
        |char| char.is_ascii_alphanumeric(),
        |run| {
            if run.len() < SHORTEST || !run.contains(|char: char| char.is_ascii_digit()) {
                return run.to_owned();
            }
            let is_hex = run.chars().all(|char| char.is_ascii_hexdigit());
            let mut random = 0;
            run.chars()
                .enumerate()
                .map(|(place, char)| {
                    if place % 8 == 0 {
                        random = random_u32();
                    }
                    let drawn = random >> (place % 8 * 4) & 0xf;
                    // No digit 0, which would make a number shorter.
                    match char {
                        '0'..='9' => char::from_digit(drawn % 9 + 1, 10).unwrap_or(char),
                        'a'..='z' if is_hex => char::from_digit(drawn % 6 + 10, 16).unwrap_or(char),
                        _ => char,
                    }
                })
                .collect()
        },
    )
}

/// The text with each run of such characters changed.
fn runs(text: &str, is_of_run: fn(char) -> bool, change: impl Fn(&str) -> String) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|char| !is_of_run(char)).unwrap_or(rest.len());
        if end > 0 {
            changed.push_str(&change(&rest[..end]));
        }
        let next = rest[end..].find(is_of_run).map_or(rest.len(), |next| end + next);
        changed.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    changed
}

fn random_u32() -> u32 {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tencent_im_callback_testkit::sample;

    use super::*;
    use crate::decode::decode;

    #[test]
    fn no_two_bodies_of_a_sample_have_the_same_identity() {
        let mut identified = 0;
        let mut repeated = Vec::new();
        for (callback, variant, body) in sample::all() {
            let identity = || {
                let mut body: Value = serde_json::from_str(body).unwrap();
                freshen(callback, &mut body);
                let body = Bytes::from(body.to_string());
                let decoded = decode(callback, 1, &body).unwrap_or_else(|error| panic!("{callback:?}: {error}"));
                assert_eq!((decoded.dropped, decoded.unread), (vec![], vec![]), "{callback:?} {variant}");
                decoded.identity
            };
            let was = decode(callback, 1, &Bytes::from_static(body.as_bytes())).unwrap().identity;
            let (one, two) = (identity(), identity());
            assert_eq!(one.is_some(), was.is_some(), "{callback:?} {variant}");
            if one.is_some() {
                if one == two || one == was {
                    repeated.push(format!("{} {variant}: {one:?}", callback.command));
                }
                identified += 1;
            }
        }
        assert_eq!(repeated, [""; 0]);
        assert!(identified > 40, "{identified}");
    }

    #[test]
    fn times_are_now_and_keep_their_distances_and_a_key_has_the_numbers_beside_it() {
        let callback = Callback::find("C2C.CallbackAfterSendMsg").unwrap();
        let mut body = serde_json::json!({
            "MsgSeq": 118, "MsgRandom": 5, "MsgTime": 1_741_608_440, "MsgKey": "118_5_1741608440",
            "EventTime": "1741608441000", "From_Account": "ann", "Text": "1741608440", "LifeTime": 120,
        });
        freshen(callback, &mut body);
        let number = |name: &str| body[name].as_u64().unwrap();
        let event_time: u64 = body["EventTime"].as_str().unwrap().parse().unwrap();
        let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        assert!(event_time.abs_diff(now) < 3_600_000, "{event_time}");
        assert_eq!(event_time / 1000 - number("MsgTime"), 1);
        let key = format!("{}_{}_{}", number("MsgSeq"), number("MsgRandom"), number("MsgTime"));
        assert_eq!(body["MsgKey"], key);
        assert_ne!(number("MsgSeq"), 118);
        assert_eq!((&body["Text"], number("LifeTime")), (&"1741608440".into(), 120));
    }
}
