//! From a request whose body is still to be read to its response, as one future.
//!
//! The future is written by hand: it needs a name for frameworks that cannot box it, and what the compiler makes of an
//! `async` block for the same work is nearly twice as large.

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

use super::{
    admitted::AdmittedRequest,
    body::{Read, Reader},
    deadline::Deadline,
    dispatch,
    pending_exchange::PendingExchange,
    running::Running,
    shared::Shared,
};
use crate::{Outcome, Report, error::BoxError, observe, wire::response::WireResponse};

pin_project! {
    /// The future of [`Endpoint::serve`](crate::Endpoint::serve), whose output is the HTTP response.
    ///
    /// A framework drops the future when the client disconnects. [`OnDisconnect`](crate::OnDisconnect) says what
    /// happens to the method then.
    ///
    /// # Panics
    /// When it is polled after it was ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct Serving<B> {
        #[pin]
        respond: Respond<B>,
        headers: HeaderMap,
    }
}

impl<B> Serving<B> {
    pub(super) const fn new(respond: Respond<B>, headers: HeaderMap) -> Self {
        Self { respond, headers }
    }
}

impl<B> Future for Serving<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Output = Response<Bytes>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let this = self.project();
        let response = ready!(this.respond.poll(cx));
        Poll::Ready(response.into_response(mem::take(this.headers)))
    }
}

impl<B> fmt::Debug for Serving<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").finish_non_exhaustive()
    }
}

/// A response for frameworks with a response type of their own: see
/// [`Endpoint::serve_query`](crate::Endpoint::serve_query).
#[derive(Debug, Clone)]
pub struct EndpointResponse(WireResponse);

impl EndpointResponse {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.0.summary().status
    }

    /// The headers, name and value of each: `Content-Type`, and `Allow` for status 405.
    #[must_use]
    pub const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        self.0.headers()
    }

    /// The body: JSON, complete.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.0.into_body()
    }
}

pin_project! {
    pub(super) struct ServingQuery<B> {
        #[pin]
        pub(super) respond: Respond<B>,
    }
}

impl<B> Future for ServingQuery<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Output = EndpointResponse;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<EndpointResponse> {
        self.project().respond.poll(cx).map(EndpointResponse)
    }
}

pin_project! {
    pub(super) struct Respond<B> {
        #[pin]
        body: B,
        reader: Reader,
        deadline: Deadline,
        state: State,
        // `None` if the app has no observer of exchanges.
        exchange: Option<Box<PendingExchange>>,
    }
}

enum State {
    /// The body is being read.
    Reading(Reading),
    /// The method has to be waited for.
    Running(Box<Running>),
    Done,
}

/// A request whose body is being read: for its method, or to be discarded. `None` after the body has ended.
struct Reading(Option<Result<Box<AdmittedRequest>, Refusal>>);

/// A request that was not admitted, and the response that refuses it.
pub(super) struct Refusal {
    pub(super) shared: Arc<Shared>,
    pub(super) response: WireResponse,
    pub(super) received_at: Instant,
}

impl<B: Body> Respond<B> {
    pub(super) fn new(
        admitted: Result<Box<AdmittedRequest>, Refusal>,
        deadline: Instant,
        body: B,
        exchange: Option<Box<PendingExchange>>,
    ) -> Self {
        let reader = Reader::new(admitted.is_ok());
        let state = State::Reading(Reading(Some(admitted)));
        Self { body, reader, deadline: Deadline::new(deadline), state, exchange }
    }
}

impl<B> Future for Respond<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Output = WireResponse;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let response = ready!(self.as_mut().poll_response(cx));
        if let Some(exchange) = self.project().exchange.take() {
            exchange.answered(&response);
        }
        Poll::Ready(response)
    }
}

