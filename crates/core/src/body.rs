//! Reading a request's body, up to a limit.

use std::{
    convert::Infallible,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::{Body, Frame};

/// How a body ended.
pub(crate) enum Read {
    /// With its last byte. Holds nothing if it was read to be thrown away.
    Whole(Bytes),
    /// It is longer than the limit.
    TooLarge,
    /// The client or the connection gave up.
    BrokenOff,
}

/// An over-long body is read on to so many times the limit.
const PATIENCE: usize = 4;

/// A body that is being read.
pub(crate) struct Reader {
    /// How much of it may still come; only what comes counts, not what a `Content-Length` announces.
    left: usize,
    /// Whether it is wanted: a request that is refused anyway should take no memory.
    keep: bool,
    /// It was longer than the limit, and is read on only to be thrown away.
    is_too_large: bool,
    /// A body that comes in one piece, as nearly all do, is handed on without a copy.
    first: Bytes,
    rest: BytesMut,
}

impl Reader {
    pub(crate) fn new(limit: usize, keep: bool) -> Self {
        Self { left: limit, keep, is_too_large: false, first: Bytes::new(), rest: BytesMut::new() }
    }

    /// Reads on. What is over the limit is read too, so that the client gets to see the answer and the
    /// connection can be used again; but not for ever.
    pub(crate) fn poll<B: Body>(&mut self, mut body: Pin<&mut B>, limit: usize, cx: &mut Context<'_>) -> Poll<Read> {
        let read = loop {
            let data = match ready!(body.as_mut().poll_frame(cx)) {
                None => break Read::Whole(self.whole()),
                Some(Err(_)) => break Read::BrokenOff,
                Some(Ok(frame)) => frame.into_data(),
            };
            let Ok(data) = data else { continue };
            if let Some(left) = self.left.checked_sub(data.remaining()) {
                self.left = left;
                self.take(data);
            } else if self.is_too_large {
                break Read::TooLarge;
            } else {
                *self = Self { is_too_large: true, ..Self::new(limit.saturating_mul(PATIENCE - 1), false) };
            }
        };
        Poll::Ready(if self.is_too_large { Read::TooLarge } else { read })
    }

    /// How a body ended whose time is up: `None` if that is all there is to say.
    pub(crate) fn out_of_time(&self) -> Option<Read> {
        self.is_too_large.then_some(Read::TooLarge)
    }

    fn take(&mut self, mut data: impl Buf) {
        if !self.keep {
            return;
        }
        if self.first.is_empty() {
            self.first = data.copy_to_bytes(data.remaining());
        } else {
            if self.rest.is_empty() {
                self.rest.reserve(self.first.len() + data.remaining());
                self.rest.extend_from_slice(&self.first);
            }
            self.rest.put(data);
        }
    }

    fn whole(&mut self) -> Bytes {
        let rest = mem::take(&mut self.rest);
        if rest.is_empty() { mem::take(&mut self.first) } else { rest.freeze() }
    }
}

/// A body that is there already.
pub(crate) struct Whole(Option<Bytes>);

impl Whole {
    pub(crate) const fn new(body: Bytes) -> Self {
        Self(Some(body))
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|body| Ok(Frame::data(body))))
    }
}
