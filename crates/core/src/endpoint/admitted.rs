//! A request that was admitted: what its method borrows from.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{apps::AppState, panics::caught, shared::Shared};
use crate::{
    Context, MethodAnswer, Next, Result, box_future::BoxFuture, handler::DynHandler, layer::PendingMethod,
    wire::response::WireResponse,
};

/// A request that has passed the checks of [`admission`](super::admission).
///
/// It is boxed, because it is passed on several times and large.
pub(super) struct AdmittedRequest {
    pub(super) app: Arc<AppState>,
    /// The answer if the method fails to give one; `None` for status 500.
    pub(super) fallback: Option<WireResponse>,
    /// The body has named another callback than the query. Its word is not looked at again.
    pub(super) redirected: bool,
    /// The method is polled within the [`MethodRuntime`](super::runtime::MethodRuntime) of the endpoint.
    pub(super) uses_method_runtime: bool,
    /// The callback is answered before its method is called.
    pub(super) is_acknowledged_at_once: bool,
    pub(super) source: Source,
    pub(super) shared: Arc<Shared>,
    // The last field, because it counts the callback as in flight: all others are dropped before.
    pub(super) ctx: Context,
}

/// Where a callback has come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// From the service.
    Request,
    /// From the service, and it is being kept in the journal in place of a call of its method.
    RequestToKeep,
    /// From the journal.
    Journal,
}

impl AdmittedRequest {
    /// The runtime that the method is polled in, if it is not the one that serves the request.
    pub(super) fn method_runtime(&self) -> Option<&Handle> {
        let runtime = self.shared.method_runtime.as_ref().filter(|_| self.uses_method_runtime)?;
        runtime.is_alive().then(|| runtime.handle())
    }

    /// Drops a request whose method is not called. A panic of the drop, of a value in the extensions or of the handler
    /// of an application that was removed meanwhile, is logged.
    pub(super) fn discard(self: Box<Self>) {
        if let Err(panic) = caught(|| drop(self)) {
            tracing::error!(panic, "a value of a callback panicked when it was dropped");
        }
    }

    pub(super) fn handler(&self) -> &DynHandler {
        &self.app.handler
    }

    /// Whether an *after* callback with this command is kept in a journal.
    pub(super) fn keeps(&self, command: &str) -> bool {
        let Some(journal) = &self.shared.journal else { return false };
        // After a panic it is kept: nothing is lost by that.
        self.source == Source::Request && caught(|| journal.keeps(command)).unwrap_or(true)
    }

    pub(super) fn has_layers(&self) -> bool {
        !self.shared.layers.is_empty()
    }

    /// Calls a method through the layers of the endpoint.
    pub(super) fn call_layers<'a>(&'a self, method: PendingMethod<'a>) -> BoxFuture<'a, Result<MethodAnswer>> {
        let next = Next::new(&self.ctx, &self.shared.layers, method);
        Box::pin(next.run())
    }
}
