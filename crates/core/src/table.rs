//! From the rows of the one table: the trait, the list of callbacks, and the way to each method.

use std::{fmt, pin::Pin, sync::Arc};

use crate::{
    Command, Context, DecodeError, Event, OnFailure, Result,
    answer::Answer,
    command,
    decode::{self, BodyText, Decoded, Unread},
    endpoint::Place,
    method::{Begun, Method},
    reply::Reply,
};

mod lookup;

/// A future that owns what it works on, so that it can outlive the request.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A handler as the endpoint holds it.
#[cfg(not(all(doc, docsrs)))]
pub(crate) type DynHandler = Arc<dyn crate::CallbackHandler>;
// The documentation shows the trait with plain `async fn`, and such a trait has no `dyn`. `doc` is
// asked for as well, so that a crate under documentation finds the trait as it is in its dependency.
#[cfg(all(doc, docsrs))]
pub(crate) type DynHandler = Arc<dyn std::any::Any + Send + Sync>;

/// When a callback comes, and so what its answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before something happens: the answer decides whether and how.
    Before,
    /// After it happened: the answer is an acknowledgement, and nothing can be refused any more.
    After,
    /// A request for data: the answer carries it.
    Reply,
}

impl Phase {
    /// The word for it in logs and tables: `before`, `after` or `reply`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Reply => "reply",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One callback of the protocol: a row of the table that [`CallbackHandler`](crate::CallbackHandler) is made from.
///
/// All of them are in [`CALLBACKS`](crate::CALLBACKS).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Callback {
    /// The vendor's word for it, as it stands in the query: `Group.CallbackBeforeCreateTopic`.
    pub command: &'static str,
    /// The method of [`CallbackHandler`](crate::CallbackHandler) that it is handed to.
    pub method: &'static str,
    /// The method's parameter, as a path in this crate: `group::BeforeCreateTopic`.
    pub event: &'static str,
    /// What the method answers with, as in its signature: `Decision<GroupCode>`.
    pub answer: &'static str,
    /// Whether it comes before or after the fact.
    pub phase: Phase,
    /// The documentation of the method, in Markdown.
    pub docs: &'static str,
    pub(crate) index: usize,
    pub(crate) start: fn(Box<Call>) -> Begun,
}

impl Callback {
    /// The callback with this command word, spelled exactly so; `None` for a word that this version does not know.
    ///
    /// Two callbacks are found by another word too, which a page of the vendor's has in its URL or may mean:
    ///
    /// | word | callback |
    /// | --- | --- |
    /// | `Live.CallbackAfterCloudRecordingChanged` | `Follow.CallbackAfterCloudRecordingChanged` |
    /// | `Live.CallbackMemberStateChanged` | `Live.CallbackAfterMemberStateChanged` |
    #[must_use]
    pub fn find(command: &str) -> Option<&'static Self> {
        Self::named(command).or_else(|| Self::spelled_otherwise(command).map(|(_, callback)| callback))
    }

    /// The callback with this very command word.
    pub(crate) fn named(command: &str) -> Option<&'static Self> {
        lookup::find(command)
    }

    /// The callback that has this command word beside its own, and the word.
    pub(crate) fn spelled_otherwise(command: &str) -> Option<(&'static str, &'static Self)> {
        let (word, own) = OTHER_SPELLINGS.iter().find(|(word, _)| *word == command)?;
        Some((word, Self::named(own)?))
    }
}

impl PartialEq for Callback {
    fn eq(&self, other: &Self) -> bool {
        self.command == other.command
    }
}

impl Eq for Callback {}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("command", &self.command)
            .field("method", &self.method)
            .field("event", &self.event)
            .field("answer", &self.answer)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// Words that a callback may come under, with the command that is meant.
static OTHER_SPELLINGS: [(&str, &str); 2] = [
    // Recording has nothing to do with following: 647/78428 looks made from the page of another callback.
    ("Live.CallbackAfterCloudRecordingChanged", "Follow.CallbackAfterCloudRecordingChanged"),
    // In the parameters of 647/64424, whose body has the whole word.
    ("Live.CallbackMemberStateChanged", "Live.CallbackAfterMemberStateChanged"),
];

/// A callback that has been let in.
///
/// It is in a box from then on, because it is handed on from one to the next, and moving all of it takes longer.
pub(crate) struct Call {
    pub(crate) ctx: Context,
    /// The answer if the method fails to give one; `None` for the status that leaves it to the console.
    pub(crate) fallback: Option<Reply>,
    /// The body has been asked which callback it is and was believed; it is not asked again.
    pub(crate) redirected: bool,
    // The last, so that all else is gone when it is given back.
    pub(crate) place: Place,
}

