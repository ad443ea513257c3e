//! What may be done to any body without losing its callback, tried on every field of every sample.

use std::{fmt::Write as _, sync::LazyLock, time::Duration};

use bytes::Bytes;
use http::Request;
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use tencent_im_callback::{Callback, CallbackHandler, Context, DecodeError, Event, each_callback};
use tencent_im_callback_testkit::{Effect, Harness, sample};

/// An event that was read: what it writes again, and the paths of what it came without, with the reasons.
#[derive(Debug, PartialEq)]
struct Read {
    event: Value,
    dropped: Vec<String>,
    reasons: Vec<String>,
}

/// Reads a body as the endpoint does.
fn read(callback: &Callback, body: impl Into<Bytes>) -> Result<Read, DecodeError> {
    fn of<E: Event>(body: Bytes) -> Result<Read, DecodeError> {
        let request = Request::post("/?SdkAppid=1").body(body).unwrap();
        let (ctx, event) = Context::unchecked::<E>(1, request, Duration::from_secs(1))
            .map_err(|error| *error.downcast::<DecodeError>().expect("a fault of the body"))?;
        let dropped = ctx.dropped_fields().iter().map(|field| field.path().to_owned()).collect();
        let reasons = ctx.dropped_fields().iter().map(|field| field.reason().to_owned()).collect();
        Ok(Read { event: serde_json::to_value(event).unwrap(), dropped, reasons })
    }

    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => of::<$event>(body.into()),)*
                other => panic!("no event for {other}"),
            }
        };
    }
    each_callback!(by_command)
}

/// A sample, and what it is read as.
struct Good {
    callback: &'static Callback,
    name: String,
    body: Value,
    event: Value,
}

fn samples() -> Vec<Good> {
    sample::all()
        .map(|(callback, variant, text)| {
            let body = serde_json::from_str(text).unwrap();
            let read = read(callback, text.to_owned()).unwrap();
            assert!(read.dropped.is_empty(), "{} {variant}", callback.command);
            Good { callback, name: format!("{}.{variant}", callback.command), body, event: read.event }
        })
        .collect()
}

/// A value in a body: its JSON pointer, and its path as the library tells it.
#[derive(Debug, Clone)]
struct Place {
    pointer: String,
    path: String,
    is_field: bool,
}

/// All places in a body, those in lists included.
fn places(body: &Value) -> Vec<Place> {
    fn walk(value: &Value, pointer: &str, path: &str, places: &mut Vec<Place>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    places.push(Place { pointer: pointer.clone(), path: path.clone(), is_field: true });
                    walk(value, &pointer, &path, places);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let (pointer, path) = (format!("{pointer}/{index}"), format!("{path}[{index}]"));
                    places.push(Place { pointer: pointer.clone(), path: path.clone(), is_field: false });
                    walk(item, &pointer, &path, places);
                }
            }
            _ => {}
        }
    }

    let mut places = Vec::new();
    walk(body, "", "", &mut places);
    places
}

/// With every number as text, so that a number is the same in quotes and without.
fn quoted(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), quoted(value))).collect(),
        Value::Array(items) => items.iter().map(quoted).collect(),
        other => other.clone(),
    }
}

fn with(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("a place of the body") = value;
    body
}

fn without(body: &Value, pointer: &str) -> Value {
    let mut body = body.clone();
    sample::remove(&mut body, pointer).expect("a place of the body");
    body
}

/// Whether `path` is `outer` or something in it.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[test]
fn every_number_may_come_in_quotes() {
    let mut tried = 0;
    for Good { callback, name, body, event } in samples() {
        for place in places(&body) {
            let Some(Value::Number(number)) = body.pointer(&place.pointer) else { continue };
            let read = read(callback, with(&body, &place.pointer, number.to_string().into()).to_string())
                .unwrap_or_else(|error| panic!("{name}, {} in quotes: {error}", place.path));
            assert_eq!(read.dropped, [""; 0], "{name}, {} in quotes", place.path);
            assert_eq!(quoted(&read.event), quoted(&event), "{name}, {} in quotes", place.path);
            tried += 1;
        }
    }
    assert!(tried > 400, "only {tried} numbers");
}

#[test]
fn every_number_in_quotes_may_come_bare() {
    let mut tried = 0;
    for Good { callback, name, body, event } in samples() {
        for place in places(&body) {
            let Some(Value::String(text)) = body.pointer(&place.pointer) else { continue };
            let Some(number) = text.parse::<u64>().ok().filter(|number| number.to_string() == *text) else { continue };
            let read = read(callback, with(&body, &place.pointer, number.into()).to_string())
                .unwrap_or_else(|error| panic!("{name}, {} bare: {error}", place.path));
            assert_eq!(read.dropped, [""; 0], "{name}, {} bare", place.path);
            assert_eq!(quoted(&read.event), quoted(&event), "{name}, {} bare", place.path);
            tried += 1;
        }
    }
    assert!(tried > 30, "only {tried} numbers in quotes");
}

