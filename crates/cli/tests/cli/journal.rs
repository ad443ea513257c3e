use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tencent_im_callback::{Entry, Key};
use tencent_im_callback_journal::{
    Sqlite, Store as _,
    store::{Change, Fence},
};

use crate::{
    program::{bare, command, finish, run},
    server::Server,
};

const SECRET: &str = "what a user wrote";

pub(crate) fn entry(number: u64) -> Entry {
    let body = json!({ "GroupId": "@TGS#1", "From_Account": "a", "MsgSeq": number, "MsgTime": 1, "EventTime": 1, "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": SECRET } }] });
    let query = "SdkAppid=1400000001&CallbackCommand=Group.CallbackAfterSendMsg&RequestTime=1669872112";
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_669_872_112 + number * 60);
    let command = if number == 4 { "State.StateChange" } else { "Group.CallbackAfterSendMsg" };
    Entry::new(1_400_000_001, command, query, body.to_string(), at).with_key(Some(Key::new("group:1|@TGS#1")))
}

/// A journal with one callback that is done, two dead letters and one that is unfinished, and who feeds from it.
pub(crate) async fn journal(folder: &Path) -> (Sqlite, Fence) {
    let store = Sqlite::open(folder).await.unwrap();
    let ids = store.append((1..=4).map(entry).collect()).await.unwrap();
    let fence = store.acquire(None).await.unwrap().unwrap();
    let dead = |id| Change::Dead { id, attempts: 12, error: "the database\u{1b}[31m is away".to_owned() };
    store.settle(fence, vec![Change::Done { id: ids[0] }, dead(ids[1]), dead(ids[2])]).await.unwrap();
    (store, fence)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn ids(text: &str) -> Vec<u64> {
    lines(text).iter().map(|line| line["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_what_is_selected_and_shows_bodies_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let _journal = journal(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    let list = |args: &[&str]| run(&[&["journal", "ls", path], args].concat()).exited(0);

    let all = list(&[]);
    assert_eq!(all.lines().count(), 4, "{all}");
    let dead = all.lines().nth(1).unwrap();
    let expected = "2  2022-12-01 05:23:52.000 UTC  dead        Group.CallbackAfterSendMsg  attempts 12  group:1|@TGS#1  \
                    the database\u{fffd}[31m is away";
    assert_eq!(dead.trim_start(), expected);
    assert!(!all.contains(SECRET));

    for (args, expected) in [
        (&["--state", "dead"][..], &[2, 3][..]),
        (&["--state", "done"], &[1]),
        (&["--command", "State.*"], &[4]),
        (&["--command", "*send*"], &[]),
        (&["--key", "group:1|@TGS#1", "--limit", "3"], &[1, 2, 3]),
        (&["--since", "1669872232", "--until", "1669872352"], &[2, 3]),
        (&["--since=-1h"], &[]),
    ] {
        assert_eq!(ids(&list(&[args, &["--json"]].concat())), expected, "{args:?}");
    }
    assert!(list(&["--bodies", "--limit", "1"]).contains(SECRET));
    assert_eq!(lines(&list(&["--json", "--bodies"]))[2]["body"]["MsgSeq"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_one_callback_and_the_numbers_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let _journal = journal(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    let shown = run(&["journal", "show", path, "2"]).exited(0);
    for line in ["state        dead", "attempts     12", "application  1400000001", "key          group:1|@TGS#1"] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(!shown.contains(SECRET));
    assert!(run(&["journal", "show", path, "2", "--body"]).exited(0).contains(SECRET));
    let shown = run(&["journal", "show", path, "4", "--json"]).json(0);
    assert_eq!((&shown["state"], &shown["error"]), (&json!("unfinished"), &Value::Null));
    assert!(run(&["journal", "show", path, "9"]).complained(2).contains("no callback with the id 9"));

    let stats = run(&["journal", "stats", path, "--json"]).json(0);
    assert_eq!((&stats["unfinished"], &stats["done"], &stats["dead"]), (&json!(1), &json!(1), &json!(2)));
    assert_eq!(stats["dead_by_command"], json!({ "Group.CallbackAfterSendMsg": 2 }));
    assert!(stats["oldest_unfinished_seconds"].as_u64().unwrap() > 1_000_000);
    assert!(run(&["journal", "stats", path]).exited(0).contains("unfinished  1, the oldest of 2022-12-01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_retries_replays_and_removes_beside_the_running_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let (store, fence) = journal(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    let change = |args: &[&str], status| run(&[&["journal", args[0], path], &args[1..]].concat()).exited(status);

    assert_eq!(change(&["retry", "2"], 0), "1 to be delivered again\n");
    let retried = store.take_retried(fence).await.unwrap();
    assert_eq!(retried.iter().map(|entry| (entry.id, entry.attempts)).collect::<Vec<_>>(), [(2, 0)]);
    // One that is not finished is not what was expected.
    assert_eq!(change(&["retry", "4", "--json"], 1), "{\"changed\":0}\n");
    assert_eq!(change(&["retry", "--command", "State.*"], 0), "0 to be delivered again\n");
    assert_eq!(change(&["replay", "--since", "1669872000", "--until", "1669873000"], 0), "2 to be delivered again\n");
    assert_eq!(store.stats().await.unwrap().unfinished, 4);

    store.settle(fence, vec![Change::Done { id: 1 }]).await.unwrap();
    assert_eq!(change(&["replay", "--state", "done"], 0), "1 to be delivered again\n");
    assert_eq!(change(&["retry", "--state", "done"], 0), "0 to be delivered again\n");

    store.settle(fence, vec![Change::Dead { id: 1, attempts: 1, error: String::new() }]).await.unwrap();
    assert_eq!(change(&["drop", "--all"], 0), "1 removed\n");
    assert_eq!(change(&["drop", "2", "3"], 0), "2 removed\n");
    assert_eq!(store.stats().await.unwrap().unfinished, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_where_nothing_is_selected_or_there_is_no_journal() {
    let folder = tempfile::tempdir().unwrap();
    let _journal = journal(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    for command in ["retry", "drop", "replay"] {
        let refused = run(&["journal", command, path]).complained(2);
        assert!(refused.contains("nothing is selected"), "{refused}");
        run(&["journal", command, path, "1", "--state", "dead"]).complained(2);
    }
    let missing = folder.path().join("missing");
    for command in ["ls", "stats", "tail", "export"] {
        let refused = run(&["journal", command, missing.to_str().unwrap()]).complained(2);
        assert!(refused.contains("No such file") && refused.contains("hint:"), "{refused}");
    }
    assert!(!missing.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_what_is_received() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = journal(folder.path()).await;
    let path = folder.path().to_str().unwrap();
    assert_eq!(ids(&run(&["journal", "tail", path, "-n", "2", "--json"]).exited(0)), [3, 4]);

    let mut child = bare(&["journal", "tail", path, "-f", "-n", "1", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap()["id"].as_u64());
    assert_eq!(lines.next().unwrap(), Some(4));
    store.append(vec![entry(5)]).await.unwrap();
    assert_eq!(lines.next().unwrap(), Some(5));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_exports_is_played_by_replay() {
    let folder = tempfile::tempdir().unwrap();
    let _journal = journal(&folder.path().join("journal")).await;
    let path = folder.path().join("journal");
    let file = folder.path().join("recording.jsonl");
    let (path, to) = (path.to_str().unwrap(), file.to_str().unwrap());
    let export = ["journal", "export", path, "--command", "Group.*", "--to", to];
    assert!(run(&export).complained(0).contains("3 callbacks written"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(run(&export).complained(2).contains("exists"), "a file is not overwritten");
    let recording = fs::read_to_string(&file).unwrap();
    assert_eq!(run(&["journal", "export", path, "--command", "Group.*"]).exited(0), recording);

    let server = Server::good();
    let replayed = finish(command(&["replay", to, &server.url(), "--json"])).exited(0);
    assert_eq!(replayed.lines().filter(|line| line.contains("\"status\":200")).count(), 3, "{replayed}");
}
