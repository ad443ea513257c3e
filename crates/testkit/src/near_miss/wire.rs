//! Near misses that are no requests to any HTTP library, only bytes on a connection.

use std::borrow::Cow;

use super::{Good, Input, NearMiss, Reaches, Receiver, Then, Wire};
use crate::Request;

const HOST: &str = "localhost";

/// The server, not the endpoint, reads the head of a request.
const OF_THE_SERVER: &str = "the server answers by itself, or closes the connection, before the endpoint sees it";

/// How long a client may be silent is bounded by the endpoint and may be bounded sooner.
const BY_TIME: &str = "a server in front may give up sooner, or close the connection";

pub(super) fn misses(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let mut misses = lengths(good);
    misses.extend(chunks(receiver, good));
    misses.extend(lines(good));
    misses
}

fn lengths(good: &Good<'_>) -> Vec<NearMiss> {
    let body: &[u8] = good.request.content();
    let length = body.len();
    let announced = |announced: &str| with(good.request, format!("Content-Length: {announced}\r\n\r\n"), body);
    vec![
        wire(good, "`Content-Length` too large, then silence", announced(&(length + 1).to_string()), 408)
            .open_because(BY_TIME),
        wire(good, "`Content-Length` too large, then the end", announced(&(length + 1).to_string()), 400)
            .open_because("a server may close the connection without an answer, for its client has")
            .closing(),
        wire(
            good,
            "`Content-Length` far beyond the limit, and nothing behind it",
            with(good.request, format!("Content-Length: {}\r\n\r\n", u32::MAX), b""),
            408,
        )
        .open_because(BY_TIME),
        // What is left over is the next request to the server, and a bad one.
        wire(good, "`Content-Length` too small", announced(&(length - 1).to_string()), good.undecodable)
            .reaching(Reaches::Undecodable),
        wire(good, "`Content-Length` negative", announced("-1"), 400).open_because(OF_THE_SERVER),
        wire(good, "`Content-Length` that is a word", announced("all"), 400).open_because(OF_THE_SERVER),
        wire(good, "`Content-Length` of 40 digits", announced(&"9".repeat(40)), 400).open_because(OF_THE_SERVER),
        wire(
            good,
            "two `Content-Length` that differ",
            announced(&format!("{length}\r\nContent-Length: {}", length - 1)),
            400,
        )
        .open_because(OF_THE_SERVER),
    ]
}

fn chunks(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let body: &[u8] = good.request.content();
    let chunked = |rest: &[u8]| with(good.request, "Transfer-Encoding: chunked\r\n\r\n".into(), rest);
    let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
    let whole = [chunk(body), b"0\r\n\r\n".to_vec()].concat();
    let by_byte: Vec<u8> = body.iter().flat_map(|byte| chunk(&[*byte])).chain(*b"0\r\n\r\n").collect();
    let over = [chunk(body), chunk(&vec![b' '; receiver.body_limit + 1 - body.len()]), b"0\r\n\r\n".to_vec()].concat();
    let blanks = chunk(&[b' '; 8 * 1024]);
    vec![
        wire(good, "chunked", chunked(&whole), 200).reaching(Reaches::Method),
        wire(good, "chunked byte by byte", chunked(&by_byte), 200).reaching(Reaches::Method),
        wire(good, "chunked, one byte over the limit", chunked(&over), 413),
        wire(good, "chunked without end, then silence", chunked(&chunk(body)), 408).open_because(BY_TIME),
        wire(good, "chunked without end, then the end", chunked(&chunk(body)), 400)
            .open_because("a server may close the connection without an answer, for its client has")
            .closing(),
        wire(good, "chunked without end, on and on", chunked(&chunk(body)), 413)
            .open_because("the connection may be closed while the client still writes")
            .repeating(blanks),
        wire(good, "chunks of a bad size", chunked(b"zz\r\n"), 400).open_because(OF_THE_SERVER),
    ]
}

fn lines(good: &Good<'_>) -> Vec<NearMiss> {
    let long = good.request().with("long", "x".repeat(64 * 1024));
    vec![
        wire(good, "query of 64 KB", long.to_wire(HOST), 414)
            .open_because("how long a request line may be is the server's to say: 414, 431 or 400"),
        wire(good, "blank in the query", good.request().with("x", "a b").to_wire(HOST), 400)
            .open_because(OF_THE_SERVER),
    ]
}

/// The head of a request with its headers about the body, and the bytes that follow.
fn with(request: &Request, length: String, body: &[u8]) -> Vec<u8> {
    [request.head(HOST), length.into_bytes(), body.to_vec()].concat()
}

fn wire(good: &Good<'_>, name: impl Into<Cow<'static, str>>, bytes: Vec<u8>, status: u16) -> NearMiss {
    let input = Input::Wire(Wire { bytes, repeated: None, then: Then::Wait });
    good.near_miss(name.into(), input, status, Reaches::Nothing)
}

impl NearMiss {
    pub(super) fn open_because(self, why: &'static str) -> Self {
        Self { open: Some(why), ..self }
    }

    fn reaching(self, reaches: Reaches) -> Self {
        Self { reaches, ..self }
    }

    fn closing(mut self) -> Self {
        if let Input::Wire(wire) = &mut self.input {
            wire.then = Then::Close;
        }
        self
    }

    fn repeating(mut self, bytes: Vec<u8>) -> Self {
        if let Input::Wire(wire) = &mut self.input {
            wire.repeated = Some(bytes);
        }
        self
    }
}
