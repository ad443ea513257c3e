//! Appends.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::future::join_all;
use tencent_im_callback::Entry;
use tencent_im_callback_journal::{StoreError, store::partition};
use tokio::time::timeout;

use crate::{
    link::{ACK_TIME, Link, Refusal, late},
    message::{encode, encode_again, millis},
    nats::Inner,
};

/// The shortest time between two notifications of other processes, in milliseconds. A feed sees other appends when it looks
/// by itself.
const TELL_EVERY: u64 = 2;

/// An append waits for no more than this for what is not necessary.
const PATIENCE: Duration = Duration::from_millis(20);

impl Inner {
    /// Appends entries, in their order. The acknowledgements are waited for together.
    pub(crate) async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        let ids = timeout(ACK_TIME, self.append_all(entries)).await.map_err(|_| late())??;
        self.last_appended.fetch_max(ids.iter().copied().max().unwrap_or_default(), Ordering::Relaxed);
        self.tell().await;
        Ok(ids)
    }

    async fn append_all(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        let mut acks = Vec::with_capacity(entries.len());
        for entry in entries {
            // Entries without a key may be anywhere.
            let partition = match &entry.key {
                Some(key) => partition(key, self.streams.partitions),
                None => fastrand::u32(..self.streams.partitions),
            };
            let (headers, payload) = if self.appends_repetitions { encode_again(&entry) } else { encode(&entry) };
            let subject = self.names.entry(partition, &entry.command);
            acks.push(self.link.send(subject, headers, payload.into()).await?);
        }
        let mut ids = Vec::with_capacity(acks.len());
        for result in join_all(acks.into_iter().map(Link::acknowledged)).await {
            match result {
                Ok(ack) => ids.push(ack.sequence),
                Err(Refusal::Full) => return Err(self.full().await),
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Ok(ids)
    }

    async fn full(&self) -> StoreError {
        let mut bytes = self.bytes.load(Ordering::Relaxed);
        if bytes == 0 {
            // It was not asked for yet. Without an answer it stays unknown.
            bytes = timeout(PATIENCE, self.measure()).await.ok().and_then(Result::ok).unwrap_or_default();
        }
        StoreError::Full { bytes }
    }

    /// Tells the feeds of this process and of others that there are new entries.
    async fn tell(&self) {
        // Kept until the feed looks, if it is busy.
        self.appended.notify_one();
        let now = millis(SystemTime::now());
        if now.abs_diff(self.told_at.load(Ordering::Relaxed)) >= TELL_EVERY {
            self.told_at.store(now, Ordering::Relaxed);
            // If nobody hears it, they look by themselves.
            let told = self.link.0.client();
            _ = timeout(PATIENCE, told.publish(self.names.appended(), Bytes::new())).await;
        }
    }
}
