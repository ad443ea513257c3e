//! The requests to the server: all of them end in time.

use std::{fmt, time::Duration};

use async_nats::{
    HeaderMap,
    jetstream::{
        Context, ErrorCode, Message,
        consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
        context::{PublishAckFuture, PublishErrorKind},
        message::PublishMessage,
        publish::PublishAck,
        stream::Stream,
    },
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tencent_im_callback_journal::StoreError;
use tokio::time::timeout;

/// An append or a change of progress fails after this time. The endpoint has 1.7 seconds.
pub(crate) const ACK_TIME: Duration = Duration::from_millis(1_400);

/// Every other request fails after this time.
pub(crate) const API_TIME: Duration = Duration::from_secs(5);

/// The server ends a consumer that is not used for this time.
const UNUSED: Duration = Duration::from_secs(60);

/// So many messages are asked for at once.
pub(crate) const PAGE: usize = 1_000;

/// What the names of streams and subjects of a journal begin with.
#[derive(Debug, Clone)]
pub(crate) struct Names(pub(crate) String);

impl Names {
    pub(crate) fn entries(&self) -> String {
        self.0.clone()
    }

    pub(crate) fn dead(&self) -> String {
        format!("{}-dead", self.0)
    }

    pub(crate) fn progress(&self) -> String {
        format!("{}-progress", self.0)
    }

    pub(crate) fn bucket(&self) -> String {
        format!("{}-workers", self.0)
    }

    pub(crate) fn bucket_stream(&self) -> String {
        format!("KV_{}", self.bucket())
    }

    /// The subject of a key of the bucket.
    pub(crate) fn key(&self, key: impl fmt::Display) -> String {
        format!("$KV.{}.{key}", self.bucket())
    }

    pub(crate) fn all_entries(&self) -> String {
        format!("{}.entry.>", self.0)
    }

    pub(crate) fn entries_of(&self, partition: u32) -> String {
        format!("{}.entry.{partition}.>", self.0)
    }

    /// The subject of an entry. What a subject may not have is an underscore.
    pub(crate) fn entry(&self, partition: u32, command: &str) -> String {
        let is_fine = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let mut command: String = command.chars().map(|one| if is_fine(one) { one } else { '_' }).take(200).collect();
        if command.split('.').any(str::is_empty) {
            command = command.replace('.', "_");
        }
        if command.is_empty() {
            command.push('_');
        }
        format!("{}.entry.{partition}.{command}", self.0)
    }

    /// The partition in the subject of an entry.
    pub(crate) fn partition_of(&self, subject: &str) -> Option<u32> {
        let rest = subject.strip_prefix(&self.0)?.strip_prefix(".entry.")?;
        rest.split_once('.')?.0.parse().ok()
    }

    pub(crate) fn all_dead(&self) -> String {
        format!("{}.dead.>", self.0)
    }

    pub(crate) fn dead_of(&self, partition: u32, id: u64) -> String {
        format!("{}.dead.{partition}.{id}", self.0)
    }

    /// The partition and the id in the subject of a dead letter.
    pub(crate) fn dead_in(&self, subject: &str) -> Option<(u32, u64)> {
        let (partition, id) = subject.strip_prefix(&self.0)?.strip_prefix(".dead.")?.split_once('.')?;
        Some((partition.parse().ok()?, id.parse().ok()?))
    }

    pub(crate) fn all_progress(&self) -> String {
        format!("{}.progress.*", self.0)
    }

    pub(crate) fn progress_of(&self, partition: u32) -> String {
        format!("{}.progress.{partition}", self.0)
    }

    pub(crate) fn progress_in(&self, subject: &str) -> Option<u32> {
        subject.strip_prefix(&self.0)?.strip_prefix(".progress.")?.parse().ok()
    }

    /// Where it is told that entries were appended to a partition.
    pub(crate) fn appended(&self) -> String {
        format!("{}.appended", self.0)
    }
}

/// An error of the client, which has no text that people wrote.
pub(crate) fn fault(what: &str, error: &dyn std::error::Error) -> StoreError {
    StoreError::failed(format!("{what}: {error}"))
}

/// Why a message was not acknowledged.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The subject has another last message than expected.
    NotLast,
    /// The stream has no room.
    Full,
    Failed(StoreError),
}

