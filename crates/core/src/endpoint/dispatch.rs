//! From an admitted request, whose body has been read, to the future of the handler's method.

use std::sync::Arc;

use super::{
    OnFailure, Place,
    invocation::{AnswerFuture, Invocation},
};
use crate::{
    CALLBACKS, Callback, Command, Context, DecodeError, Event, Phase, Result,
    answer::Answer,
    command,
    handler::rows::BoxFuture,
    wire::{
        decode::{self, BodyText, Decoded, Unread},
        response::WireResponse,
    },
};

/// A handler as the endpoint holds it.
#[cfg(not(all(doc, docsrs)))]
pub(crate) type DynHandler = Arc<dyn crate::CallbackHandler>;
// The documentation shows the trait with plain `async fn`, and such a trait has no `dyn`. `doc` is
// asked for as well, so that a crate under documentation finds the trait as it is in its dependency.
#[cfg(all(doc, docsrs))]
pub(crate) type DynHandler = Arc<dyn std::any::Any + Send + Sync>;

/// A callback that has been let in.
///
/// It is in a box from then on, because it is handed on from one to the next, and moving all of it takes longer.
pub(crate) struct AdmittedRequest {
    pub(crate) ctx: Context,
    /// The answer if the method fails to give one; `None` for the status that leaves it to the console.
    pub(crate) fallback: Option<WireResponse>,
    /// The body has been asked which callback it is and was believed; it is not asked again.
    pub(crate) redirected: bool,
    // The last, so that all else is gone when it is given back.
    pub(crate) place: Place,
}

impl AdmittedRequest {
    fn handler(&self) -> &DynHandler {
        self.place.handler(&self.ctx)
    }
}

type MethodOf<E, A> = for<'a> fn(&'a DynHandler, &'a Context, E) -> BoxFuture<'a, Result<A>>;

/// Decodes the body into the event of a row and starts its method.
pub(crate) fn start_method<E: Event, A: Answer<E>>(mut call: Box<AdmittedRequest>, method: MethodOf<E, A>) -> Invocation
where
    for<'a> AnswerFuture<'a>: From<BoxFuture<'a, Result<A>>>,
{
    let policy = call.place.policy(Some(E::callback()));
    match read::<E>(&call) {
        Ok(Decoded { event, dropped }) => {
            call.ctx.note_dropped(E::callback(), dropped);
            call.fallback = match policy {
                OnFailure::Allow => Some(A::unhandled(&event).reply()),
                OnFailure::Refuse => A::refused(Some(&event)).map(A::reply),
                OnFailure::Defer => None,
            };
            Invocation::by(call, |call| method(call.handler(), &call.ctx, event).into())
        }
        Err(Unread::Another(callback)) => redirect(call, callback),
        Err(Unread::Undecodable(error)) => {
            start_undecodable(call, error, Unanswered::new(A::PHASE, policy, A::refused(None).map(A::reply)))
        }
    }
}

fn read<E: Event>(call: &AdmittedRequest) -> Result<Decoded<E>, Unread> {
    let text = BodyText::new(call.ctx.body());
    let may_be_another = !call.redirected;
    let (decoded, is_repaired) = match text.parse::<E>() {
        Some(event) => (decode::decoded(event), false),
        None => (text.repair(Some(call.ctx.deadline()), may_be_another), true),
    };
    let named = match &decoded {
        Err(Unread::Another(_)) => None,
        // The word may be in what was left out.
        Ok(decoded) if is_repaired && decoded.event.callback_command().is_none() => command::named_in(&text),
        Ok(decoded) => decoded.event.callback_command().and_then(Command::callback),
        Err(Unread::Undecodable(_)) => command::named_in(&text),
    };
    match named.filter(|named| may_be_another && named.index != E::callback().index) {
        Some(named) => Err(Unread::Another(named)),
        None => decoded,
    }
}

/// The body's word wins over the query's: the vendor's own pages have wrong words in the URL.
fn redirect(mut call: Box<AdmittedRequest>, named: &'static Callback) -> Invocation {
    tracing::warn!(
        query = call.ctx.command(),
        body = named.command,
        "the body names another callback than the query; the body is believed"
    );
    call.ctx.callback = Some(named);
    call.redirected = true;
    START[named.index](call)
}

/// What can be answered to a callback whose body could not be read.
pub(crate) struct Unanswered {
    /// `None` where the command cannot be refused, or not without the accounts that the body names.
    pub(crate) refusal: Option<WireResponse>,
    /// The answer when the handler leaves it open.
    pub(crate) otherwise: WireResponse,
    /// Whether that answer is the failure policy's.
    is_of_policy: bool,
}

impl Unanswered {
    fn new(phase: Phase, policy: OnFailure, refusal: Option<WireResponse>) -> Self {
        let otherwise = match (phase, policy) {
            (Phase::Before, OnFailure::Allow) => WireResponse::OK,
            (Phase::Before, OnFailure::Refuse) => refusal.clone().unwrap_or(WireResponse::DEFER),
            (Phase::Before, OnFailure::Defer) => WireResponse::DEFER,
            (Phase::After | Phase::Reply, _) => WireResponse::UNDECODABLE,
        };
        Self { refusal, otherwise, is_of_policy: phase == Phase::Before }
    }
}

fn start_undecodable(mut call: Box<AdmittedRequest>, error: DecodeError, unanswered: Unanswered) -> Invocation {
    tracing::warn!(command = error.command(), path = error.path(), reason = error.reason(), "undecodable callback");
    call.fallback = unanswered.is_of_policy.then(|| unanswered.otherwise.clone());
    Invocation::by(call, |call| AnswerFuture::Undecodable(call.handler().undecodable(&call.ctx, error), unanswered))
}

/// Starts a callback whose command in the query is not known, or absent.
pub(crate) fn start_unknown(mut call: Box<AdmittedRequest>) -> Invocation {
    let named = command::named_in(&BodyText::new(call.ctx.body()));
    if let Some(named) = named {
        return redirect(call, named);
    }
    tracing::info!(command = call.ctx.command(), "a callback that this version does not know");
    call.fallback = (call.place.policy(None) == OnFailure::Allow).then_some(WireResponse::OK);
    Invocation::by(call, |call| AnswerFuture::Unknown(call.handler().unknown(&call.ctx)))
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

/// Starts the method that a request is for.
pub(super) fn start_callback(request: Box<AdmittedRequest>) -> Invocation {
    match request.ctx.callback {
        Some(callback) => START[callback.index](request),
        None => start_unknown(request),
    }
}
