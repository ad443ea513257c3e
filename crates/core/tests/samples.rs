//! The samples of the protocol, one file a shape: each row has some, and nothing of them is lost.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use tencent_im_callback::{CALLBACKS, Callback, Event, each_callback};

/// `<Command>.<variant>` and the body, of every request in the folder.
fn samples() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests");
    let files = fs::read_dir(folder).expect("the samples are in the repository");
    files
        .map(|file| {
            let path = file.expect("a file of the folder").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("UTF-8"))
        })
        .collect()
}

/// The callback that a sample is of: the first two words of its name.
fn callback_of(name: &str) -> Option<&'static Callback> {
    let mut words = name.splitn(3, '.');
    let command = format!("{}.{}", words.next()?, words.next()?);
    Callback::find(&command)
}

/// What the event of a callback writes for a body that it has read strictly.
fn written_again(callback: &Callback, body: &str) -> Result<Value, serde_json::Error> {
    fn of<E: Event>(body: &str) -> Result<Value, serde_json::Error> {
        serde_json::to_value(serde_json::from_str::<E>(body)?)
    }

    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => of::<$event>(body),)*
                other => panic!("no event for {other}"),
            }
        };
    }
    each_callback!(by_command)
}

#[test]
fn every_callback_has_a_sample() {
    let samples = samples();
    let without: Vec<_> = CALLBACKS
        .iter()
        .filter(|callback| !samples.keys().any(|name| callback_of(name) == Some(callback)))
        .map(|callback| callback.command)
        .collect();
    assert!(without.is_empty(), "no file in samples/requests for {without:?}");
}

#[test]
fn every_sample_is_of_a_callback() {
    let samples = samples();
    let stray: Vec<_> = samples.keys().filter(|name| callback_of(name).is_none()).collect();
    assert!(stray.is_empty(), "no row in the table for {stray:?}");
}

#[test]
fn every_sample_is_read_strictly_and_nothing_of_it_is_lost() {
    for (name, body) in samples() {
        let Some(callback) = callback_of(&name) else { continue };
        let came = serde_json::from_str(&body).expect("samples are JSON");
        let written = written_again(callback, &body).unwrap_or_else(|error| panic!("{name}: {error}"));
        let lost = lost(&came, &written, "");
        assert!(lost.is_empty(), "{name} loses {lost:?}");
    }
}

/// The paths at which `came` has something that `written` has not, numbers in quotes being numbers.
fn lost(came: &Value, written: &Value, path: &str) -> Vec<String> {
    match (came, written) {
        (Value::Object(came), Value::Object(written)) => came
            .iter()
            .flat_map(|(key, value)| match written.get(key) {
                Some(written) => lost(value, written, &format!("{path}.{key}")),
                None => vec![format!("{path}.{key}")],
            })
            .collect(),
        (Value::Array(came), Value::Array(written)) if came.len() == written.len() => {
            let pairs = came.iter().zip(written).enumerate();
            pairs.flat_map(|(index, (came, written))| lost(came, written, &format!("{path}[{index}]"))).collect()
        }
        (came, written) if scalar(came) == scalar(written) => Vec::new(),
        _ => vec![format!("{path}: {came} became {written}")],
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
