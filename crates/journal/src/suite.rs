//! Tests that every [`Store`] has to pass.

use std::time::{Duration, SystemTime};

use tencent_im_callback::{Entry, Identity, Key};

use crate::store::{Change, Fence, Filter, State, Store, StoreError};

/// Checks what a [`Store`] promises, with an empty store that nothing else uses.
///
/// ```
/// use tencent_im_callback_journal::{Sqlite, suite};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = Sqlite::open(folder.path().join("journal")).await?;
/// suite::check(&store).await;
/// # Ok(()) }
/// ```
///
/// # Panics
/// With what the store does not keep.
pub async fn check(store: &dyn Store) {
    let ids = appended(store).await;
    let fence = fenced(store).await;
    settled(store, fence, &ids).await;
    retried_and_removed(store, fence, &ids).await;
    pruned(store, fence).await;
}

fn entry(number: u64) -> Entry {
    let received_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + number);
    Entry::new(
        7,
        format!("Group.Command{number}"),
        format!("SdkAppid=7&number={number}"),
        number.to_string(),
        received_at,
    )
    .with_key((number.is_multiple_of(2)).then(|| Key::new("even")))
    .with_identity(Some(Identity::new(format!("7|{number}"))))
}

async fn appended(store: &dyn Store) -> Vec<u64> {
    let mut ids = store.append(vec![entry(0), entry(1)]).await.expect("entries are appended");
    ids.extend(store.append(vec![entry(2)]).await.expect("an entry is appended"));
    assert!(ids.is_sorted_by(|one, next| one < next), "ids grow: {ids:?}");
    for (number, id) in (0..).zip(&ids) {
        assert_eq!(
            store.entry(*id).await.expect("an entry is read"),
            Some(entry(number)),
            "an entry is what was appended"
        );
    }
    let unfinished = store.unfinished(ids[1], 10).await.expect("entries are read");
    let found: Vec<_> = unfinished.iter().map(|entry| entry.id).collect();
    assert_eq!(found, ids[1..], "unfinished entries begin at the id");
    assert_eq!(store.unfinished(0, 2).await.expect("entries are read").len(), 2, "at most so many are read");
    let even = store.unfinished_of(&Key::new("even"), 0, 10).await.expect("entries are read");
    assert_eq!(even.iter().map(|entry| entry.id).collect::<Vec<_>>(), [ids[0], ids[2]], "those of a key");
    let identities = store.identities_since(SystemTime::UNIX_EPOCH).await.expect("identities are read");
    assert_eq!(identities.len(), 3, "every entry has an identity");
    ids
}

async fn fenced(store: &dyn Store) -> Fence {
    let first = store.acquire(None).await.expect("the store answers").expect("nobody feeds");
    assert_eq!(store.acquire(None).await.expect("the store answers"), None, "one process feeds at a time");
    store.renew(first).await.expect("the feeding process renews its fence");
    let again = store.acquire(Some(first)).await.expect("the store answers").expect("it feeds itself");
    assert!(again.0 > first.0, "fences grow");
    let first = again;
    store.release(first).await.expect("the feeding process releases its fence");
    let second = store.acquire(None).await.expect("the store answers").expect("the fence was released");
    assert!(second.0 > first.0, "fences grow");
    let settled = store.settle(first, vec![Change::Done { id: 1 }]).await;
    assert!(matches!(settled, Err(StoreError::Fenced)), "an old fence settles nothing: {settled:?}");
    assert!(matches!(store.renew(first).await, Err(StoreError::Fenced)), "an old fence is not renewed");
    second
}

