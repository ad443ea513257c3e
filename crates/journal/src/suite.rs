//! Tests that every [`Store`] has to pass.

use std::time::{Duration, SystemTime};

use tencent_im_callback::{Entry, Identity, Key};

use tokio::time::sleep;

use crate::store::{Change, Fence, Filter, State, Store, StoreError, Unfinished};

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
    fenced(store).await;
    settled(store, &ids).await;
    retried_and_removed(store, &ids).await;
    pruned(store).await;
}

/// Checks that two processes can have one journal, with two stores of the same empty journal that nothing else uses. A
/// process ends without a word when its store is dropped.
///
/// # Panics
/// With what the stores do not keep.
pub async fn check_two(one: Box<dyn Store>, other: &dyn Store) {
    let ids = one.append((0..100).map(entry).collect()).await.expect("entries are appended");
    let mut first = feed(&*one, None).await.expect("nobody feeds");
    let all = one.renew(first).await.expect("it feeds").partitions;
    if one.identities_since(SystemTime::UNIX_EPOCH).await.expect("identities are read").is_empty() {
        other.append((0..50).map(entry).collect()).await.expect("entries are appended");
        let unfinished = one.unfinished(first, 0, 1_000).await.expect("entries are read");
        assert_eq!(ids_of(&unfinished), ids, "a repetition that another process has appended is dropped");
    }
    let second = feed(other, None).await;
    // Nobody has a partition that another one has, and with more than one partition both have some in the end.
    if all.len() > 1 {
        let second = second.expect("there are partitions for both");
        // As after an error: what it had is shared out like all else.
        first = feed(&*one, Some(first)).await.expect("it feeds itself");
        let theirs = share_out(&*one, first, other, second).await;
        assert!(theirs.iter().all(|partition| all.contains(partition)), "{theirs:?} of {all:?}");
        let mine = one.renew(first).await.expect("it feeds").partitions;
        assert!(mine.iter().all(|partition| !theirs.contains(partition)), "{mine:?} and {theirs:?}");
        let of_one = ids_of(&one.unfinished(first, 0, 1_000).await.expect("entries are read"));
        let of_other = ids_of(&other.unfinished(second, 0, 1_000).await.expect("entries are read"));
        assert!(of_one.iter().all(|id| !of_other.contains(id)), "an entry is given to one process");
        assert_eq!(of_one.len() + of_other.len(), ids.len(), "each entry is given to one");
        let foreign = vec![Change::Done { id: of_other[0] }];
        assert!(one.settle(first, foreign).await.is_err(), "a process settles only what is its own");
        other.release(second).await.expect("it ends");
    } else {
        assert_eq!(second, None, "one process feeds at a time");
    }

    let mine = ids_of(&one.unfinished(first, 0, 1_000).await.expect("entries are read"));
    one.settle(first, vec![Change::Started { id: mine[0] }, Change::Done { id: mine[1] }]).await.expect("it settles");
    drop(one);
    let fence = followed(other, all.len()).await;
    let unfinished = other.unfinished(fence, 0, 1_000).await.expect("entries are read");
    assert_eq!(unfinished.len(), ids.len() - 1, "what was done is not given again");
    let suspected = unfinished.iter().filter(|entry| entry.suspected > 0).map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(suspected, [mine[0]], "what was in hand is suspected");
    other.release(fence).await.expect("it ends");
}

/// Begins to feed.
async fn feed(store: &dyn Store, own: Option<Fence>) -> Option<Fence> {
    let fence = store.acquire(own).await.expect("the store answers")?;
    store.renew(fence).await.expect("the fence is fresh");
    Some(fence)
}

