//! Reads the body of a request, up to a limit.

use std::{
    error::Error,
    fmt, io, iter, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;
use http_body_util::LengthLimitError;

use crate::error::BoxError;

/// How a body ended.
pub(crate) enum Read {
    /// With its last byte. Empty if the body was read to be discarded.
    Whole(Bytes),
    /// It is longer than the limit.
    TooLarge,
    /// It is longer than what is read of a body that is discarded.
    CutShort,
    /// With an error: the client disconnected, or the body could not be decoded.
    BrokenOff(BoxError),
}

/// An error of a body that is longer than a limit which the framework or a middleware has.
///
/// It is for adapters and middlewares: a body whose error is this one, or has it among its
/// [sources](Error::source), is answered with status 413. So is one with the `LengthLimitError` of the crate
/// `http-body-util`, which `RequestBodyLimit` of `tower-http` gives. After any other error the answer is 400.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BodyTooLarge;

impl fmt::Display for BodyTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is over a limit")
    }
}

impl Error for BodyTooLarge {}

/// How many times the limit is read of a body that is discarded. Reading it lets the client see its answer, and the
/// connection can be used again.
const DRAIN_LIMIT_FACTOR: usize = 4;

/// The most bytes that are read of a body that is discarded, however high the limit is: strangers can send them.
const MAX_DRAINED: usize = 4 * 1024 * 1024;

/// A body that is being read.
pub(crate) struct Reader {
    /// The bytes read so far. A `Content-Length` does not count.
    read: usize,
    /// Whether the body is stored. The body of a request that is refused anyway is not.
    keep: bool,
    /// A body that arrives in one piece, as nearly all do, is not copied.
    first: Bytes,
    rest: BytesMut,
}

impl Reader {
    pub(crate) fn new(keep: bool) -> Self {
        Self { read: 0, keep, first: Bytes::new(), rest: BytesMut::new() }
    }

    /// Reads what has arrived. A body over the limit is read to its end too, within the bounds above.
    pub(crate) fn poll<B>(&mut self, mut body: Pin<&mut B>, limit: usize, cx: &mut Context<'_>) -> Poll<Read>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let drained = limit.saturating_mul(DRAIN_LIMIT_FACTOR).min(MAX_DRAINED);
        let most = if self.keep { limit.saturating_add(drained) } else { drained };
        let read = loop {
            let data = match ready!(body.as_mut().poll_frame(cx)) {
                None => break Read::Whole(self.whole()),
                Some(Err(error)) => break broken_off(error.into()),
                Some(Ok(frame)) => frame.into_data(),
            };
            let Ok(data) = data else { continue };
            self.read = self.read.saturating_add(data.remaining());
            if self.read > most {
                break Read::CutShort;
            }
            if !self.keep {
                continue;
            }
            if self.is_over(limit) {
                (self.first, self.rest) = (Bytes::new(), BytesMut::new());
            } else {
                self.take(data);
            }
        };
        Poll::Ready(if self.is_over(limit) { Read::TooLarge } else { read })
    }

    /// How a body ended at the deadline: `None` if it is not too large.
    pub(crate) fn out_of_time(&self, limit: usize) -> Option<Read> {
        self.is_over(limit).then_some(Read::TooLarge)
    }

    fn is_over(&self, limit: usize) -> bool {
        self.read > limit
    }

    fn take(&mut self, mut data: impl Buf) {
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

#[cold]
fn broken_off(error: BoxError) -> Read {
    let is_limit = |cause: &(dyn Error + 'static)| cause.is::<LengthLimitError>() || cause.is::<BodyTooLarge>();
    if causes(&*error).any(is_limit) { Read::TooLarge } else { Read::BrokenOff(error) }
}

/// An error and its sources, 16 at most.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| cause(error)).take(16)
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    // The source of an `io::Error` that wraps an error is the source of that error, and not that error.
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.map(|inner| inner as _).or_else(|| error.source())
}