async fn settled(store: &dyn Store, fence: Fence, ids: &[u64]) {
    let due = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let error = "the text of an error".to_owned();
    let started = ids.iter().map(|id| Change::Started { id: *id }).collect();
    store.settle(fence, started).await.expect("changes are written");
    let changes = vec![
        Change::Done { id: ids[0] },
        Change::Failed { id: ids[1], attempts: 3, due, error: error.clone() },
        Change::Released { id: ids[2] },
    ];
    store.settle(fence, changes).await.expect("changes are written");
    let unfinished = store.unfinished(0, 10).await.expect("entries are read");
    let [failed, released] = &unfinished[..] else { panic!("two are unfinished: {unfinished:?}") };
    assert_eq!((failed.attempts, failed.due, failed.error.as_ref()), (3, Some(due), Some(&error)));
    assert_eq!((released.attempts, released.suspected), (0, 0), "a released entry is no suspect");

    // The process ends with an entry in hand.
    store.settle(fence, vec![Change::Started { id: ids[2] }]).await.expect("changes are written");
    store.release(fence).await.expect("the fence is released");
    let fence = store.acquire(None).await.expect("the store answers").expect("the fence was released");
    let unfinished = store.unfinished(0, 10).await.expect("entries are read");
    assert_eq!(unfinished.iter().map(|entry| entry.suspected).collect::<Vec<_>>(), [0, 1], "it is suspected");
    // The store had failed, and the same process goes on.
    store.settle(fence, vec![Change::Started { id: ids[2] }]).await.expect("changes are written");
    let fence = store.acquire(Some(fence)).await.expect("the store answers").expect("it feeds itself");
    let unfinished = store.unfinished(0, 10).await.expect("entries are read");
    assert_eq!(unfinished.iter().map(|entry| entry.suspected).collect::<Vec<_>>(), [0, 1], "it is not suspected again");
    store.release(fence).await.expect("the fence is released");
}

async fn retried_and_removed(store: &dyn Store, _: Fence, ids: &[u64]) {
    let fence = store.acquire(None).await.expect("the store answers").expect("the fence was released");
    let dead = vec![Change::Dead { id: ids[1], attempts: 12, error: "no".to_owned() }];
    store.settle(fence, dead).await.expect("changes are written");
    let filter = Filter { state: Some(State::Dead), command: Some("Group.*1".to_owned()), ..Filter::default() };
    let records = store.records(&filter, 0, 10).await.expect("records are read");
    let [record] = &records[..] else { panic!("one is dead: {records:?}") };
    assert_eq!((record.id, record.attempts, record.error.as_deref()), (ids[1], 12, Some("no")));
    let other = Filter { command: Some("Other.*".to_owned()), ..Filter::default() };
    assert_eq!(store.records(&other, 0, 10).await.expect("records are read"), []);
    let stats = store.stats().await.expect("numbers are read");
    assert_eq!((stats.unfinished, stats.dead, stats.last_id), (1, 1, ids[2]), "{stats:?}");
    let done = Filter { state: Some(State::Done), ..Filter::default() };
    assert_eq!(store.count(&done).await.expect("entries are counted"), 1);
    assert_eq!(stats.oldest_unfinished, Some(entry(2).received_at));
    assert_eq!(store.take_retried(fence).await.expect("entries are read"), [], "nothing was retried");
    assert_eq!(store.retry(&ids[1..]).await.expect("entries are retried"), 1, "only what is finished");
    let retried = store.take_retried(fence).await.expect("entries are read");
    assert_eq!(retried.iter().map(|entry| entry.id).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(store.take_retried(fence).await.expect("entries are read"), [], "they are given once");
    let unfinished = store.unfinished(ids[1], 1).await.expect("entries are read");
    assert_eq!((unfinished[0].id, unfinished[0].attempts), (ids[1], 0), "it begins anew");
    assert_eq!(store.discard(&ids[1..2]).await.expect("entries are removed"), 1);
    assert_eq!(store.entry(ids[1]).await.expect("an entry is read"), None);
    store.release(fence).await.expect("the fence is released");
}

async fn pruned(store: &dyn Store, _: Fence) {
    let later = SystemTime::now() + Duration::from_secs(60);
    assert_eq!(store.prune(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH).await.expect("it is pruned"), 0);
    assert_eq!(store.prune(later, later).await.expect("it is pruned"), 1, "only what is finished");
    assert_eq!(store.stats().await.expect("numbers are read").unfinished, 1);
}