impl Call {
    fn handler(&self) -> &DynHandler {
        self.place.handler(&self.ctx)
    }
}

type MethodOf<E, A> = for<'a> fn(&'a DynHandler, &'a Context, E) -> BoxFuture<'a, Result<A>>;

/// Decodes the body into the event of a row and starts its method.
pub(crate) fn start<E: Event, A: Answer<E>>(mut call: Box<Call>, method: MethodOf<E, A>) -> Begun
where
    for<'a> Method<'a>: From<BoxFuture<'a, Result<A>>>,
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
            Begun::by(call, |call| method(call.handler(), &call.ctx, event).into())
        }
        Err(Unread::Another(callback)) => redirect(call, callback),
        Err(Unread::Undecodable(error)) => {
            start_undecodable(call, error, Unanswered::new(A::PHASE, policy, A::refused(None).map(A::reply)))
        }
    }
}

fn read<E: Event>(call: &Call) -> Result<Decoded<E>, Unread> {
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
fn redirect(mut call: Box<Call>, named: &'static Callback) -> Begun {
    tracing::warn!(
        query = call.ctx.command(),
        body = named.command,
        "the body names another callback than the query; the body is believed"
    );
    call.ctx.callback = Some(named);
    call.redirected = true;
    (named.start)(call)
}

/// What can be answered to a callback whose body could not be read.
pub(crate) struct Unanswered {
    /// `None` where the command cannot be refused, or not without the accounts that the body names.
    pub(crate) refusal: Option<Reply>,
    /// The answer when the handler leaves it open.
    pub(crate) otherwise: Reply,
    /// Whether that answer is the failure policy's.
    is_of_policy: bool,
}

impl Unanswered {
    fn new(phase: Phase, policy: OnFailure, refusal: Option<Reply>) -> Self {
        let otherwise = match (phase, policy) {
            (Phase::Before, OnFailure::Allow) => Reply::OK,
            (Phase::Before, OnFailure::Refuse) => refusal.clone().unwrap_or(Reply::DEFER),
            (Phase::Before, OnFailure::Defer) => Reply::DEFER,
            (Phase::After | Phase::Reply, _) => Reply::UNDECODABLE,
        };
        Self { refusal, otherwise, is_of_policy: phase == Phase::Before }
    }
}

fn start_undecodable(mut call: Box<Call>, error: DecodeError, unanswered: Unanswered) -> Begun {
    tracing::warn!(command = error.command(), path = error.path(), reason = error.reason(), "undecodable callback");
    call.fallback = unanswered.is_of_policy.then(|| unanswered.otherwise.clone());
    Begun::by(call, |call| Method::Undecodable(call.handler().undecodable(&call.ctx, error), unanswered))
}

/// Starts a callback whose command in the query is not known, or absent.
pub(crate) fn start_unknown(mut call: Box<Call>) -> Begun {
    let named = command::named_in(&BodyText::new(call.ctx.body()));
    if let Some(named) = named {
        return redirect(call, named);
    }
    tracing::info!(command = call.ctx.command(), "a callback that this version does not know");
    call.fallback = (call.place.policy(None) == OnFailure::Allow).then_some(Reply::OK);
    Begun::by(call, |call| Method::Unknown(call.handler().unknown(&call.ctx)))
}

/// Makes of the rows the trait, [`CALLBACKS`] and what leads from a command to its method.
///
/// It is called with a `$` of the caller's, which the macro that it makes itself needs.
macro_rules! callbacks {
    (
        ($dollar:tt)
        $(#[$meta:meta])*
        pub trait $Trait:ident {
            $(
                $(#[doc = $doc:literal])*
                #[command($command:literal)]
                async fn $method:ident(&self, ctx: &Context, event: $family:ident::$Event:ident) -> Result<$answer:ty>;
            )*
        }
        $($more:item)*
    ) => {
        $(#[$meta])*
        #[cfg_attr(not(all(doc, docsrs)), async_trait::async_trait)]
        pub trait $Trait: Send + Sync + 'static {
            $(
                $(#[doc = $doc])*
                #[doc(alias = $command)]
                #[cfg(all(doc, docsrs))]
                async fn $method(&self, ctx: &Context, event: $family::$Event) -> Result<$answer> {
                    ctx.left_at_default();
                    Ok(Answer::unhandled(&event))
                }

                // What `async_trait` would make of it, but for the body: that belongs to this crate. Otherwise every
                // application would compile the default of each callback anew, with all that its event is made of.
                #[cfg(not(all(doc, docsrs)))]
                $(#[doc = $doc])*
                #[doc(alias = $command)]
                fn $method<'life0, 'life1, 'async_trait>(
                    &'life0 self,
                    ctx: &'life1 Context,
                    event: $family::$Event,
                ) -> crate::table::BoxFuture<'async_trait, Result<$answer>>
                where
                    'life0: 'async_trait,
                    'life1: 'async_trait,
                    Self: 'async_trait,
                {
                    // The event is dropped here as well, and not in the application.
                    #[inline(never)]
                    fn unhandled(
                        ctx: &Context,
                        event: $family::$Event,
                    ) -> crate::table::BoxFuture<'static, Result<$answer>> {
                        ctx.left_at_default();
                        Box::pin(std::future::ready(Ok(Answer::unhandled(&event))))
                    }

                    unhandled(ctx, event)
                }
            )*
            $($more)*
        }

        crate::table::forwarding! { $Trait for std::boxed::Box: $( $method($family::$Event) -> $answer; )* }
        crate::table::forwarding! { $Trait for std::sync::Arc: $( $method($family::$Event) -> $answer; )* }

        /// Every callback that this version knows, in the order of [`CallbackHandler`]'s methods.
        pub static CALLBACKS: &[Callback] = &{
            let mut callbacks = [$(
                Callback {
                    command: $command,
                    method: stringify!($method),
                    event: concat!(stringify!($family), "::", stringify!($Event)),
                    answer: stringify!($answer),
                    phase: <$answer as Answer<$family::$Event>>::PHASE,
                    docs: concat!($($doc, "\n"),*),
                    index: 0,
                    start: {
                        // An item and not a closure, whose body rustdoc would check: under `docsrs`
                        // the handler that it knows has no such method.
                        fn start_row(call: Box<crate::table::Call>) -> crate::method::Begun {
                            start::<$family::$Event, $answer>(call, |handler, ctx, event| handler.$method(ctx, event))
                        }
                        start_row
                    },
                }
            ),*];
            let mut index = 0;
            while index < callbacks.len() {
                callbacks[index].index = index;
                index += 1;
            }
            callbacks
        };

        $(
            impl crate::event::Sealed for $family::$Event {}

            impl Event for $family::$Event {
                const COMMAND: &'static str = $command;

                type Answer = $answer;

                fn response(answer: $answer) -> http::Response<bytes::Bytes> {
                    crate::answer::Wire::reply(answer).into_response(http::HeaderMap::new())
                }

                fn callback_command(&self) -> Option<&Command> {
                    self.callback_command.as_ref()
                }

                fn identity(&self) -> Option<Identity> {
                    <$family::$Event>::identity(self)
                }

                fn message(&self) -> &[crate::message::Element] {
                    // Events with a message have a method of their own by this name, which comes before the trait's.
                    #[allow(unused_imports, reason = "not needed for an event with a message")]
                    use crate::event::NoMessage as _;
                    self.elements()
                }
            }
        )*

        /// Calls another macro with every callback, for code that is needed once for each: the
        /// command, the method and the event, one after the other, each followed by a semicolon.
        ///
        /// It is here for the project's own tools and may change with any version.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! each_callback {
            ($dollar with:ident) => {
                $dollar with! { $( $command $method $dollar crate::$family::$Event; )* }
            };
        }
    };
}

/// Makes a pointer to a handler a handler, which hands on every call.
macro_rules! forwarding {
    ($Trait:ident for $($Pointer:ident)::+: $($method:ident($Event:ty) -> $answer:ty;)*) => {
        /// Hands on every call: the answers are those of what it points to.
        #[cfg_attr(not(all(doc, docsrs)), async_trait::async_trait)]
        impl<H: $Trait + ?Sized> $Trait for $($Pointer)::+<H> {
            $(
                #[cfg(all(doc, docsrs))]
                async fn $method(&self, ctx: &Context, event: $Event) -> Result<$answer> {
                    (**self).$method(ctx, event).await
                }

                // The future is handed on as it is, without another one around it.
                #[cfg(not(all(doc, docsrs)))]
                fn $method<'life0, 'life1, 'async_trait>(
                    &'life0 self,
                    ctx: &'life1 Context,
                    event: $Event,
                ) -> crate::table::BoxFuture<'async_trait, Result<$answer>>
                where
                    'life0: 'async_trait,
                    'life1: 'async_trait,
                    Self: 'async_trait,
                {
                    (**self).$method(ctx, event)
                }
            )*

            async fn unknown(&self, ctx: &Context) -> Result<()> {
                (**self).unknown(ctx).await
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<crate::Decision<std::convert::Infallible>> {
                (**self).undecodable(ctx, error).await
            }
        }
    };
}

pub(crate) use {callbacks, forwarding};
