//! Whole requests with their responses, for recordings.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Method, StatusCode};

/// One request and its response.
///
/// It contains messages of users and no secret of the protocol: `Sign` is taken out of the query. Its `Debug` shows no
/// text of a user.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// When the head of the request was received.
    pub received_at: SystemTime,
    /// The HTTP method.
    pub method: Method,
    /// The query of the request, without `Sign`.
    pub query: String,
    /// Whether the query had a `Sign`.
    pub is_signed: bool,
    /// The body as it was sent; empty for a request that was refused by its query, because such a body is not stored.
    pub body: Bytes,
    /// The HTTP status of the response.
    pub status: StatusCode,
    /// The body of the response.
    pub answer: Bytes,
    /// From the first byte of the request until the response.
    pub elapsed: Duration,
}

impl fmt::Debug for Exchange {
    // By hand: bodies are users' messages, and a parameter of the app's own URL may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("received_at", &self.received_at)
            .field("method", &self.method)
            .field("body_length", &self.body.len())
            .field("status", &self.status)
            .field("answer_length", &self.answer.len())
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

/// Gets every request of an endpoint with its response, for recordings; set with
/// [`EndpointBuilder::exchange_observer`](crate::EndpointBuilder::exchange_observer).
///
/// An exchange contains the messages of users, which an [`Observer`](crate::Observer) never sees: use this in a test
/// environment, or where messages are kept anyway. The testkit's `Recorder`, feature `recorder`, writes exchanges to a
/// file.
///
/// ```
/// use std::sync::mpsc::{SyncSender, sync_channel};
///
/// use tencent_im_callback::{CallbackHandler, Endpoint, Exchange, ExchangeObserver};
///
/// struct Queue(SyncSender<Exchange>);
///
/// impl ExchangeObserver for Queue {
///     fn exchange_finished(&self, exchange: Exchange) {
///         // The response waits for this method: a full queue must not hold it up.
///         let _ = self.0.try_send(exchange);
///     }
/// }
///
/// # struct App;
/// # impl CallbackHandler for App {}
/// let (sender, receiver) = sync_channel(100);
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").exchange_observer(Queue(sender)).build()?;
/// # drop(receiver);
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
pub trait ExchangeObserver: Send + Sync + 'static {
    /// Called once for each request that is answered, on the task of the request and before the response is sent: it has
    /// to return quickly. A panic in it is caught and logged.
    ///
    /// It is not called for a request whose client has disconnected before the response.
    fn exchange_finished(&self, exchange: Exchange);
}