/// The connection to the server.
#[derive(Clone)]
pub(crate) struct Link(pub(crate) Context);

impl Link {
    /// Sends a message, and returns what its acknowledgement is waited for with.
    pub(crate) async fn send(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<PublishAckFuture, StoreError> {
        // What waits for a connection would be sent when nobody waits for it any more.
        if self.0.client().connection_state() != async_nats::connection::State::Connected {
            return Err(StoreError::failed("the NATS server is away"));
        }
        let message = PublishMessage::build().headers(headers).payload(payload);
        let sent = timeout(ACK_TIME, self.0.send_publish(subject, message)).await;
        sent.map_err(|_| late())?.map_err(|error| match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => {
                StoreError::failed(format!("the entry is larger than `max_payload` of the NATS server: {error}"))
            }
            _ => fault("a message cannot be sent to the NATS server", &error),
        })
    }

    /// Waits for an acknowledgement.
    pub(crate) async fn acknowledged(ack: PublishAckFuture) -> Result<PublishAck, Refusal> {
        let result = timeout(ACK_TIME, ack.into_future()).await.map_err(|_| Refusal::Failed(late()))?;
        result.map_err(|error| {
            let code = std::error::Error::source(&error)
                .and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>())
                .map(|error| (error.error_code(), error.to_string()));
            match (error.kind(), code) {
                (PublishErrorKind::WrongLastSequence, _) => Refusal::NotLast,
                (PublishErrorKind::TimedOut, _) => Refusal::Failed(late()),
                (_, Some((ErrorCode::STREAM_STORE_FAILED, text))) if text.contains("maximum") => Refusal::Full,
                (_, Some((ErrorCode::INSUFFICIENT_RESOURCES | ErrorCode::STORAGE_RESOURCES_EXCEEDED, _))) => {
                    Refusal::Full
                }
                (_, Some((_, text))) => {
                    Refusal::Failed(StoreError::failed(format!("the NATS server keeps no message: {text}")))
                }
                _ => Refusal::Failed(fault("the NATS server keeps no message", &error)),
            }
        })
    }

    /// Sends a message and waits for its acknowledgement.
    pub(crate) async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<PublishAck, Refusal> {
        let ack = self.send(subject, headers, payload).await.map_err(Refusal::Failed)?;
        Self::acknowledged(ack).await
    }

    /// Removes the messages of a subject, before a sequence if one is given, and returns how many there were.
    pub(crate) async fn purge(&self, stream: &Stream<()>, subject: &str, before: Option<u64>) -> Result<u64, StoreError> {
        let purge = stream.purge().filter(subject);
        let purged = match before {
            Some(before) => timeout(API_TIME, purge.sequence(before).into_future()).await,
            None => timeout(API_TIME, purge.into_future()).await,
        };
        let purged = purged.map_err(|_| late())?;
        purged.map(|purged| purged.purged).map_err(|error| fault("messages cannot be removed", &error))
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotLast => Self::Fenced,
            Refusal::Full => Self::failed("the NATS server has no room for another message"),
            Refusal::Failed(error) => error,
        }
    }
}

/// The server has not answered in time.
pub(crate) fn late() -> StoreError {
    StoreError::failed("the NATS server has not answered in time")
}

/// Where reading begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    /// At this sequence.
    Sequence(u64),
    /// At the first message since this time, in nanoseconds since 1970.
    Time(i128),
    /// At the last message of each subject.
    Last,
}

/// Reads the messages of a stream in their order.
pub(crate) struct Reader {
    stream: Stream<()>,
    consumer: Consumer<pull::Config>,
    /// How many messages there were when this was made, and are not read yet.
    left: u64,
    /// The number of the last message within the consumer.
    last: u64,
}

