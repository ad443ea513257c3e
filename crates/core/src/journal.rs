//! The seam for a journal: what is kept before it is answered, and delivered later.

use std::{fmt, time::SystemTime};

use bytes::Bytes;

use crate::{Identity, Key, Result, error::BoxError};

/// Keeps *after* callbacks, so that they can be delivered later: see
/// [`EndpointBuilder::journal`](crate::EndpointBuilder::journal).
///
/// The package `tencent-im-callback-journal` has one over `SQLite`, with order, retries and dead letters.
#[cfg_attr(not(doc), async_trait::async_trait)]
#[doc(alias = "retry")]
pub trait Journal: Send + Sync + 'static {
    /// Keeps an entry. When this returns `Ok`, the callback is answered OK: the entry has to be durable.
    ///
    /// An error is answered with HTTP status 500, and so is an entry that is not kept within the
    /// [deadline](crate::EndpointBuilder::deadline).
    async fn append(&self, entry: Entry) -> Result<()>;

    /// Whether callbacks with this command are kept: all by default. The methods of others are called for the request, as
    /// without a journal.
    fn keeps(&self, command: &str) -> bool {
        let _ = command;
        true
    }
}

/// A journal as the endpoint stores it.
#[cfg(not(doc))]
pub(crate) type DynJournal = Box<dyn Journal>;
// As for `DynHandler`.
#[cfg(doc)]
pub(crate) type DynJournal = Box<dyn std::any::Any + Send + Sync>;

/// A callback as a journal keeps it.
///
/// It contains messages of users and no secret: `Sign` is taken out of the query. Its `Debug` shows no text of a user.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The application.
    pub app_id: u64,
    /// The command word: that of the body if the body names another one than the query.
    pub command: String,
    /// The query of the request, without `Sign`.
    pub query: String,
    /// The body as it was sent.
    pub body: Bytes,
    /// When the request was received.
    pub received_at: SystemTime,
    /// The subject, with the application: entries with the same key are delivered in their order. `None` for entries whose
    /// order does not matter.
    pub key: Option<Key>,
    /// The identity of the event, with the application; `None` for events without one.
    pub identity: Option<Identity>,
}

impl Entry {
    /// An entry without a key and an identity.
    #[must_use]
    pub fn new(
        app_id: u64,
        command: impl Into<String>,
        query: impl Into<String>,
        body: impl Into<Bytes>,
        received_at: SystemTime,
    ) -> Self {
        let (command, query, body) = (command.into(), query.into(), body.into());
        Self { app_id, command, query, body, received_at, key: None, identity: None }
    }

    /// The same entry with this key.
    #[must_use]
    pub fn with_key(self, key: Option<Key>) -> Self {
        Self { key, ..self }
    }

    /// The same entry with this identity.
    #[must_use]
    pub fn with_identity(self, identity: Option<Identity>) -> Self {
        Self { identity, ..self }
    }
}

impl fmt::Debug for Entry {
    // By hand: the body has messages of users.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("app_id", &self.app_id)
            .field("command", &self.command)
            .field("key", &self.key)
            .field("identity", &self.identity)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// One of the calls of a method for an entry of a journal: see [`Context::attempt`](crate::Context::attempt).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The place of the entry in the journal, the same in every attempt. Write it beside the effects of a method to find
    /// out in the next attempt that they are there already.
    pub id: u64,
    /// 1 for the first attempt.
    pub number: u32,
    /// When the request was received.
    pub received_at: SystemTime,
    /// The text of the error of the attempt before.
    pub last_error: Option<String>,
}

impl Attempt {
    /// The attempt with this number for the entry at this place.
    #[must_use]
    pub const fn new(id: u64, number: u32, received_at: SystemTime) -> Self {
        Self { id, number, received_at, last_error: None }
    }

    /// The same attempt with the error of the one before.
    #[must_use]
    pub fn with_last_error(self, last_error: Option<String>) -> Self {
        Self { last_error, ..self }
    }
}

/// Why [`Endpoint::deliver`](crate::Endpoint::deliver) has not delivered an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The endpoint does not have the application of the entry.
    #[error("application {app_id} is not registered")]
    UnknownApp {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// The query of the entry cannot be read.
    #[error("the query of the entry cannot be read")]
    Malformed,
    /// The body cannot be read, and [`undecodable`](crate::CallbackHandler::undecodable) returned an error.
    #[error("the body cannot be read into its event")]
    Undecodable,
    /// The method returned this error.
    #[error("the method failed")]
    Failed(#[source] BoxError),
    /// The method panicked.
    #[error("the method panicked: {0}")]
    Panicked(String),
    /// The method has not ended in its time, and was dropped where it waited.
    #[error("the method did not end in its time")]
    TimedOut,
}
