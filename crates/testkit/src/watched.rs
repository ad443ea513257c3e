//! The handler under test, watched: which method was called, and how it ended.

use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Event, Result, UnknownAnswer, async_trait, each_callback,
    unread_fields,
};

use crate::{Call, Ended};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An event that a handler can be called with: every event is one.
pub trait Callable: Event {
    /// Calls the event's method.
    #[doc(hidden)]
    fn call<'a>(self, handler: &'a Watched, ctx: &'a Context) -> BoxFuture<'a, Result<Self::Answer>>;
}

/// A handler whose calls are written down in the [`Notes`] of their request.
// Public because a hidden method of a public trait names it; it cannot be made or reached from outside.
#[derive(Clone)]
pub struct Watched(pub(crate) Arc<dyn CallbackHandler>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

/// What happened to the handler during one request; it goes along in the request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<Call>>>);

impl Notes {
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        // Nothing that could panic is done while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, method: &'static str, ctx: &Context) -> usize {
        let mut calls = self.lock();
        let dropped = ctx.dropped_fields().to_vec();
        let unread = ctx.callback().map(|callback| unread_fields(callback, ctx.body())).unwrap_or_default();
        calls.push(Call { method, ended: Ended::Running, dropped, unread, unhandled: false });
        calls.len() - 1
    }

    fn end(&self, place: usize, ended: Ended, ctx: &Context) {
        if let Some(call) = self.lock().get_mut(place) {
            (call.ended, call.unhandled) = (ended, ctx.is_unhandled());
        }
    }
}

/// Waits for a method, and notes down how it ends.
async fn watch<A>(ctx: &Context, method: &'static str, work: BoxFuture<'_, Result<A>>) -> Result<A> {
    // A request that was not sent by the harness has no notes.
    let Some(notes) = ctx.extensions().get::<Notes>() else { return work.await };
    let place = notes.begin(method, ctx);
    match caught(work).await {
        Ok(result) => {
            let ended = result.as_ref().err().map_or(Ended::Answered, |error| Ended::Failed(error.to_string()));
            notes.end(place, ended, ctx);
            result
        }
        Err(panic) => {
            notes.end(place, Ended::Panicked(panic_text(&*panic)), ctx);
            // What a panic leads to is for the endpoint to say.
            resume_unwind(panic)
        }
    }
}

/// Waits for a future, or for its panic.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> std::result::Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    // After a panic it is not polled again, so that what it left behind is not seen.
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text").to_owned()
}

macro_rules! watched {
    ($($command:literal $method:ident $event:path;)*) => {
        #[async_trait]
        impl CallbackHandler for Watched {
            $(
                async fn $method(&self, ctx: &Context, event: $event) -> Result<<$event as Event>::Answer> {
                    watch(ctx, stringify!($method), self.0.$method(ctx, event)).await
                }
            )*

            async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
                watch(ctx, "unknown", self.0.unknown(ctx)).await
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
                watch(ctx, "undecodable", self.0.undecodable(ctx, error)).await
            }
        }

        $(
            impl Callable for $event {
                fn call<'a>(self, handler: &'a Watched, ctx: &'a Context) -> BoxFuture<'a, Result<Self::Answer>> {
                    handler.$method(ctx, self)
                }
            }
        )*
    };
}

each_callback!(watched);
