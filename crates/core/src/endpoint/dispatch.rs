//! From an admitted request, whose body has been read, to the future of the handler's method.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;

use super::{
    OnFailure,
    apps::AppState,
    invocation::{AnswerFuture, Invocation},
    panics::caught,
    running::Work,
    runtime::MethodRuntime,
    shared::Shared,
};
use crate::{
    CALLBACKS, Callback, Command, Context, DecodeError, Event, Next, Outcome, Phase, Result,
    answer::Answer,
    command,
    handler::rows::BoxFuture,
    layer::PendingMethod,
    observe,
    wire::{
        decode::{self, BodyText, Decoded, Unread},
        response::WireResponse,
    },
};

/// A handler as the endpoint stores it.
#[cfg(not(all(doc, docsrs)))]
pub(super) type DynHandler = Arc<dyn crate::CallbackHandler>;
// The documentation shows the trait with plain `async fn`, and such a trait has no `dyn`. `doc` is
// asked for as well, so that a crate under documentation finds the trait as it is in its dependency.
#[cfg(all(doc, docsrs))]
pub(super) type DynHandler = Arc<dyn std::any::Any + Send + Sync>;

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
    // The last field, because it counts the callback as in flight: all others are dropped before.
    pub(super) ctx: Context,
}

impl AdmittedRequest {
    pub(super) fn shared(&self) -> &Shared {
        self.ctx.permit().expect("an admitted request is in flight").shared()
    }

    /// The runtime that the method is polled in, if it is not the one that serves the request.
    pub(super) fn method_runtime(&self) -> Option<&Handle> {
        let runtime = self.shared().method_runtime.as_ref().filter(|_| self.uses_method_runtime)?;
        runtime.is_alive().then(|| runtime.handle())
    }

    /// Drops a request whose method is not called. A panic of the drop, of a value in the extensions or of the handler
    /// of an application that was removed meanwhile, is logged.
    pub(super) fn discard(self: Box<Self>) {
        if let Err(panic) = caught(|| drop(self)) {
            tracing::error!(panic, "a value of a callback panicked when it was dropped");
        }
    }

    fn handler(&self) -> &DynHandler {
        &self.app.handler
    }

    fn has_layers(&self) -> bool {
        !self.shared().layers.is_empty()
    }

    /// Calls a method through the layers of the endpoint.
    fn call_layers<'a>(&'a self, method: PendingMethod<'a>) -> AnswerFuture<'a> {
        let next = Next::new(&self.ctx, &self.shared().layers, method);
        AnswerFuture::Layered(Box::pin(next.run()))
    }
}

/// Starts the method of a request whose body is there.
pub(super) fn start(mut request: Box<AdmittedRequest>, body: Bytes) -> Work {
    request.ctx.set_body(body);
    let runtime = request.shared().method_runtime.as_ref();
    request.uses_method_runtime = runtime.is_some_and(MethodRuntime::should_run_method);
    let span = observe::span(&request.ctx);
    let invocation = span.in_scope(|| match request.ctx.callback {
        Some(callback) => START[callback.index](request),
        None => start_unknown(request),
    });
    Work { invocation, span }
}

type MethodOf<E, A> = for<'a> fn(&'a DynHandler, &'a Context, E) -> BoxFuture<'a, Result<A>>;

/// Decodes the body into the event of a row and starts its method.
pub(super) fn start_method<E: Event, A: Answer<E>>(
    mut request: Box<AdmittedRequest>,
    method: MethodOf<E, A>,
) -> Invocation
where
    for<'a> AnswerFuture<'a>: From<BoxFuture<'a, Result<A>>>,
{
    let policy = request.shared().policy(Some(E::callback()));
    match read::<E>(&request) {
        Ok(Decoded { event, dropped }) => {
            request.ctx.note_dropped(E::callback(), dropped);
            observe::unread(E::callback(), request.ctx.body());
            request.fallback = match policy {
                OnFailure::Allow => Some(A::unhandled(&event).wire_response()),
                OnFailure::Refuse => A::refused(Some(&event)).map(A::wire_response),
                OnFailure::Defer => None,
            };
            request.is_acknowledged_at_once = request.shared().policies.acknowledges_at_once(E::callback());
            Invocation::start(request, |request| {
                if !request.has_layers() {
                    return method(request.handler(), &request.ctx, event).into();
                }
                request.call_layers(PendingMethod {
                    name: E::callback().method,
                    identity: event.identity(),
                    allowed: A::unhandled(&event).wire_response(),
                    refused: A::refused(Some(&event)).map(A::wire_response),
                    call: Box::new(move || method(request.handler(), &request.ctx, event).into()),
                })
            })
        }
        Err(Unread::Another(callback)) => redirect(request, callback),
        Err(Unread::Undecodable(error)) => {
            start_undecodable(request, error, Unanswered::new(A::PHASE, policy, A::refused(None).map(A::wire_response)))
        }
    }
}

