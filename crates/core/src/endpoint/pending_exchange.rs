//! An exchange before its response.

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use bytes::Bytes;
use http::Method;

use super::{panics::caught, shared::Shared};
use crate::{
    Exchange,
    wire::{query::without_sign, response::WireResponse},
};

/// A request whose exchange is given to the app's observer.
pub(super) struct PendingExchange {
    shared: Arc<Shared>,
    received_at: SystemTime,
    since: Instant,
    method: Method,
    query: String,
    is_signed: bool,
    body: Bytes,
}

impl PendingExchange {
    /// `None` if the app has no observer of exchanges.
    pub(super) fn begin(shared: &Arc<Shared>, method: &Method, query: &str, since: Instant) -> Option<Box<Self>> {
        shared.exchange_observer.as_ref()?;
        let unsigned = without_sign(query);
        Some(Box::new(Self {
            shared: Arc::clone(shared),
            received_at: SystemTime::now().checked_sub(since.elapsed()).unwrap_or(SystemTime::UNIX_EPOCH),
            since,
            method: method.clone(),
            is_signed: unsigned.len() < query.len(),
            query: unsigned,
            body: Bytes::new(),
        }))
    }

    pub(super) fn set_body(&mut self, body: &Bytes) {
        self.body = body.clone();
    }

    pub(super) fn answered(self, response: &WireResponse) {
        let Self { shared, received_at, since, method, query, is_signed, body } = self;
        let (status, answer) = (response.summary().status, response.clone().into_body());
        let exchange =
            Exchange { received_at, method, query, is_signed, body, status, answer, elapsed: since.elapsed() };
        let Some(observer) = shared.exchange_observer.as_deref() else { return };
        if let Err(panic) = caught(|| observer.exchange_finished(exchange)) {
            tracing::error!(panic, "the exchange observer panicked");
        }
    }
}
