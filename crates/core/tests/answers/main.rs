//! Each sample of an answer can be made with the answer type of its method, and the response is the sample.

use std::{collections::BTreeMap, fs, path::Path};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use tencent_im_callback::{CallbackHandler, Endpoint};

mod errors;
mod group;
mod people;
mod rooms;

/// The variants that report a failure of the application. The failure policy answers those.
const FAILURES: [&str; 3] = ["fail", "error", "app-error"];

/// A handler without methods, which answers with the defaults.
struct Silent;

impl CallbackHandler for Silent {}

/// The endpoint of an application whose answer to a command is the sample of this variant.
fn endpoint(command: &str, variant: &str) -> Endpoint {
    let variant = variant.to_owned();
    let builder = match command.split('.').next() {
        Some("Group") => Endpoint::builder(group::Says(variant)),
        Some("C2C" | "Chatbot" | "ChatBot" | "Sns") => Endpoint::builder(people::Says(variant)),
        Some("Live" | "OfficialAccount") => Endpoint::builder(rooms::Says(variant)),
        _ => Endpoint::builder(Silent),
    };
    builder.unverified_app(1_400_000_001).build().unwrap()
}

/// The samples in a folder, by command and variant.
fn samples(folder: &str) -> BTreeMap<(String, String), Bytes> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples").join(folder);
    let files = fs::read_dir(folder).expect("the samples are in the repository");
    files
        .map(|file| {
            let path = file.expect("a file of the folder").path();
            let name = path.file_stem().expect("a name").to_str().expect("UTF-8");
            let dot = name.match_indices('.').nth(1).map_or(name.len(), |(at, _)| at);
            let (command, variant) = (name[..dot].to_owned(), name[dot..].trim_start_matches('.').to_owned());
            ((command, variant), fs::read(&path).expect("a file of the folder").into())
        })
        .collect()
}

#[tokio::test]
async fn every_sample_of_an_answer_can_be_made_with_the_answer_types() {
    let requests = samples("requests");
    let responses = samples("responses");
    let mut given = BTreeMap::<_, usize>::new();
    for ((command, variant), sample) in &responses {
        if FAILURES.contains(&variant.as_str()) {
            continue;
        }
        let request = requests.iter().find(|((of, _), _)| of == command);
        let (_, body) = request.unwrap_or_else(|| panic!("a request of {command}"));
        let request = Request::post(format!("/?SdkAppid=1400000001&CallbackCommand={command}&contenttype=json"));

        let response = endpoint(command, variant).handle(request.body(body.clone()).unwrap()).await;

        assert_eq!(response.status(), StatusCode::OK, "{command} {variant}");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(answer, serde_json::from_slice::<Value>(sample).unwrap(), "{command} {variant}");
        *given.entry(command.as_str()).or_default() += 1;
    }

    let failures = responses.keys().filter(|(_, variant)| FAILURES.contains(&variant.as_str())).count();
    assert_eq!(given.values().sum::<usize>() + failures, responses.len());
    let protocol = include_str!("../data/phases.txt").lines().filter_map(|line| line.split(' ').nth(1));
    let without: Vec<_> = protocol.filter(|command| !given.contains_key(command)).collect();
    assert!(without.is_empty(), "no file in samples/responses for {without:?}");
}
