//! The store's trait.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures_util::{FutureExt as _, StreamExt as _};
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Change, Fence, Filter, Record, Share, Stats, Unfinished},
};
use tokio::time::timeout;

use crate::{Nats, feeding::fed};

#[async_trait]
impl Store for Nats {
    fn partitions(&self) -> u32 {
        self.0.streams.partitions
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        self.0.append(entries).await
    }

    async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError> {
        self.0.acquire(own).await
    }

    async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        self.0.renew(fence).await
    }

    async fn give_up(&self, fence: Fence, partition: u32) -> Result<(), StoreError> {
        self.0.give_up(fence, partition).await
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.0.release(fence).await
    }

    async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        self.0.unfinished(fence, from, max).await
    }

    async fn unfinished_of(
        &self,
        fence: Fence,
        key: &Key,
        from: u64,
        max: usize,
    ) -> Result<Vec<Unfinished>, StoreError> {
        let mut guard = self.0.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let number = tencent_im_callback_journal::store::partition(key, self.partitions());
        let partition = feeding.partitions.get(&number);
        Ok(partition.map(|partition| partition.unfinished_of(key.as_str(), from, max)).unwrap_or_default())
    }

    async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.0.entries(ids).await
    }

    async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError> {
        self.0.settle(fence, changes).await
    }

    async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError> {
        self.0.records(filter, after, max).await
    }

    async fn retry(&self, ids: &[u64]) -> Result<u64, StoreError> {
        self.0.retry(ids).await
    }

    async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        self.0.take_retried(fence).await
    }

    async fn discard(&self, ids: &[u64]) -> Result<u64, StoreError> {
        self.0.discard(ids).await
    }

    async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError> {
        self.0.identities_since(since).await
    }

    async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError> {
        self.0.prune(done_before, dead_before).await
    }

    async fn bytes(&self) -> Result<u64, StoreError> {
        self.0.measure().await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.0.count(filter).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.0.stats().await
    }

    async fn appended(&self, time: Duration) {
        let wait = async {
            let mut told = self.0.told.lock().await;
            let Some(subscriber) = &mut *told else { return self.0.appended.notified().await };
            tokio::select! {
                () = self.0.appended.notified() => {}
                message = subscriber.next() => {
                    if message.is_none() {
                        // The connection has ended for good: what comes is looked for.
                        std::future::pending::<()>().await;
                    }
                }
            }
            // One look is enough for all that was told.
            while let Some(Some(_)) = subscriber.next().now_or_never() {}
        };
        _ = timeout(time, wait).await;
    }
}
