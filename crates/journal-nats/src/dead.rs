//! Dead letters: a stream of their own, and what is in it by id.

use std::{collections::BTreeMap, time::SystemTime};

use tencent_im_callback_journal::StoreError;
use tokio::time::timeout;

use crate::{
    link::{API_TIME, fault, late},
    message::{Head, encode_dead},
    nats::{Inner, info},
    progress::cut,
    reader::{PAGE, Reader, Start, sequence},
};

/// A dead letter, without its text.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetter {
    pub(crate) sequence: u64,
    pub(crate) partition: u32,
    pub(crate) head: Head,
}

/// The dead letters, as of the last look at the stream.
#[derive(Debug, Default)]
pub(crate) struct DeadLetters {
    pub(crate) by_id: BTreeMap<u64, DeadLetter>,
    messages: u64,
    last: u64,
}

impl Inner {
    /// Writes a dead letter. An entry that was removed is none.
    pub(crate) async fn bury(&self, partition: u32, id: u64, attempts: u32, error: &str) -> Result<(), StoreError> {
        let Some((_, entry)) = self.entries(&[id]).await?.pop() else { return Ok(()) };
        let (headers, payload) = encode_dead(&entry, attempts, cut(error), SystemTime::now());
        self.link.publish(self.names.dead_of(partition, id), headers, payload.into()).await?;
        Ok(())
    }

    /// Looks at the stream, if it has changed, and hands out what is in it.
    pub(crate) async fn with_dead<T>(&self, read: impl FnOnce(&DeadLetters) -> T) -> Result<T, StoreError> {
        let mut dead = self.dead.lock().await;
        let state = info(&self.streams.dead).await?.state;
        if (state.messages, state.last_sequence) != (dead.messages, dead.last) {
            // Where nothing was removed only what is new is read.
            let added = state.last_sequence.saturating_sub(dead.last);
            let is_grown = dead.last > 0 && dead.messages.saturating_add(added) == state.messages;
            let mut fresh = if is_grown { std::mem::take(&mut *dead) } else { DeadLetters::default() };
            let from = Start::Sequence(fresh.last + 1);
            let mut reader = Reader::new(&self.streams.dead, self.names.all_dead(), from, true).await?;
            loop {
                let page = reader.next_known(PAGE).await?;
                if page.is_empty() {
                    break;
                }
                for message in page {
                    let sequence = sequence(&message)?;
                    fresh.last = sequence;
                    let Some((partition, id)) = self.names.dead_in(&message.subject) else {
                        tracing::warn!(sequence, "a message in the stream of dead letters is none; it is left out");
                        continue;
                    };
                    let head = Head::new(message.headers.as_ref());
                    fresh.by_id.insert(id, DeadLetter { sequence, partition, head });
                }
            }
            reader.end().await;
            (fresh.messages, fresh.last) = (state.messages, state.last_sequence.max(fresh.last));
            *dead = fresh;
        }
        Ok(read(&dead))
    }

    /// Removes the dead letter of an entry, and returns whether there was one.
    pub(crate) async fn unbury(&self, id: u64) -> Result<bool, StoreError> {
        let Some(sequence) = self.with_dead(|dead| dead.by_id.get(&id).map(|letter| letter.sequence)).await? else {
            return Ok(false);
        };
        self.delete(&self.streams.dead, sequence).await
    }

    /// Removes a message, and returns whether it was there.
    pub(crate) async fn delete(
        &self,
        stream: &async_nats::jetstream::stream::Stream<()>,
        sequence: u64,
    ) -> Result<bool, StoreError> {
        use async_nats::jetstream::{ErrorCode, stream::DeleteMessageErrorKind};
        match timeout(API_TIME, stream.delete_message(sequence)).await.map_err(|_| late())? {
            Ok(removed) => Ok(removed),
            Err(error) => match error.kind() {
                DeleteMessageErrorKind::JetStream(error)
                    if [
                        ErrorCode::NO_MESSAGE_FOUND,
                        ErrorCode::SEQUENCE_NOT_FOUND,
                        ErrorCode::STREAM_MESSAGE_DELETE_FAILED,
                    ]
                    .contains(&error.error_code()) =>
                {
                    Ok(false)
                }
                _ => Err(fault("a message cannot be removed", &error)),
            },
        }
    }
}
