//! Reading a request's body, up to a limit.

use std::{future::poll_fn, pin::pin};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;

/// How a body ended.
pub(crate) enum Read {
    /// With its last byte. Holds nothing if it was read to be thrown away.
    Whole(Bytes),
    /// It is longer than the limit.
    TooLarge,
    /// The client or the connection gave up.
    BrokenOff,
}

/// An over-long body is read on for so many times the limit, so that the client gets to see the answer.
const PATIENCE: usize = 4;

/// Reads `body` to its end. Only what comes counts, not what a `Content-Length` announces.
///
/// With `keep` false nothing is stored, so that a request that is refused anyway takes no memory.
pub(crate) async fn read<B: Body>(body: B, limit: usize, keep: bool) -> Read {
    let mut body = pin!(body);
    let mut length = 0;
    // A body that comes in one piece, as nearly all do, is handed on without a copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(frame) = frame else { return Read::BrokenOff };
        let Ok(mut data) = frame.into_data() else { continue };
        length += data.remaining();
        if length > limit {
            if length > limit.saturating_mul(PATIENCE) {
                return Read::TooLarge;
            }
        } else if keep && first.is_empty() {
            first = data.copy_to_bytes(data.remaining());
        } else if keep {
            if rest.is_empty() {
                rest.reserve(first.len() + data.remaining());
                rest.extend_from_slice(&first);
            }
            rest.put(data);
        }
    }
    match length > limit {
        true => Read::TooLarge,
        false if rest.is_empty() => Read::Whole(first),
        false => Read::Whole(rest.freeze()),
    }
}
