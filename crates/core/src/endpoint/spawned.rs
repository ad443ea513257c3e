//! A future that a handler method has spawned: counted in flight until it has ended.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tracing::Span;

use super::{
    in_flight::InFlightPermit,
    panics::{caught, error_text},
};
use crate::{Result, box_future::BoxFuture};

/// The task of [`Context::spawn`](crate::Context::spawn).
pub(crate) struct Spawned {
    /// `None` when it has ended.
    future: Option<BoxFuture<'static, Result<()>>>,
    span: Span,
    /// `None` without an endpoint. The last field, so that the future is dropped before.
    _permit: Option<InFlightPermit>,
}

impl Spawned {
    pub(crate) fn new(future: BoxFuture<'static, Result<()>>, permit: Option<&InFlightPermit>) -> Self {
        Self { future: Some(future), span: Span::current(), _permit: permit.map(InFlightPermit::another) }
    }
}

impl Future for Spawned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(future) = &mut this.future else { return Poll::Ready(()) };
        let _entered = this.span.enter();
        let panic = match caught(|| future.as_mut().poll(cx)) {
            Ok(polled) => match ready!(polled) {
                Ok(()) => None,
                Err(error) => {
                    let text = error_text(&*error);
                    tracing::error!(error = text, "a future that a handler method spawned failed");
                    caught(|| drop(error)).err()
                }
            },
            Err(panic) => Some(panic),
        };
        let ended = this.future.take();
        if let Some(panic) = panic.or_else(|| caught(|| drop(ended)).err()) {
            tracing::error!(panic, "a future that a handler method spawned panicked");
        }
        Poll::Ready(())
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        if self.future.is_some() {
            tracing::error!(
                parent: &self.span,
                "the runtime was shut down while a spawned future was in flight; await Endpoint::drain before the shutdown"
            );
        }
    }
}
