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

use super::{Deadline, Gate, start};
use crate::{
    Outcome, Report,
    endpoint::body::{Read, Reader},
    endpoint::dispatch::AdmittedRequest,
    endpoint::running::Running,
    error::BoxError,
    observe,
    wire::response::WireResponse,
};

pin_project! {
    /// The answer that [`Endpoint::serve`](crate::Endpoint::serve) is about to give.
    ///
    /// Dropping it is what a framework does when the client has hung up:
    /// [`OnDisconnect`](crate::OnDisconnect) says what becomes of the method then.
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

impl<B> Future for Serving<B>
where
    B: Body<Error: Into<BoxError>>,
{
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
    /// The same for frameworks with a response type of their own.
    pub(super) struct ServingQuery<B> {
        #[pin]
        pub(super) answering: Answering<B>,
    }
}

impl<B> Future for ServingQuery<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Output = (StatusCode, Bytes);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(StatusCode, Bytes)> {
        self.project().answering.poll(cx).map(|reply| (reply.summary().status, reply.into_body()))
    }
}

pin_project! {
    pub(super) struct Answering<B> {
        #[pin]
        body: B,
        reader: Reader,
        timer: Timer,
        step: Step,
    }
}

/// How far a request is.
enum Step {
    /// Its body is being read.
    Reading(Reading),
    /// Its method has to be waited for.
    UnderWay(Box<Running>),
    Over,
}

/// A request whose body is being read: for the method that it is for, or to be thrown away.
struct Reading(Option<Result<Box<AdmittedRequest>, Refusal>>);

/// The answer to a request that was not let in.
pub(super) struct Refusal {
    pub(super) gate: Arc<Gate>,
    pub(super) reply: WireResponse,
    pub(super) received_at: Instant,
}

impl<B: Body> Answering<B> {
    pub(super) fn new(admitted: Result<Box<AdmittedRequest>, Refusal>, body: B) -> Self {
        let reader = Reader::new(admitted.is_ok());
        Self { body, reader, timer: Timer::Idle, step: Step::Reading(Reading(Some(admitted))) }
    }
}

impl<B> Future for Answering<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Output = WireResponse;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let this = self.project();
        let reading = match this.step {
            Step::Reading(reading) => reading,
            Step::UnderWay(running) => return Pin::new(running).poll(cx),
            Step::Over => panic!("a future is not polled after it was ready"),
        };
        let (gate, deadline) = reading.gate_and_deadline();
        let read = match this.reader.poll(this.body, gate.body_limit, cx) {
            Poll::Ready(read) => Some(read),
            Poll::Pending => {
                ready!(this.timer.poll(gate, deadline, cx));
                this.reader.out_of_time(gate.body_limit)
            }
        };
        let admitted = reading.end();
        *this.step = Step::Over;
        Poll::Ready(match (admitted, read) {
            (Ok(call), Some(Read::Whole(body))) => match start(call, body, cx) {
                Ok(reply) => reply,
                Err(running) => {
                    *this.step = Step::UnderWay(running);
                    return Poll::Pending;
                }
            },
            (Ok(call), read) => lost(&call, read),
            // The steps of the request have an order, and the first that fails decides.
            (Err(Refusal { gate, reply, received_at }), read) => {
                let is_first = reply.summary().outcome == Outcome::MethodNotAllowed;
                let unread = unread(read.as_ref()).filter(|_| !is_first);
                refuse(&gate, unread.unwrap_or(reply), received_at)
            }
        })
    }
}

impl Reading {
    fn gate_and_deadline(&self) -> (&Gate, Instant) {
        match self.0.as_ref().expect("what is being read has not ended") {
            Ok(call) => (&call.place, call.ctx.deadline()),
            Err(refusal) => (&refusal.gate, refusal.gate.deadline_of(refusal.received_at)),
        }
    }

    fn end(&mut self) -> Result<Box<AdmittedRequest>, Refusal> {
        self.0.take().expect("what is being read has not ended")
    }
}

impl Drop for Reading {
    /// Dropped before its end: the client has hung up.
    fn drop(&mut self) {
        let Some(admitted) = self.0.take() else { return };
        let outcome = Outcome::Incomplete;
        match &admitted {
            Ok(call) => {
                observe::lost(&call.ctx, outcome, "the client hung up");
                call.place.over(|| Report::unanswered(None, outcome, call.ctx.received_at()));
            }
            Err(Refusal { gate, received_at, .. }) => {
                gate.over(|| Report::unanswered(None, outcome, *received_at));
            }
        }
    }
}

/// The answer where a body has not been read although it came; nothing came in time if it is `None`.
fn unread(read: Option<&Read>) -> Option<WireResponse> {
    match read {
        None => Some(WireResponse::TOO_SLOW),
        Some(Read::TooLarge) => Some(WireResponse::TOO_LARGE),
        Some(Read::Whole(_) | Read::CutShort | Read::BrokenOff(_)) => None,
    }
}

/// A callback that was let in and reaches no method, because its body could not be read to its end.
#[cold]
fn lost(call: &AdmittedRequest, read: Option<Read>) -> WireResponse {
    let reply = unread(read.as_ref()).unwrap_or(WireResponse::INCOMPLETE);
    let outcome = reply.summary().outcome;
    match read {
        None => observe::lost(&call.ctx, outcome, "it did not arrive within the deadline"),
        Some(Read::BrokenOff(error)) => observe::lost(&call.ctx, outcome, &observe::excerpt_of_error(&*error)),
        Some(_) => observe::lost(&call.ctx, outcome, "it is over the limit"),
    }
    refuse(&call.place, reply, call.ctx.received_at())
}

#[cold]
fn refuse(gate: &Gate, reply: WireResponse, received_at: Instant) -> WireResponse {
    gate.over(|| Report::new(None, &reply, received_at));
    reply
}

/// Ready when the time for the body is up.
enum Timer {
    /// Nothing had to be waited for yet.
    ///
    /// It is polled once more before it is armed. actix-web hands out a request before it looks at what has come
    /// behind the head, and to arm a timer for that moment takes longer than all the rest of reading.
    Idle,
    Patient(Deadline),
}

impl Timer {
    fn poll(&mut self, gate: &Gate, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Idle => {
                *self = Self::Patient(Deadline::Idle);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            // Without a timer what comes is waited for: nothing is known yet that could be answered.
            Self::Patient(timer) => match timer.poll(&gate.timers, None, deadline, cx) {
                Poll::Ready(Ok(())) => Poll::Ready(()),
                Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
            },
        }
    }
}
