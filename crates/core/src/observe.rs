//! Observability: spans, log lines, metrics and the [`Observer`].

use std::{
    error::Error,
    time::{Duration, Instant},
};

use http::StatusCode;
use tracing::{Level, Span, field::Empty, level_filters::LevelFilter};

use crate::{
    Callback, Context, Outcome,
    endpoint::{caught, causes, error_text},
    unread_fields,
    wire::response::{Summary, WireResponse},
};

/// How one request ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The callback; `None` for an unknown command, and for a request that was refused before its command mattered.
    pub callback: Option<&'static Callback>,
    /// The application of the request; `None` for a request that was refused.
    pub app_id: Option<u64>,
    /// How the request ended.
    pub outcome: Outcome,
    /// The HTTP status of the answer; `None` if the client had disconnected.
    pub status: Option<StatusCode>,
    /// The `ErrorCode` of the answer.
    pub code: u32,
    /// From the first byte of the request until now.
    pub elapsed: Duration,
}

impl Report {
    pub(crate) fn new(callback: Option<&'static Callback>, reply: &WireResponse, received_at: Instant) -> Self {
        let Summary { status, code, outcome } = *reply.summary();
        Self { callback, app_id: None, outcome, status: Some(status), code, elapsed: received_at.elapsed() }
    }

    pub(crate) fn unanswered(callback: Option<&'static Callback>, outcome: Outcome, received_at: Instant) -> Self {
        Self { callback, app_id: None, outcome, status: None, code: 0, elapsed: received_at.elapsed() }
    }

    pub(crate) fn with_app_id(self, app_id: u64) -> Self {
        Self { app_id: Some(app_id), ..self }
    }
}

/// Gets a report of every request of an endpoint; set with
/// [`EndpointBuilder::observer`](crate::EndpointBuilder::observer).
///
/// Its methods are called on the task of the request, before the response is sent, so they have to return quickly. A
/// panic in them is caught and logged.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use tencent_im_callback::{CallbackHandler, Endpoint, Observer, Outcome, Report};
///
/// #[derive(Default)]
/// struct Unauthenticated(AtomicU64);
///
/// impl Observer for Unauthenticated {
///     fn request_finished(&self, report: &Report) {
///         if report.outcome == Outcome::Unauthenticated {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint =
///     Endpoint::builder(App).app(1_400_000_001, "the token").observer(Unauthenticated::default()).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Called once for each request, when the request is over.
    fn request_finished(&self, report: &Report);

    /// Called when a handler method ends after its request: the method was late, the client had disconnected, or the
    /// callback was acknowledged [at once](crate::Acknowledge::AtOnce).
    ///
    /// `late_by` is the time from the deadline to the end of the method; zero if the method ended within the deadline.
    fn method_finished(&self, report: &Report, late_by: Duration) {
        let _ = (report, late_by);
    }
}

/// Whether a subscriber may want lines and spans of this level. The check is cheap.
fn is_wanted(level: Level) -> bool {
    LevelFilter::current() >= level
}

/// The span of a callback whose method is about to be started.
pub(crate) fn span(ctx: &Context) -> Span {
    if is_wanted(Level::INFO) { span_of(ctx) } else { Span::none() }
}

#[cold]
fn span_of(ctx: &Context) -> Span {
    tracing::info_span!(
        "callback",
        command = ctx.command(),
        phase = ctx.callback.map(|callback| callback.phase.as_str()),
        app_id = ctx.app_id(),
        platform = ctx.platform_text(),
        request_id = ctx.request_id().as_deref().map(excerpt),
        outcome = Empty,
        code = Empty,
        elapsed_us = Empty,
    )
}

/// The first 64 characters of a text that a stranger can send: enough for every id and command.
pub(crate) fn excerpt(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}

/// An error of a body and its sources, with the first characters of each for the log.
pub(crate) fn excerpt_of_error(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<_> = causes(error).map(|cause| excerpt(&error_text(cause)).to_owned()).collect();
    // Some errors have the text of the one that they wrap.
    texts.dedup();
    texts.truncate(3);
    texts.join(": ")
}