fn read<E: Event>(request: &AdmittedRequest) -> Result<Decoded<E>, Unread> {
    let text = BodyText::new(request.ctx.body());
    let may_be_another = !request.redirected;
    let (decoded, is_repaired) = match text.parse::<E>() {
        Some(event) => (decode::decoded(event), false),
        None => (text.repair(Some(request.ctx.deadline()), may_be_another), true),
    };
    let named = match &decoded {
        Err(Unread::Another(_)) => None,
        // The command may be among the fields that were dropped.
        Ok(decoded) if is_repaired && decoded.event.callback_command().is_none() => command::named_in(&text),
        Ok(decoded) => decoded.event.callback_command().and_then(Command::callback),
        Err(Unread::Undecodable(_)) => command::named_in(&text),
    };
    match named.filter(|named| may_be_another && named.index != E::callback().index) {
        Some(named) => Err(Unread::Another(named)),
        None => decoded,
    }
}

/// The command of the body is used, not that of the query: the vendor's own pages have wrong commands in the URL.
fn redirect(mut request: Box<AdmittedRequest>, named: &'static Callback) -> Invocation {
    tracing::warn!(
        query = request.ctx.command(),
        body = named.command,
        "the body names another callback than the query; the command of the body is used"
    );
    request.ctx.callback = Some(named);
    request.redirected = true;
    START[named.index](request)
}

/// The possible answers to a callback whose body could not be read.
pub(crate) struct Unanswered {
    /// `None` where the command cannot be refused, or not without the accounts that the body names.
    pub(super) refusal: Option<WireResponse>,
    /// The answer when the handler returns an error.
    pub(super) otherwise: WireResponse,
    /// Whether `otherwise` is the answer of the failure policy.
    is_from_policy: bool,
}

impl Unanswered {
    fn new(phase: Phase, policy: OnFailure, refusal: Option<WireResponse>) -> Self {
        let otherwise = match (phase, policy) {
            (Phase::Before, OnFailure::Allow) => WireResponse::OK,
            (Phase::Before, OnFailure::Refuse) => refusal.clone().unwrap_or(WireResponse::DEFER),
            (Phase::Before, OnFailure::Defer) => WireResponse::DEFER,
            (Phase::After | Phase::Reply, _) => WireResponse::UNDECODABLE,
        };
        Self { refusal, otherwise, is_from_policy: phase == Phase::Before }
    }
}

fn start_undecodable(mut request: Box<AdmittedRequest>, error: DecodeError, unanswered: Unanswered) -> Invocation {
    tracing::warn!(command = error.command(), path = error.path(), reason = error.reason(), "undecodable callback");
    request.fallback = unanswered.is_from_policy.then(|| unanswered.otherwise.clone());
    Invocation::start(request, |request| {
        let (allowed, refused) = (WireResponse::OK.with_outcome(Outcome::Undecodable), unanswered.refusal.clone());
        let call = move || AnswerFuture::Undecodable(request.handler().undecodable(&request.ctx, error), unanswered);
        if !request.has_layers() {
            return call();
        }
        let refused = refused.map(|refusal| refusal.with_outcome(Outcome::Undecodable));
        request.call_layers(PendingMethod {
            name: "undecodable",
            identity: None,
            allowed,
            refused,
            call: Box::new(call),
        })
    })
}

/// Starts a callback whose command in the query is unknown or absent.
pub(super) fn start_unknown(mut request: Box<AdmittedRequest>) -> Invocation {
    let named = command::named_in(&BodyText::new(request.ctx.body()));
    if let Some(named) = named {
        return redirect(request, named);
    }
    tracing::info!(command = request.ctx.command(), "unknown command: this version has no callback for it");
    request.fallback = match request.shared().policy(None) {
        OnFailure::Allow => Some(WireResponse::OK),
        OnFailure::Refuse => Some(WireResponse::REFUSE),
        OnFailure::Defer => None,
    };
    Invocation::start(request, |request| {
        let call = || AnswerFuture::Unknown(request.handler().unknown(&request.ctx));
        if !request.has_layers() {
            return call();
        }
        let allowed = WireResponse::OK.with_outcome(Outcome::Unknown);
        request.call_layers(PendingMethod {
            name: "unknown",
            identity: None,
            allowed,
            refused: Some(WireResponse::REFUSE.with_outcome(Outcome::Unknown)),
            call: Box::new(call),
        })
    })
}

type Start = fn(Box<AdmittedRequest>) -> Invocation;

macro_rules! start_table {
    ($($command:literal $method:ident $Event:ty;)*) => {
        /// Starts the method of a callback, in the order of [`CALLBACKS`].
        static START: [Start; CALLBACKS.len()] = [$({
            // An item and not a closure, whose body rustdoc would check: under `docsrs` the handler has no such method.
            fn start_row(request: Box<AdmittedRequest>) -> Invocation {
                start_method::<$Event, <$Event as Event>::Answer>(request, |handler, ctx, event| {
                    handler.$method(ctx, event)
                })
            }
            start_row
        }),*];
    };
}

each_callback! { start_table }
