//! Reading the messages of a stream in their order.

use std::time::Duration;

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
    stream::Stream,
};
use futures_util::StreamExt as _;
use tencent_im_callback_journal::StoreError;
use tokio::time::timeout;

use crate::link::{API_TIME, fault, late};

/// The server ends a consumer that is not used for this time.
const UNUSED: Duration = Duration::from_secs(60);

/// So many messages are asked for at once.
pub(crate) const PAGE: usize = 1_000;

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
