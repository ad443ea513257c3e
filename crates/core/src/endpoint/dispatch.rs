//! From an admitted request, whose body has been read, to the future of the handler's method.

use bytes::Bytes;

use super::{
    admitted::AdmittedRequest,
    invocation::{AnswerFuture, Invocation},
    keep::{Subject, keep, keeps_unknown},
    policy::OnFailure,
    running::Work,
    runtime::MethodRuntime,
    unanswered::Unanswered,
};
use crate::{
    CALLBACKS, Callback, Command, Context, DecodeError, Event, Outcome, Phase, Result,
    answer::Answer,
    box_future::BoxFuture,
    handler::DynHandler,
    layer::PendingMethod,
    observe,
    wire::{
        decode::{self, BodyText, Decoded, Unread},
        named_callback::named_in,
        response::WireResponse,
    },
};

/// Starts the method of a request whose body is there.
pub(super) fn start(mut request: Box<AdmittedRequest>, body: Bytes) -> Work {
    request.ctx.set_body(body);
    let runtime = request.shared.method_runtime.as_ref();
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
    let policy = request.shared.policy(Some(E::callback()));
    match read::<E>(&request) {
        Ok(Decoded { event, dropped }) => {
            request.ctx.note_dropped(E::callback(), dropped);
            observe::unread(E::callback(), request.ctx.body());
            if A::PHASE == Phase::After && request.keeps(E::COMMAND) {
                let (key, identity) = (event.key(), event.identity());
                return keep(request, Subject { command: E::COMMAND.to_owned(), key, identity });
            }
            request.fallback = match policy {
                OnFailure::Allow => Some(A::unhandled(&event).wire_response()),
                OnFailure::Refuse => A::refused(Some(&event)).map(A::wire_response),
                OnFailure::Defer => None,
            };
            request.is_acknowledged_at_once = request.shared.policies.acknowledges_at_once(E::callback());
            Invocation::start(request, |request| {
                if !request.has_layers() {
                    return method(request.handler(), &request.ctx, event).into();
                }
                AnswerFuture::Layered(request.call_layers(PendingMethod {
                    name: E::callback().method,
                    identity: event.identity(),
                    allowed: A::unhandled(&event).wire_response(),
                    refused: A::refused(Some(&event)).map(A::wire_response),
                    call: Box::new(move || {
                        Box::pin(AnswerFuture::from(method(request.handler(), &request.ctx, event)))
                    }),
                }))
            })
        }
        Err(Unread::Another(callback)) => redirect(request, callback),
        Err(Unread::Undecodable(_)) if A::PHASE == Phase::After && request.keeps(E::COMMAND) => {
            let subject = Subject::of_body(E::COMMAND, request.ctx.body());
            keep(request, subject)
        }
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
        Ok(decoded) if is_repaired && decoded.event.callback_command().is_none() => named_in(&text),
        Ok(decoded) => decoded.event.callback_command().and_then(Command::callback),
        Err(Unread::Undecodable(_)) => named_in(&text),
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
        AnswerFuture::Layered(request.call_layers(PendingMethod {
            name: "undecodable",
            identity: None,
            allowed,
            refused,
            call: Box::new(move || Box::pin(call())),
        }))
    })
}

/// Starts a callback whose command in the query is unknown or absent.
pub(super) fn start_unknown(mut request: Box<AdmittedRequest>) -> Invocation {
    let named = named_in(&BodyText::new(request.ctx.body()));
    if let Some(named) = named {
        return redirect(request, named);
    }
    tracing::info!(command = request.ctx.command(), "unknown command: this version has no callback for it");
    if keeps_unknown(request.ctx.command()) && request.keeps(request.ctx.command()) {
        let subject = Subject::of_body(request.ctx.command(), request.ctx.body());
        return keep(request, subject);
    }
    request.fallback = match request.shared.policy(None) {
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
        AnswerFuture::Layered(request.call_layers(PendingMethod {
            name: "unknown",
            identity: None,
            allowed,
            refused: Some(WireResponse::REFUSE.with_outcome(Outcome::Unknown)),
            call: Box::new(move || Box::pin(call())),
        }))
    })
}

type Start = fn(Box<AdmittedRequest>) -> Invocation;

macro_rules! start_table {
    ($($command:literal $method:ident $Event:ty;)*) => {
        /// Starts the method of a callback, in the order of [`CALLBACKS`].
        static START: [Start; CALLBACKS.len()] = [$({
            // An item and not a closure, whose body rustdoc would check: in the documentation the handler has no such method.
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
