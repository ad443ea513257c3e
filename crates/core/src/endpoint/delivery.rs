//! Delivers an entry of a journal: calls its method, without the checks of a request.

use std::{
    future::poll_fn,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use http::Extensions;
use tokio::{runtime::Handle, time::timeout};

use super::{
    admitted::{AdmittedRequest, Source},
    dispatch,
    panics::caught,
    running::Work,
    shared::Shared,
};
use crate::{
    Attempt, Callback, Context, DeliveryError, Entry, Outcome, Report,
    wire::query::{Query, QueryIndex, RawQuery},
};

pub(super) async fn deliver(
    shared: Arc<Shared>,
    entry: Entry,
    attempt: Attempt,
    time: Duration,
) -> Result<(), DeliveryError> {
    let (request, body) = request(&shared, entry, attempt, time)?;
    let started_at = request.ctx.received_at();
    let callback = request.ctx.callback;
    let app_id = request.ctx.app_id();
    let mut work = dispatch::start(request, body);
    let polled = timeout(time, poll_fn(|cx| poll(&mut work, cx))).await;
    let result = match polled {
        Err(_) => Err(DeliveryError::TimedOut),
        Ok(result) => result,
    };
    if result.is_ok() {
        shared.warn_unhandled_once(&work.invocation.request().ctx);
    }
    let outcome = match &result {
        Ok(()) => Outcome::Ack,
        Err(DeliveryError::Panicked(_)) => Outcome::Panicked,
        Err(DeliveryError::Undecodable) => Outcome::Undecodable,
        Err(DeliveryError::TimedOut) => Outcome::Late,
        Err(_) => Outcome::Failed,
    };
    // A panic of the drop is a failure of the method: its effects may be half done.
    let result = match caught(|| drop(work)) {
        Err(panic) if result.is_ok() => Err(DeliveryError::Panicked(panic)),
        _ => result,
    };
    shared.report_delivery(&Report::unanswered(callback, outcome, started_at).with_app_id(app_id));
    result
}

/// Ready when the method has ended.
fn poll(work: &mut Work, cx: &mut std::task::Context<'_>) -> Poll<Result<(), DeliveryError>> {
    let span = work.span.clone();
    let _entered = span.enter();
    let runtime = work.invocation.request().method_runtime().cloned();
    let _runtime = runtime.as_ref().map(Handle::enter);
    match caught(|| work.invocation.poll(cx)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Ok(response))) => {
            let summary = response.summary();
            let is_undecodable = summary.outcome == Outcome::Undecodable && summary.status != http::StatusCode::OK;
            Poll::Ready(if is_undecodable { Err(DeliveryError::Undecodable) } else { Ok(()) })
        }
        Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(DeliveryError::Failed(error))),
        Err(panic) => Poll::Ready(Err(DeliveryError::Panicked(panic))),
    }
}

/// The entry as a request that was admitted.
fn request(
    shared: &Arc<Shared>,
    entry: Entry,
    attempt: Attempt,
    time: Duration,
) -> Result<(Box<AdmittedRequest>, bytes::Bytes), DeliveryError> {
    let app = shared.apps.find(entry.app_id).ok_or(DeliveryError::UnknownApp { app_id: entry.app_id })?;
    let text = RawQuery::from(entry.query);
    let values = QueryIndex::parse(text.as_str()).map_err(|_| DeliveryError::Malformed)?;
    let callback = Callback::find(Query::new(text.as_str(), &values).command());
    let now = Instant::now();
    let ctx = Context::new(app.id, (text, values), callback, Extensions::new(), (now, now + time), None);
    let request = AdmittedRequest {
        app,
        fallback: None,
        redirected: false,
        uses_method_runtime: false,
        is_acknowledged_at_once: false,
        source: Source::Journal,
        shared: Arc::clone(shared),
        ctx: ctx.with_attempt(attempt),
    };
    Ok((Box::new(request), entry.body))
}