impl<B> Respond<B>
where
    B: Body<Error: Into<BoxError>>,
{
    fn poll_response(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let this = self.project();
        let reading = match this.state {
            State::Reading(reading) => reading,
            State::Running(running) => return running.poll(this.deadline, cx),
            State::Done => panic!("a future must not be polled after it was ready"),
        };
        let shared = reading.shared();
        let read = match this.reader.poll(this.body, shared.body_limit, cx) {
            Poll::Ready(read) => Some(read),
            Poll::Pending => {
                // Without a timer the body is waited for: nothing is known yet that could be answered.
                let Ok(()) = ready!(this.deadline.poll(&shared.timers, None, cx)) else { return Poll::Pending };
                this.reader.out_of_time(shared.body_limit)
            }
        };
        let admitted = reading.finish();
        *this.state = State::Done;
        match (admitted, read) {
            (Ok(request), Some(Read::Whole(body))) => {
                if let Some(exchange) = this.exchange {
                    exchange.set_body(&body);
                }
                match Running::start(dispatch::start(request, body), this.deadline, cx) {
                    Ok(response) => Poll::Ready(response),
                    Err(running) => {
                        *this.state = State::Running(running);
                        Poll::Pending
                    }
                }
            }
            (Ok(request), read) => {
                let response = lost(&request, read);
                request.discard();
                Poll::Ready(response)
            }
            // The checks of a request have an order, and the first that fails decides.
            (Err(Refusal { shared, response, received_at }), read) => {
                let is_first = response.summary().outcome == Outcome::MethodNotAllowed;
                let unread = unread(read.as_ref()).filter(|_| !is_first);
                Poll::Ready(refuse(&shared, unread.unwrap_or(response), received_at))
            }
        }
    }
}

impl Reading {
    fn shared(&self) -> &Shared {
        match self.0.as_ref().expect("the body has not ended") {
            Ok(request) => &request.shared,
            Err(refusal) => &refusal.shared,
        }
    }

    fn finish(&mut self) -> Result<Box<AdmittedRequest>, Refusal> {
        self.0.take().expect("the body has not ended")
    }
}

impl Drop for Reading {
    /// When this is dropped before the body has ended, the client has disconnected.
    fn drop(&mut self) {
        let Some(admitted) = self.0.take() else { return };
        let outcome = Outcome::Incomplete;
        match admitted {
            Ok(request) => {
                observe::lost(&request.ctx, outcome, "the client disconnected");
                request.shared.report_request(|| Report::unanswered(None, outcome, request.ctx.received_at()));
                request.discard();
            }
            Err(Refusal { shared, received_at, .. }) => {
                shared.report_request(|| Report::unanswered(None, outcome, received_at));
            }
        }
    }
}

/// The response to a body that is too long or too slow. `read` is `None` when the time is up.
fn unread(read: Option<&Read>) -> Option<WireResponse> {
    match read {
        None => Some(WireResponse::TOO_SLOW),
        Some(Read::TooLarge) => Some(WireResponse::TOO_LARGE),
        Some(Read::Whole(_) | Read::CutShort | Read::BrokenOff(_)) => None,
    }
}

/// The response to an admitted request whose body could not be read to its end, so that no method is called.
#[cold]
fn lost(request: &AdmittedRequest, read: Option<Read>) -> WireResponse {
    let response = unread(read.as_ref()).unwrap_or(WireResponse::INCOMPLETE);
    let outcome = response.summary().outcome;
    match read {
        None => observe::lost(&request.ctx, outcome, "the body did not arrive within the deadline"),
        Some(Read::BrokenOff(error)) => observe::lost(&request.ctx, outcome, &observe::excerpt_of_error(&*error)),
        Some(_) => observe::lost(&request.ctx, outcome, "the body is over the limit"),
    }
    refuse(&request.shared, response, request.ctx.received_at())
}

#[cold]
fn refuse(shared: &Shared, response: WireResponse, received_at: Instant) -> WireResponse {
    shared.report_request(|| Report::new(None, &response, received_at));
    response
}