#[test]
fn unknown_fields_may_stand_everywhere() {
    for Good { callback, name, body, event } in samples() {
        let mut objects = vec![String::new()];
        let is_object = |place: &Place| body.pointer(&place.pointer).is_some_and(Value::is_object);
        objects.extend(places(&body).into_iter().filter(is_object).map(|place| place.pointer));
        for pointer in objects {
            let added = json!({ "Since": [1, "2", null, { "UndocumentedField": 1 }] });
            let mut more = body.clone();
            more.pointer_mut(&pointer).unwrap()["UndocumentedField"] = added;
            let read = read(callback, more.to_string()).unwrap_or_else(|error| panic!("{name}, {pointer}: {error}"));
            assert_eq!(read.dropped, [""; 0], "{name}, {pointer}");
            assert_eq!(known(&read.event), event, "{name}, {pointer}");
        }
    }
}

/// Without the field that was added: what is kept as it came keeps it.
fn known(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "UndocumentedField")
            .map(|(key, value)| (key.clone(), known(value)))
            .collect(),
        Value::Array(items) => items.iter().map(known).collect(),
        other => other.clone(),
    }
}

/// What an optional field may be, and a required one may not.
fn odd_values(value: &Value) -> [Value; 2] {
    match value {
        Value::Object(_) => [json!(1.5), json!([[{}]])],
        _ => [json!({ "odd": { "odd": [[]] } }), json!([[{ "odd": 1.5 }]])],
    }
}

#[test]
fn a_field_that_may_be_absent_may_be_null_and_of_any_type() {
    let (mut optional, mut required, mut wrong) = (0, 0, Vec::new());
    for Good { callback, name, body, .. } in samples() {
        for place in places(&body).into_iter().filter(|place| place.is_field) {
            let value = body.pointer(&place.pointer).unwrap();
            let absent = read(callback, without(&body, &place.pointer).to_string());
            let mut others = vec![("null", with(&body, &place.pointer, Value::Null))];
            others.extend(odd_values(value).map(|odd| ("of another type", with(&body, &place.pointer, odd))));
            if absent.is_ok() {
                optional += 1;
            } else {
                required += 1;
            }
            match &absent {
                Ok(Read { dropped, .. }) if dropped.iter().any(|path| !is_within(&place.path, path)) => {
                    wrong.push(format!("{name}: without {} it drops {dropped:?}", place.path));
                }
                Err(error) if error.path() != place.path || error.reason() != "missing" => {
                    wrong.push(format!("{name}: without {}: {error}", place.path));
                }
                _ => {}
            }
            for (what, other) in others {
                match (&absent, read(callback, other.to_string())) {
                    (Ok(without), Ok(read)) if what == "null" && !is_free(&place.path) => {
                        if (&read.event, &read.dropped) != (&without.event, &without.dropped) {
                            wrong.push(format!("{name}: {} null is not as absent: {:?}", place.path, read.dropped));
                        }
                    }
                    (Ok(_), Ok(read)) => {
                        let is_here = |path: &String| is_within(&place.path, path) || is_entry_of(path, &place.path);
                        let is_told = read.dropped.iter().all(is_here)
                            && (what == "null" || !read.dropped.is_empty() || is_free(&place.path));
                        if !is_told {
                            wrong.push(format!("{name}: {} {what} drops {:?}", place.path, read.dropped));
                        }
                    }
                    (Err(_), Err(error)) if is_within(error.path(), &place.path) => {}
                    (_, Ok(_)) if is_free(&place.path) => {}
                    // Another list in the place of one: what cannot be an entry is dropped.
                    (_, Ok(read)) if read.dropped.iter().all(|path| is_entry_of(path, &place.path)) => {}
                    (_, Ok(read)) => {
                        wrong.push(format!("{name}: {} may not be absent, but {what}: {:?}", place.path, read.dropped));
                    }
                    (_, Err(error)) => wrong.push(format!("{name}: {} {what}: {error}", place.path)),
                }
            }
        }
    }
    let count = wrong.len();
    wrong.truncate(60);
    assert!(wrong.is_empty(), "{count} of {optional} optional and {required} required:\n{}", wrong.join("\n"));
    assert!(optional > 1_000 && required > 200, "{optional} optional and {required} required");
}

fn is_entry_of(path: &str, list: &str) -> bool {
    path.strip_prefix(list).is_some_and(|rest| rest.starts_with('['))
}

/// Whether a place is kept as it came, whatever it is: the contents of messages, whose kinds are open, and
/// the payload of a recording, whose shape depends on the kind of its event.
fn is_free(path: &str) -> bool {
    path.split('.').any(|step| matches!(step, "MsgContent" | "Payload" | "Body"))
}

static SAMPLES: LazyLock<Vec<Good>> = LazyLock::new(samples);

/// Writes JSON with its keys in any order, white space anywhere, and characters escaped here and there.
struct Scribe<'a> {
    /// The source of the choices; after the last one the first is used again.
    choices: &'a [u8],
    next: usize,
    text: String,
}

