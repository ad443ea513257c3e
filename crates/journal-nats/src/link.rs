//! The requests to the server: all of them end in time.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    jetstream::{
        Context, ErrorCode,
        context::{PublishAckFuture, PublishErrorKind},
        message::PublishMessage,
        publish::PublishAck,
        stream::Stream,
    },
};
use bytes::Bytes;
use tencent_im_callback_journal::StoreError;
use tokio::time::timeout;

/// An append or a change of progress fails after this time. The endpoint has 1.7 seconds.
pub(crate) const ACK_TIME: Duration = Duration::from_millis(1_400);

/// Every other request fails after this time.
pub(crate) const API_TIME: Duration = Duration::from_secs(3);

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
    pub(crate) async fn purge(
        &self,
        stream: &Stream<()>,
        subject: &str,
        before: Option<u64>,
    ) -> Result<u64, StoreError> {
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
