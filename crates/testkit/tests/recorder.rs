//! The recorder: what is in its file, what is not, and that no response waits for it.

#![cfg(feature = "recorder")]

use std::{fs, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};
use tencent_im_callback_testkit::{
    Recording,
    recorder::Recorder,
    request::{APP_ID, TOKEN},
    sample,
};

const NO_SPAM: GroupCode = GroupCode::new(10_123);

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        match &*event.name {
            "spam" => Ok(Decision::refuse_with(NO_SPAM, "no spam")),
            "slow" => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Ok(Decision::Allow)
            }
            _ => Ok(Decision::Allow),
        }
    }
}

fn endpoint(recorder: &Recorder) -> Endpoint {
    let endpoint = Endpoint::builder(App).app(APP_ID, TOKEN).deadline(Duration::from_millis(20));
    endpoint.exchange_observer(recorder.clone()).build().unwrap()
}

async fn send(endpoint: &Endpoint, name: &str) -> StatusCode {
    let request = sample::<group::BeforeCreateTopic>().set("/Name", name).request();
    endpoint.handle(request.token(TOKEN).build().unwrap()).await.status()
}

#[tokio::test]
async fn the_file_has_each_request_with_the_response_that_was_sent_and_no_signature() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callbacks.jsonl");
    let recorder = Recorder::open(&path).unwrap();
    let endpoint = endpoint(&recorder);
    assert_eq!(send(&endpoint, "spam").await, 200);
    // The policy answers in place of a method that is late.
    assert_eq!(send(&endpoint, "slow").await, 500);
    let forged = sample::<group::BeforeCreateTopic>().request().token("another token");
    assert_eq!(endpoint.handle(forged.build().unwrap()).await.status(), 401);
    let unsigned = sample::<group::BeforeCreateTopic>().request().unsigned();
    assert_eq!(endpoint.handle(unsigned.build().unwrap()).await.status(), 401);
    recorder.flush().unwrap();

    assert!(!fs::read_to_string(&path).unwrap().contains("Sign="));
    let recording = Recording::open(&path).unwrap();
    let found: Vec<_> = recording
        .iter()
        .map(|recorded| {
            let answer = recorded.answer().unwrap();
            (recorded.command().into_owned(), recorded.is_signed(), recorded.body().is_empty(), answer.status)
        })
        .collect();
    let command = "Group.CallbackBeforeCreateTopic".to_owned();
    let expected = [(true, false, 200), (true, false, 500), (true, true, 401), (false, true, 401)];
    assert_eq!(found, expected.map(|(signed, empty, status)| (command.clone(), signed, empty, status)));
    let first = recording.iter().next().unwrap();
    let body: serde_json::Value = serde_json::from_slice(first.body()).unwrap();
    assert_eq!(body["Name"], "spam");
    assert!(first.answer().unwrap().body.windows(7).any(|text| text == b"no spam"));
    assert_eq!(first.parameter("SdkAppid").unwrap(), APP_ID.to_string());
    assert_eq!(recorder.dropped(), 0);
    // What is recorded is what can be replayed.
    let answer = endpoint.handle(first.request().token(TOKEN).at(std::time::SystemTime::now()).build().unwrap()).await;
    assert_eq!(answer.status(), 200);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file_also_if_it_was_there_before() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callbacks.jsonl");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _recorder = Recorder::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(Recorder::open(folder.path().join("no folder").join("file")).is_err());
}

#[tokio::test]
async fn two_files_hold_no_more_than_the_limit_and_a_callback() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callbacks.jsonl");
    let limit = 8 * 1024;
    let recorder = Recorder::with_limit(&path, limit).unwrap();
    let endpoint = endpoint(&recorder);
    for count in 0..100 {
        assert_eq!(send(&endpoint, &format!("topic {count}")).await, 200);
        recorder.flush().unwrap();
    }
    let older = folder.path().join("callbacks.jsonl.1");
    let sizes = [&path, &older].map(|path| fs::metadata(path).unwrap().len());
    assert!(sizes.iter().sum::<u64>() < limit + 1024, "{sizes:?}");
    // The newest callbacks are there, in their order.
    let names: Vec<_> = [&older, &path]
        .into_iter()
        .flat_map(|path| Recording::open(path).unwrap())
        .map(|recorded| serde_json::from_slice::<serde_json::Value>(recorded.body()).unwrap()["Name"].clone())
        .collect();
    let kept = names.len();
    assert!(kept > 10 && kept < 100, "{kept}");
    assert_eq!(
        names,
        (100 - kept..100).map(|count| format!("topic {count}").into()).collect::<Vec<serde_json::Value>>()
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_changes_no_response_and_is_reported() {
    let recorder = Recorder::open("/dev/full").unwrap();
    let endpoint = endpoint(&recorder);
    assert_eq!(send(&endpoint, "a topic").await, 200);
    assert!(recorder.flush().is_err());
    assert_eq!(recorder.dropped(), 1);
    assert!(recorder.flush().is_ok());
}

/// A file that takes nothing: a pipe that nobody reads.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_hangs_costs_the_exchanges_and_no_response() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    // Both ends are open, so that opening it does not wait, and nothing is read.
    let _reader = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let recorder = Recorder::open(&path).unwrap();
    let endpoint = endpoint(&recorder);
    let padded = sample::<group::BeforeCreateTopic>().request().token(TOKEN).padded(64 * 1024).build().unwrap();
    for _ in 0..600 {
        let request = http::Request::post(padded.uri()).body(Bytes::clone(padded.body())).unwrap();
        assert_eq!(endpoint.handle(request).await.status(), 200);
    }
    // 16 MiB are 256 bodies of 64 KiB; some more are in the pipe, without their white space.
    assert!(recorder.dropped() >= 100, "{}", recorder.dropped());
}