impl Reader {
    pub(crate) async fn new(
        stream: &Stream<()>,
        filter: String,
        from: Start,
        headers_only: bool,
    ) -> Result<Self, StoreError> {
        let deliver_policy = match from {
            Start::Sequence(sequence) => DeliverPolicy::ByStartSequence { start_sequence: sequence.max(1) },
            Start::Time(nanos) => DeliverPolicy::ByStartTime {
                start_time: async_nats::datetime::from_nanos(nanos).map_err(StoreError::failed)?,
            },
            Start::Last => DeliverPolicy::LastPerSubject,
        };
        let config = pull::Config {
            deliver_policy,
            ack_policy: AckPolicy::None,
            filter_subject: filter,
            headers_only,
            inactive_threshold: UNUSED,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let made = timeout(API_TIME, stream.create_consumer(config)).await.map_err(|_| late())?;
        let consumer = made.map_err(|error| fault("a stream cannot be read", &error))?;
        let left = consumer.cached_info().num_pending;
        Ok(Self { stream: stream.clone(), consumer, left, last: 0 })
    }

    /// How many messages there were when this was made, and are not read yet.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// The sequence at which reading begins.
    pub(crate) fn start(&self) -> u64 {
        self.consumer.cached_info().delivered.stream_sequence + 1
    }

    /// The next messages, at most a page. None when there are no more now.
    ///
    /// After an error some may be missing: the reader has to be made anew.
    pub(crate) async fn next(&mut self, max: usize) -> Result<Vec<Message>, StoreError> {
        let read = async {
            let fetched = self.consumer.fetch().max_messages(max.clamp(1, PAGE)).messages().await;
            let mut fetched = fetched.map_err(|error| fault("a stream cannot be read", &error))?;
            let mut messages = Vec::new();
            while let Some(message) = fetched.next().await {
                messages.push(message.map_err(|error| fault("a stream cannot be read", &*error))?);
            }
            Ok::<_, StoreError>(messages)
        };
        let messages = timeout(API_TIME, read).await.map_err(|_| late())??;
        for message in &messages {
            let info = message.info().map_err(|error| fault("a message cannot be read", &*error))?;
            if info.consumer_sequence != self.last + 1 {
                return Err(StoreError::failed("messages of a stream were lost on the way; they are read again"));
            }
            self.last = info.consumer_sequence;
        }
        self.left = self.left.saturating_sub(messages.len() as u64);
        Ok(messages)
    }

    /// The next messages of those that there were when this was made.
    pub(crate) async fn next_known(&mut self, max: usize) -> Result<Vec<Message>, StoreError> {
        let max = usize::try_from(self.left).unwrap_or(usize::MAX).min(max);
        if max == 0 { Ok(Vec::new()) } else { self.next(max).await }
    }

    /// The server need not keep it any longer.
    pub(crate) async fn end(self) {
        // It ends by itself otherwise.
        _ = timeout(API_TIME, self.stream.delete_consumer(&self.consumer.cached_info().name)).await;
    }
}

/// The sequence of a message.
pub(crate) fn sequence(message: &Message) -> Result<u64, StoreError> {
    message.info().map(|info| info.stream_sequence).map_err(|error| fault("a message cannot be read", &*error))
}

/// All messages that there are of a subject.
pub(crate) async fn all(
    stream: &Stream<()>,
    filter: String,
    from: Start,
    headers_only: bool,
) -> Result<Vec<Message>, StoreError> {
    let mut reader = Reader::new(stream, filter, from, headers_only).await?;
    let mut messages = Vec::new();
    loop {
        let page = reader.next_known(PAGE).await?;
        if page.is_empty() {
            reader.end().await;
            return Ok(messages);
        }
        messages.extend(page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_only_what_a_subject_may_have() {
        let names = Names("j".to_owned());
        for (command, subject) in [
            ("Group.CallbackAfterSendMsg", "j.entry.3.Group.CallbackAfterSendMsg"),
            ("a b*>\u{e9}", "j.entry.3.a_b___"),
            ("", "j.entry.3._"),
            ("a..b.", "j.entry.3.a__b_"),
        ] {
            assert_eq!(names.entry(3, command), subject);
            assert_eq!(names.partition_of(subject), Some(3));
        }
        assert_eq!(names.partition_of("j.other.3.x"), None);
        assert_eq!(names.dead_in(&names.dead_of(2, 9)), Some((2, 9)));
        assert_eq!(names.progress_in(&names.progress_of(7)), Some(7));
    }
}