/// Logs how many fields of a body are in no event, if a subscriber may want it. Their names are not logged: they are text
/// of the body.
pub(crate) fn unread(callback: &'static Callback, body: &[u8]) {
    const TARGET: &str = "tencent_im_callback::unread";
    if !is_wanted(Level::DEBUG) || !tracing::enabled!(target: TARGET, Level::DEBUG) {
        return;
    }
    let count = unread_fields(callback, body).len();
    if count > 0 {
        tracing::debug!(target: TARGET, command = callback.command, count, "fields of a callback are in no event");
    }
}

/// Logs a callback that was admitted and whose body could not be read to its end.
#[cold]
pub(crate) fn lost(ctx: &Context, outcome: Outcome, reason: &str) {
    let (command, app_id) = (excerpt(ctx.command()), ctx.app_id());
    tracing::warn!(command, app_id, outcome = outcome.as_str(), reason, "a callback is lost: its body was not read");
}

/// Reports that a request is over. The report is made only if it is used, because it reads the clock.
pub(crate) fn request_finished(report: impl FnOnce() -> Report, observer: Option<&dyn Observer>) {
    if is_wanted(Level::INFO) || observer.is_some() || cfg!(feature = "metrics") {
        tell(&report(), observer);
    }
}

#[inline(never)]
fn tell(report: &Report, observer: Option<&dyn Observer>) {
    let span = Span::current();
    span.record("outcome", report.outcome.as_str());
    span.record("code", report.code);
    span.record("elapsed_us", u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX));
    tracing::debug!(
        outcome = report.outcome.as_str(),
        status = report.status.map(|status| status.as_u16()),
        code = report.code,
        elapsed = ?report.elapsed,
        "request finished"
    );
    #[cfg(feature = "metrics")]
    metered::request_finished(report);
    guarded(observer, |observer| observer.request_finished(report));
}

pub(crate) fn method_finished(report: &Report, late_by: Duration, observer: Option<&dyn Observer>) {
    #[cfg(feature = "metrics")]
    metered::method_finished(report, late_by);
    guarded(observer, |observer| observer.method_finished(report, late_by));
}

/// A panic of the observer must not change the answer.
fn guarded(observer: Option<&dyn Observer>, tell: impl FnOnce(&dyn Observer)) {
    let Some(observer) = observer else { return };
    if let Err(panic) = caught(|| tell(observer)) {
        tracing::error!(panic, "the observer panicked");
    }
}

#[cfg(feature = "metrics")]
mod metered {
    use std::{sync::OnceLock, time::Duration};

    use metrics::{Key, Label, Level, Metadata};

    use super::Report;
    use crate::{CALLBACKS, Callback, Outcome};

    static METADATA: Metadata<'static> = Metadata::new(env!("CARGO_CRATE_NAME"), Level::INFO, Some(module_path!()));

    /// The keys of the metrics of one command and outcome. They are made once, because a key with labels is allocated.
    struct Keys {
        requests_total: Key,
        request_seconds: Key,
    }

    /// The label is from a closed list, because strangers can make up commands.
    fn command(callback: Option<&Callback>) -> Label {
        Label::new("command", callback.map_or("other", |callback| callback.command))
    }

    fn keys(callback: Option<&Callback>, outcome: Outcome) -> &'static Keys {
        static KEYS: [[OnceLock<Box<Keys>>; Outcome::ALL.len()]; CALLBACKS.len() + 1] =
            [const { [const { OnceLock::new() }; Outcome::ALL.len()] }; CALLBACKS.len() + 1];

        let row = callback.map_or(CALLBACKS.len(), |callback| callback.index);
        KEYS[row][outcome as usize].get_or_init(|| {
            let labels = [command(callback), Label::new("outcome", outcome.as_str())];
            Box::new(Keys {
                requests_total: Key::from_parts("tencent_im_callback_requests_total", labels.to_vec()),
                request_seconds: Key::from_parts("tencent_im_callback_request_seconds", labels.to_vec()),
            })
        })
    }

    pub(super) fn request_finished(report: &Report) {
        let keys = keys(report.callback, report.outcome);
        metrics::with_recorder(|recorder| {
            recorder.register_counter(&keys.requests_total, &METADATA).increment(1);
            recorder.register_histogram(&keys.request_seconds, &METADATA).record(report.elapsed);
        });
    }

    pub(super) fn method_finished(report: &Report, late_by: Duration) {
        let key = Key::from_parts("tencent_im_callback_late_seconds", vec![command(report.callback)]);
        metrics::with_recorder(|recorder| recorder.register_histogram(&key, &METADATA).record(late_by));
    }
}
