//! `im-callback journal copy`, and journals on servers.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use tencent_im_callback_journal::{
    Sqlite, Store,
    store::{Change, Filter, Record},
};

use tokio::time::sleep;

use crate::{
    journal::{entry, ids, journal},
    program::{Ran, run},
};

/// Everything but ids and partitions, which a copy has of its own.
async fn contents(store: &dyn Store) -> Vec<Record> {
    let mut records = store.records(&Filter::default(), 0, 10_000).await.unwrap();
    for record in &mut records {
        (record.id, record.partition) = (0, 0);
    }
    records
}

fn copy(from: &str, to: &str, folder: &Path) -> Ran {
    run(&["journal", "copy", from, to, "--progress", folder.join("progress").to_str().unwrap()])
}

/// A journal in a folder with all states, whose receiver has ended.
async fn ended(folder: &Path) -> String {
    let (store, fence) = journal(folder).await;
    store.append((5..700).map(entry).collect()).await.unwrap();
    let due = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let failed = Change::Failed { id: 7, attempts: 3, due, error: "not yet".to_owned() };
    store.settle(fence, vec![failed]).await.unwrap();
    store.release(fence).await.unwrap();
    folder.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_the_callbacks_with_their_states() {
    let folder = tempfile::tempdir().unwrap();
    let from = ended(&folder.path().join("from")).await;
    let to = folder.path().join("to").to_str().unwrap().to_owned();
    let copied = copy(&from, &to, folder.path()).exited(0);
    assert_eq!(copied, format!("699 callbacks copied to {to}\n"));
    let (source, target) = (Sqlite::open(&from).await.unwrap(), Sqlite::open(&to).await.unwrap());
    assert_eq!(contents(&source).await, contents(&target).await);
    assert!(!folder.path().join("progress").exists());

    let dead = folder.path().join("dead").to_str().unwrap().to_owned();
    let progress = folder.path().join("progress");
    let only = ["journal", "copy", &from, &dead, "--state", "dead", "--json", "--progress", progress.to_str().unwrap()];
    assert_eq!(run(&only).json(0), json!({ "copied": 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_interrupted_goes_on_without_copying_anything_twice() {
    let folder = tempfile::tempdir().unwrap();
    let from = ended(&folder.path().join("from")).await;
    let to = folder.path().join("to").to_str().unwrap().to_owned();
    let source = Sqlite::open(&from).await.unwrap();
    // It has copied 200, has written that down, and has appended 30 of the next page without their states. A receiver has
    // appended one of its own.
    let target = Sqlite::open(&to).await.unwrap();
    let records = source.records(&Filter::default(), 0, 230).await.unwrap();
    target.append(records.iter().map(|record| record.entry.clone()).collect()).await.unwrap();
    let fence = target.acquire(None).await.unwrap().unwrap();
    let due = records[6].due.unwrap();
    let changes = vec![
        Change::Done { id: 1 },
        Change::Dead { id: 2, attempts: 12, error: records[1].error.clone().unwrap() },
        Change::Dead { id: 3, attempts: 12, error: records[2].error.clone().unwrap() },
        Change::Failed { id: 7, attempts: 3, due, error: "not yet".to_owned() },
    ];
    target.settle(fence, changes).await.unwrap();
    target.release(fence).await.unwrap();
    target.append(vec![entry(9_000)]).await.unwrap();
    let position = json!({ "from": from, "to": to, "copied": 200, "last_id": 200, "count": 200 });
    fs::write(folder.path().join("progress"), position.to_string()).unwrap();

    let other = folder.path().join("other").to_str().unwrap().to_owned();
    let refused = copy(&from, &other, folder.path()).complained(2);
    assert!(refused.contains("has the progress of a copy from"), "{refused}");

    assert_eq!(copy(&from, &to, folder.path()).exited(0), format!("699 callbacks copied to {to}\n"));
    let mut copied = contents(&target).await;
    let own = copied.iter().position(|record| record.entry == entry(9_000)).expect("the receiver's own is there");
    copied.remove(own);
    assert_eq!(copied, contents(&source).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_fed_is_not_copied_nor_copied_into() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from");
    let (store, fence) = journal(&from).await;
    let feeds = tokio::spawn(async move {
        loop {
            store.renew(fence).await.unwrap();
            sleep(Duration::from_millis(200)).await;
        }
    });
    let (from, to) = (from.to_str().unwrap(), folder.path().join("to"));
    let refused = copy(from, to.to_str().unwrap(), folder.path()).complained(2);
    assert!(refused.contains("is fed by another process") && refused.contains("end the workers first"), "{refused}");
    assert!(copy(from, from, folder.path()).complained(2).contains("into itself"));
    let refused = copy("mysql://me:secret@host/db", from, folder.path()).complained(2);
    assert!(refused.contains("begins with mysql://") && !refused.contains("secret"), "{refused}");
    feeds.abort();
    let refused = run(&["journal", "ls", "postgres://me:secret@127.0.0.1:1/db"]).complained(2);
    assert!(refused.contains("no journal is opened") && !refused.contains("secret"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "postgres")]
async fn it_moves_from_a_folder_to_postgres_and_back() {
    let Some(server) = engines::postgres::Server::start() else { return };
    moves_there_and_back(&server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "nats")]
async fn it_moves_from_a_folder_to_nats_and_back() {
    let Some(server) = engines::nats::Server::start() else { return };
    moves_there_and_back(&format!("{}/chat?loss=accepted", server.url())).await;
}

async fn moves_there_and_back(url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let from = ended(&folder.path().join("from")).await;
    let back = folder.path().join("back").to_str().unwrap().to_owned();
    let missing = run(&["journal", "stats", url]).complained(2);
    assert!(missing.contains("no journal"), "{missing}");
    assert!(copy(&from, url, folder.path()).exited(0).starts_with("699 callbacks copied to "));

    // All of `im-callback journal` works on a server too.
    let stats = run(&["journal", "stats", url, "--json"]).json(0);
    assert_eq!((&stats["unfinished"], &stats["done"], &stats["dead"]), (&json!(696), &json!(1), &json!(2)));
    let dead = ids(&run(&["journal", "ls", url, "--state", "dead", "--command", "Group.*", "--json"]).exited(0));
    assert_eq!(dead.len(), 2);
    let first = dead[0].to_string();
    let shown = run(&["journal", "show", url, &first, "--json", "--body"]).json(0);
    assert_eq!((&shown["attempts"], &shown["body"]["MsgSeq"]), (&json!(12), &json!(2)));
    assert_eq!(run(&["journal", "retry", url, &first]).exited(0), "1 to be delivered again\n");
    // In NATS it is a dead letter until a worker has seen the wish.
    let shown_as = if url.starts_with("nats") { "dead" } else { "unfinished" };
    assert_eq!(run(&["journal", "show", url, &first, "--json"]).json(0)["state"], shown_as);
    assert_eq!(run(&["journal", "replay", url, "--state", "done"]).exited(0), "1 to be delivered again\n");
    assert_eq!(run(&["journal", "drop", url, &dead[1].to_string()]).exited(0), "1 removed\n");
    assert_eq!(ids(&run(&["journal", "tail", url, "-n", "1", "--json"]).exited(0)).len(), 1);
    let exported = run(&["journal", "export", url, "--command", "State.*"]).exited(0);
    assert_eq!(exported.lines().count(), 1);

    assert_eq!(copy(url, &back, folder.path()).exited(0), format!("698 callbacks copied to {back}\n"));
    let (source, copied) = (Sqlite::open(&from).await.unwrap(), Sqlite::open(&back).await.unwrap());
    let bodies = |records: Vec<Record>| records.into_iter().map(|record| record.entry).collect::<Vec<_>>();
    let mut expected = bodies(contents(&source).await);
    // The one that was dropped.
    expected.remove(2);
    assert_eq!(bodies(contents(&copied).await), expected);
    let stats = run(&["journal", "stats", &back, "--json"]).json(0);
    assert_eq!((&stats["unfinished"], &stats["dead"]), (&json!(698), &Value::from(0)));
}
