//! The store over `SQLite`: what every store promises, and the faults of a disk.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tencent_im_callback::Entry;
use tencent_im_callback_journal::{
    Sqlite, Store, StoreError,
    store::{Change, Fence, Filter},
    suite,
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

fn entry(number: usize) -> Entry {
    Entry::new(7, "Group.CallbackAfterSendMsg", "SdkAppid=7", number.to_string(), SystemTime::now())
}

fn database(folder: &Path) -> std::path::PathBuf {
    folder.join("journal.sqlite3")
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    suite::check(&Sqlite::open(folder.path().join("journal")).await.unwrap()).await;
    let both = folder.path().join("both");
    let (one, other) = (Sqlite::open(&both).await.unwrap(), Sqlite::open(&both).await.unwrap());
    suite::check_two(Box::new(one), &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_that_are_appended_at_once_are_all_there_and_in_the_order_of_each_task() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path()).await.unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..32 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut ids = Vec::new();
            for number in 0..20 {
                ids.extend(store.append(vec![entry(task * 100 + number)]).await.unwrap());
            }
            assert!(ids.is_sorted());
        });
    }
    tasks.join_all().await;
    assert_eq!(store.stats().await.unwrap().unfinished, 640);
    drop(store);
    // After it is opened again, too.
    let store = Sqlite::open(folder.path()).await.unwrap();
    let records = store.records(&Filter::default(), 0, 1_000).await.unwrap();
    assert_eq!(records.len(), 640);
}

#[tokio::test]
async fn only_the_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/journal");
    let _store = Sqlite::open(&path).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&database(&path))), (0o700, 0o600));
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).await.unwrap());
    let connection = rusqlite::Connection::open(database(folder.path())).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    let error = Sqlite::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerVersion { found: 9, known: 1 }), "{error}");
}

#[tokio::test]
async fn what_is_no_journal_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        database(folder.path()),
        "no database, but a text that is longer than its header of 100 bytes ".repeat(20),
    )
    .unwrap();
    let error = Sqlite::open(folder.path()).await.unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(Sqlite::open(folder.path().join("file")).await.is_err(), "a file in place of the folder");
}

#[tokio::test]
async fn a_file_that_was_cut_is_an_error_and_not_an_empty_journal() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).await.unwrap();
    store.append((0..2_000).map(entry).collect()).await.unwrap();
    drop(store);
    let connection = rusqlite::Connection::open(database(folder.path())).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let file = fs::OpenOptions::new().write(true).open(database(folder.path())).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let read = match Sqlite::open(folder.path()).await {
        Ok(store) => store.records(&Filter::default(), 0, 10_000).await.map(|records| records.len()),
        Err(error) => Err(error),
    };
    assert!(read.is_err(), "{read:?}");
}

#[tokio::test]
async fn a_process_that_has_ended_is_followed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Sqlite::open(folder.path()).await.unwrap(), Sqlite::open(folder.path()).await.unwrap());
    first.acquire(None).await.unwrap().unwrap();
    assert_eq!(second.acquire(None).await.unwrap(), None);
    drop(first);
    let connection = rusqlite::Connection::open(database(folder.path())).unwrap();
    let followed = async {
        // The heartbeat stays fresh, so that it is not what lets the other one begin.
        while second.acquire(None).await.unwrap().is_none() {
            connection.execute("UPDATE owner SET heartbeat = unixepoch('now') * 1000", []).unwrap();
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), followed).await.expect("it is followed");
}

#[tokio::test]
async fn a_process_that_hangs_is_fenced_also_when_its_lock_was_lost() {
    for loses_lock in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (Sqlite::open(folder.path()).await.unwrap(), Sqlite::open(folder.path()).await.unwrap());
        let ids = first.append(vec![entry(1)]).await.unwrap();
        let fence = first.acquire(None).await.unwrap().unwrap();
        if loses_lock {
            fs::remove_file(folder.path().join("owner-1")).unwrap();
        }
        assert_eq!(second.acquire(None).await.unwrap(), None, "its heartbeat is fresh");
        let connection = rusqlite::Connection::open(database(folder.path())).unwrap();
        connection.execute("UPDATE owner SET heartbeat = heartbeat - 6000", []).unwrap();
        assert_eq!(second.acquire(None).await.unwrap(), Some(Fence(2)));
        let settled = first.settle(fence, vec![Change::Done { id: ids[0] }]).await;
        assert!(matches!(settled, Err(StoreError::Fenced)), "{settled:?}");
        assert!(matches!(first.take_retried(fence).await, Err(StoreError::Fenced)));
        assert_eq!(second.unfinished(Fence(2), 0, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_heartbeat_from_before_the_clock_was_set_back_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Sqlite::open(folder.path()).await.unwrap(), Sqlite::open(folder.path()).await.unwrap());
    first.acquire(None).await.unwrap().unwrap();
    let connection = rusqlite::Connection::open(database(folder.path())).unwrap();
    connection.execute("UPDATE owner SET heartbeat = heartbeat + 3600000", []).unwrap();
    assert_eq!(second.acquire(None).await.unwrap(), Some(Fence(2)));
}

#[tokio::test]
async fn another_process_can_read_and_drive_it_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (app, command) = (Sqlite::open(folder.path()).await.unwrap(), Sqlite::open(folder.path()).await.unwrap());
    let ids = app.append(vec![entry(1), entry(2)]).await.unwrap();
    let fence = app.acquire(None).await.unwrap().unwrap();
    assert_eq!(command.acquire(None).await.unwrap(), None, "the app feeds");
    let dead = vec![Change::Dead { id: ids[0], attempts: 1, error: "no".into() }];
    app.settle(fence, dead).await.unwrap();
    assert_eq!(command.retry(&ids).await.unwrap(), 1);
    assert_eq!(app.unfinished(fence, 0, 10).await.unwrap().len(), 2);
    assert_eq!(command.discard(&ids[1..]).await.unwrap(), 1);
    assert_eq!(app.unfinished(fence, 0, 10).await.unwrap().len(), 1);
}