impl Scribe<'_> {
    fn choose(&mut self, below: usize) -> usize {
        self.next += 1;
        usize::from(self.choices[self.next % self.choices.len()]) % below
    }

    fn blank(&mut self) {
        let blank = ["", "", "", " ", "\n", "\t", "\r\n  "][self.choose(7)];
        self.text.push_str(blank);
    }

    fn write(&mut self, value: &Value) {
        self.blank();
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                self.text.push('{');
                while !fields.is_empty() {
                    let place = self.choose(fields.len());
                    let (key, value) = fields.swap_remove(place);
                    self.blank();
                    self.write_text(key);
                    self.blank();
                    self.text.push(':');
                    self.write(value);
                    if !fields.is_empty() {
                        self.text.push(',');
                    }
                }
                self.blank();
                self.text.push('}');
            }
            Value::Array(items) => {
                self.text.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        self.text.push(',');
                    }
                    self.write(item);
                }
                self.blank();
                self.text.push(']');
            }
            Value::String(text) => self.write_text(text),
            other => self.text.push_str(&other.to_string()),
        }
        self.blank();
    }

    fn write_text(&mut self, text: &str) {
        self.text.push('"');
        for char in text.chars() {
            if self.choose(8) == 0 || matches!(char, '"' | '\\' | '\0'..'\x20') {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(self.text, "\\u{unit:04x}").unwrap();
                }
            } else {
                self.text.push(char);
            }
        }
        self.text.push('"');
    }
}

/// What is kept as it came keeps its spelling too; read it, and the spelling is gone.
fn plain(value: &Value) -> Value {
    serde_json::from_str(&value.to_string()).unwrap()
}

/// One change of a body.
#[derive(Debug, Clone)]
enum Change {
    Remove,
    Set(Value),
    Quote,
}

/// Text of users, as it were: it may not be told to anybody.
const SECRET: &str = "whispered";

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from(SECRET)),
        any::<u32>().prop_map(|number| Value::from(number.to_string())),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((prop_oneof![Just("UserId".to_owned()), Just(SECRET.to_owned())], inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![Just(Change::Remove), any_json().prop_map(Change::Set), Just(Change::Quote)]
}

/// Many cases unless `PROPTEST_CASES` says how many.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases: 2_000, ..config } }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_spelling_of_a_body_does_not_matter(which: Index, choices in vec(any::<u8>(), 1..64)) {
        let Good { callback, name, body, event } = which.get(&SAMPLES);
        let mut scribe = Scribe { choices: &choices, next: 0, text: String::new() };
        scribe.write(body);
        let read = read(callback, scribe.text.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        prop_assert_eq!(read.dropped, [""; 0]);
        prop_assert_eq!(plain(&read.event), plain(event), "{}: {}", name, scribe.text);
    }

    #[test]
    fn many_changes_at_once_lose_no_more_than_each_of_them(
        which: Index,
        changes in vec((any::<Index>(), any_change()), 1..24),
    ) {
        let Good { callback, name, body, .. } = which.get(&SAMPLES);
        let all = places(body);
        let mut changed = body.clone();
        let mut is_optional = true;
        for (place, change) in changes {
            let place = place.get(&all);
            // An earlier change may have taken the place away.
            let Some(value) = changed.pointer_mut(&place.pointer) else { continue };
            match change {
                Change::Set(odd) => *value = odd,
                Change::Quote if value.is_number() => *value = value.to_string().into(),
                Change::Quote => continue,
                Change::Remove => drop(sample::remove(&mut changed, &place.pointer).unwrap()),
            }
            // Of a list's entries it may only be said with the list.
            let field = place.pointer.trim_end_matches(|char: char| char.is_ascii_digit() || char == '/');
            is_optional &= read(callback, without(body, field).to_string()).is_ok();
        }
        match read(callback, changed.to_string()) {
            Ok(read) => {
                for path in &read.dropped {
                    prop_assert!(!path.is_empty() && path != ".", "{}", name);
                }
                for reason in &read.reasons {
                    prop_assert!(!reason.contains(SECRET), "{}: {}", name, reason);
                }
            }
            Err(error) => {
                prop_assert!(!is_optional, "{}: {}: {}", name, error, changed);
                prop_assert!(!error.reason().contains(SECRET), "{}", error);
            }
        }
    }
}

struct App;

impl CallbackHandler for App {}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_done_to_the_bytes_of_a_body_it_is_answered(
        which: Index,
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let Good { callback, body, .. } = which.get(&SAMPLES);
        let mut bytes = body.to_string().into_bytes();
        for (place, byte, kind) in edits {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(place)),
                _ => {}
            }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let request = tencent_im_callback_testkit::Request::new(callback.command, bytes);
        let answer = Harness::new(App).send_blocking(request);
        match answer.status().as_u16() {
            200 => prop_assert!(answer.effect().is_allowed(), "{}", answer),
            // What is answered to a *before* callback is the failure policy's.
            400 | 500 => prop_assert!(matches!(answer.effect(), Effect::Failed { .. }), "{}", answer),
            _ => prop_assert!(false, "{}", answer),
        }
        prop_assert_eq!(answer.calls().len(), 1, "{}", answer);
    }
}
