//! From a request whose body is still to be read to the answer, as one future.
//!
//! It is written out, because it has to have a name for those who cannot box it, and because what an
//! `async` block makes of the same is nearly twice as large.

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::{
    runtime::Handle,
    time::{Sleep, sleep_until},
};

use super::{Gate, start};
use crate::{
    Outcome, Report,
    body::{Read, Reader},
    reply::Reply,
    running::Running,
    table::Call,
};

pin_project! {
    /// The answer that [`Endpoint::serve`](crate::Endpoint::serve) is about to give.
    ///
    /// Dropping it is what a framework does when the client has hung up:
    /// [`OnHangUp`](crate::OnHangUp) says what becomes of the method then.
    ///
    /// # Panics
    /// When it is polled after it was ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct Serving<B> {
        #[pin]
        answering: Answering<B>,
        headers: HeaderMap,
    }
}

impl<B> Serving<B> {
    pub(super) const fn new(answering: Answering<B>, headers: HeaderMap) -> Self {
        Self { answering, headers }
    }
}

impl<B: Body> Future for Serving<B> {
    type Output = Response<Bytes>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let this = self.project();
        let reply = ready!(this.answering.poll(cx));
        Poll::Ready(reply.into_response(mem::take(this.headers)))
    }
}

impl<B> fmt::Debug for Serving<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").finish_non_exhaustive()
    }
}

pin_project! {
    /// The same for who makes the response.
    pub(super) struct ServingQuery<B> {
        #[pin]
        pub(super) answering: Answering<B>,
    }
}

impl<B: Body> Future for ServingQuery<B> {
    type Output = (StatusCode, Bytes);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(StatusCode, Bytes)> {
        self.project().answering.poll(cx).map(|reply| (reply.told().status, reply.into_body()))
    }
}

pin_project! {
    pub(super) struct Answering<B> {
        #[pin]
        body: B,
        reader: Reader,
        received_at: Instant,
        timer: Timer,
        step: Step,
    }
}

/// How far a request is.
enum Step {
    /// Its body is being read: for the method that it is for, or to be thrown away.
    Reading(Result<Box<Call>, Refusal>),
    /// Its method has to be waited for.
    UnderWay(Box<Running>),
    Over,
}

/// The answer to a request that was not let in.
pub(super) struct Refusal {
    pub(super) gate: Arc<Gate>,
    pub(super) reply: Reply,
}

impl<B: Body> Answering<B> {
    pub(super) fn new(admitted: Result<Box<Call>, Refusal>, body: B, received_at: Instant) -> Self {
        let reader = Reader::new(gate_of(&admitted).body_limit, admitted.is_ok());
        Self { body, reader, received_at, timer: Timer::Idle, step: Step::Reading(admitted) }
    }
}

impl<B: Body> Future for Answering<B> {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let this = self.project();
        let gate = match this.step {
            Step::Reading(admitted) => gate_of(admitted),
            Step::UnderWay(running) => return Pin::new(running).poll(cx),
            Step::Over => panic!("a future is not polled after it was ready"),
        };
        let read = match this.reader.poll(this.body, gate.body_limit, cx) {
            Poll::Ready(read) => Some(read),
            Poll::Pending => {
                ready!(this.timer.poll(gate.deadline_of(*this.received_at), cx));
                this.reader.out_of_time()
            }
        };
        let Step::Reading(admitted) = mem::replace(this.step, Step::Over) else { unreachable!("nothing else reads") };
        Poll::Ready(match (admitted, read) {
            (Ok(call), Some(Read::Whole(body))) => match start(call, body, cx) {
                Ok(reply) => reply,
                Err(running) => {
                    *this.step = Step::UnderWay(running);
                    return Poll::Pending;
                }
            },
            (Ok(call), read) => {
                refuse(&call.place, unread(read.as_ref()).unwrap_or(Reply::INCOMPLETE), *this.received_at)
            }
            // The steps of the way have an order, and the first that fails decides.
            (Err(Refusal { gate, reply }), read) => {
                let is_first = reply.told().outcome == Outcome::MethodNotAllowed;
                let unread = unread(read.as_ref()).filter(|_| !is_first);
                refuse(&gate, unread.unwrap_or(reply), *this.received_at)
            }
        })
    }
}

fn gate_of(admitted: &Result<Box<Call>, Refusal>) -> &Gate {
    match admitted {
        Ok(call) => &call.place,
        Err(refusal) => &refusal.gate,
    }
}

/// The answer where a body has not been read although it came; nothing came in time if it is `None`.
fn unread(read: Option<&Read>) -> Option<Reply> {
    match read {
        None => Some(Reply::TOO_SLOW),
        Some(Read::TooLarge) => Some(Reply::TOO_LARGE),
        Some(Read::Whole(_) | Read::BrokenOff) => None,
    }
}

#[cold]
fn refuse(gate: &Gate, reply: Reply, received_at: Instant) -> Reply {
    gate.over(|| Report::new(None, &reply, received_at));
    reply
}

/// Ready when the time for the body is up.
enum Timer {
    /// Nothing had to be waited for yet.
    Idle,
    /// It comes back once before it is armed.
    ///
    /// actix-web hands out a request before it looks at what has come behind the head. To arm a timer for that
    /// moment takes longer than all the rest of reading.
    Patient,
    // Boxed, because it is large and seldom there.
    Armed(Pin<Box<Sleep>>),
}

impl Timer {
    fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Idle => {
                *self = Self::Patient;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            // Without a runtime there is no timer: what comes is waited for.
            Self::Patient if Handle::try_current().is_err() => Poll::Pending,
            Self::Patient => {
                let mut timer = Box::pin(sleep_until(deadline.into()));
                let polled = timer.as_mut().poll(cx);
                *self = Self::Armed(timer);
                polled
            }
            Self::Armed(timer) => timer.as_mut().poll(cx),
        }
    }
}
