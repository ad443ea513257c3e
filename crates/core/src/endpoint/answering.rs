//! From a request whose body is still to be read to the answer, as one future.
//!
//! It is written out, because it has to have a name for those who cannot box it, and because what an
//! `async` block makes of the same is nearly twice as large.

use std::{
    fmt, mem,
    pin::Pin,
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

use super::{Place, UnderWay, begin};
use crate::{body::Reader, reply::Reply};

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

enum Step {
    Reading { place: Place, admitted: Result<Box<crate::Context>, Reply> },
    UnderWay(UnderWay),
    Over,
}

impl<B: Body> Answering<B> {
    pub(super) fn new(
        place: Place,
        admitted: Result<Box<crate::Context>, Reply>,
        body: B,
        received_at: Instant,
    ) -> Self {
        let reader = Reader::new(place.body_limit, admitted.is_ok());
        Self { body, reader, received_at, timer: Timer::Idle, step: Step::Reading { place, admitted } }
    }
}

impl<B: Body> Future for Answering<B> {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let this = self.project();
        let read = match this.step {
            Step::Reading { place, .. } => match this.reader.poll(this.body, place.body_limit, cx) {
                Poll::Ready(read) => Some(read),
                Poll::Pending => {
                    ready!(this.timer.poll(place.deadline_of(*this.received_at), cx));
                    this.reader.out_of_time()
                }
            },
            Step::UnderWay(under_way) => return Pin::new(under_way).poll(cx),
            Step::Over => panic!("a future is not polled after it was ready"),
        };
        let Step::Reading { place, admitted } = mem::replace(this.step, Step::Over) else {
            unreachable!("nothing else reads")
        };
        match begin(place, admitted, read, *this.received_at, cx) {
            Ok(reply) => Poll::Ready(reply),
            Err(under_way) => {
                *this.step = Step::UnderWay(under_way);
                Poll::Pending
            }
        }
    }
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