/// Renews the fences of two stores until the second has some of the partitions of the first.
async fn share_out(one: &dyn Store, first: Fence, other: &dyn Store, second: Fence) -> Vec<u32> {
    for _ in 0..100 {
        for partition in one.renew(first).await.expect("it feeds").surplus {
            one.give_up(first, partition).await.expect("a partition is given up");
        }
        let theirs = other.renew(second).await.expect("it feeds").partitions;
        if !theirs.is_empty() {
            return theirs;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("the second process gets no partition");
}

/// Feeds from all partitions after the process before has ended.
async fn followed(store: &dyn Store, partitions: usize) -> Fence {
    let mut fence = None;
    for _ in 0..300 {
        if fence.is_none() {
            fence = store.acquire(None).await.expect("the store answers");
        }
        if let Some(fence) = fence
            && store.renew(fence).await.expect("it feeds").partitions.len() == partitions
        {
            return fence;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("a process that has ended is not followed");
}

fn ids_of(entries: &[Unfinished]) -> Vec<u64> {
    entries.iter().map(|entry| entry.id).collect()
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
    let mut entries = store.entries(&[ids[2], ids[0], ids[1], ids[2] + 1]).await.expect("entries are read");
    entries.sort_by_key(|(id, _)| *id);
    let expected: Vec<_> = ids.iter().copied().zip((0..3).map(entry)).collect();
    assert_eq!(entries, expected, "an entry is what was appended");
    let fence = feed(store, None).await.expect("nobody feeds");
    let unfinished = store.unfinished(fence, ids[1], 10).await.expect("entries are read");
    assert_eq!(ids_of(&unfinished), ids[1..], "unfinished entries begin at the id");
    assert_eq!(store.unfinished(fence, 0, 2).await.expect("entries are read").len(), 2, "at most so many are read");
    let even = store.unfinished_of(fence, &Key::new("even"), 0, 10).await.expect("entries are read");
    assert_eq!(ids_of(&even), [ids[0], ids[2]], "those of a key");
    let one_partition = even[0].partition == even[1].partition;
    assert!(one_partition, "the entries of a key are in one partition");
    store.release(fence).await.expect("the feeding ends");
    let identities = store.identities_since(SystemTime::UNIX_EPOCH).await.expect("identities are read");
    if identities.is_empty() {
        store.append(vec![entry(1), entry(1)]).await.expect("an entry is appended");
        let fence = feed(store, None).await.expect("nobody feeds");
        let unfinished = store.unfinished(fence, 0, 10).await.expect("entries are read");
        assert_eq!(ids_of(&unfinished), ids, "a repetition is dropped where the store knows the identities");
        store.release(fence).await.expect("the feeding ends");
    } else {
        assert_eq!(identities.len(), 3, "every entry has an identity");
    }
    ids
}

async fn fenced(store: &dyn Store) {
    let first = feed(store, None).await.expect("nobody feeds");
    let again = feed(store, Some(first)).await.expect("it feeds itself");
    assert!(again.0 > first.0, "fences grow");
    assert!(matches!(store.renew(first).await, Err(StoreError::Fenced)), "its earlier fence has ended");
    store.release(again).await.expect("the feeding ends");
    let second = feed(store, None).await.expect("the fence was released");
    assert!(second.0 > again.0, "fences grow");
    let settled = store.settle(again, vec![Change::Done { id: 1 }]).await;
    assert!(matches!(settled, Err(StoreError::Fenced)), "an old fence settles nothing: {settled:?}");
    assert!(matches!(store.renew(again).await, Err(StoreError::Fenced)), "an old fence is not renewed");
    store.release(second).await.expect("the feeding ends");
}

async fn settled(store: &dyn Store, ids: &[u64]) {
    let fence = feed(store, None).await.expect("the fence was released");
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
    let unfinished = store.unfinished(fence, 0, 10).await.expect("entries are read");
    let [failed, released] = &unfinished[..] else { panic!("two are unfinished: {unfinished:?}") };
    assert_eq!((failed.attempts, failed.due, failed.error.as_ref()), (3, Some(due), Some(&error)));
    assert_eq!((released.attempts, released.suspected), (0, 0), "a released entry is no suspect");

    // The process ends with an entry in hand.
    store.settle(fence, vec![Change::Started { id: ids[2] }]).await.expect("changes are written");
    store.release(fence).await.expect("the fence is released");
    let fence = feed(store, None).await.expect("the fence was released");
    let unfinished = store.unfinished(fence, 0, 10).await.expect("entries are read");
    assert_eq!(unfinished.iter().map(|entry| entry.suspected).collect::<Vec<_>>(), [0, 1], "it is suspected");
    // The store had failed, and the same process goes on.
    store.settle(fence, vec![Change::Started { id: ids[2] }]).await.expect("changes are written");
    let fence = feed(store, Some(fence)).await.expect("it feeds itself");
    let unfinished = store.unfinished(fence, 0, 10).await.expect("entries are read");
    assert_eq!(unfinished.iter().map(|entry| entry.suspected).collect::<Vec<_>>(), [0, 1], "it is not suspected again");
    store.release(fence).await.expect("the fence is released");
}

async fn retried_and_removed(store: &dyn Store, ids: &[u64]) {
    let fence = feed(store, None).await.expect("the fence was released");
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
    let unfinished = store.unfinished(fence, ids[1], 1).await.expect("entries are read");
    assert_eq!((unfinished[0].id, unfinished[0].attempts), (ids[1], 0), "it begins anew");
    assert_eq!(store.discard(&ids[1..2]).await.expect("entries are removed"), 1);
    assert_eq!(store.entries(&ids[1..2]).await.expect("entries are read"), []);
    store.release(fence).await.expect("the fence is released");
}

async fn pruned(store: &dyn Store) {
    let later = SystemTime::now() + Duration::from_secs(60);
    assert_eq!(store.prune(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH).await.expect("it is pruned"), 0);
    assert_eq!(store.prune(later, later).await.expect("it is pruned"), 1, "only what is finished");
    assert_eq!(store.stats().await.expect("numbers are read").unfinished, 1);
}
