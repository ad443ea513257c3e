//! Reading a request's body, up to a limit.

use std::{future::poll_fn, pin::Pin};

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

/// Reads `body` up to its end or the limit. Only what comes counts, not what a `Content-Length` announces.
///
/// With `keep` false nothing is stored, so that a request that is refused anyway takes no memory.
pub(crate) async fn read<B: Body>(mut body: Pin<&mut B>, limit: usize, keep: bool) -> Read {
    let mut length = 0;
    // A body that comes in one piece, as nearly all do, is handed on without a copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = next(&mut body).await {
        let Ok(frame) = frame else { return Read::BrokenOff };
        let Ok(mut data) = frame.into_data() else { continue };
        length += data.remaining();
        if length > limit {
            return Read::TooLarge;
        }
        if keep && first.is_empty() {
            first = data.copy_to_bytes(data.remaining());
        } else if keep {
            if rest.is_empty() {
                rest.reserve(first.len() + data.remaining());
                rest.extend_from_slice(&first);
            }
            rest.put(data);
        }
    }
    Read::Whole(if rest.is_empty() { first } else { rest.freeze() })
}

/// Reads on after [`Read::TooLarge`], so that the client gets to see the answer and the connection can be
/// used again; but not for ever.
pub(crate) async fn pass_over<B: Body>(mut body: Pin<&mut B>, limit: usize) {
    let mut left = limit.saturating_mul(PATIENCE - 1);
    while let Some(Ok(frame)) = next(&mut body).await {
        let length = frame.data_ref().map_or(0, Buf::remaining);
        if length > left {
            return;
        }
        left -= length;
    }
}

async fn next<B: Body>(body: &mut Pin<&mut B>) -> Option<Result<Frame<B::Data>, B::Error>> {
    poll_fn(|cx| body.as_mut().poll_frame(cx)).await
}
