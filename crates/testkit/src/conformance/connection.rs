//! A small HTTP/1.1 client: it sends exactly the given bytes, and reads the response.

use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Request;

/// How long anything may take that is waited for, so that a failure cannot hang the suite.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// A connection to a server that sends exactly the bytes that it is given, kept open from request to request.
///
/// It is how the suite asks, and sends what no HTTP client would: the [wire](crate::near_miss::Wire) of a near
/// miss, half a request, a body that never ends. Whatever takes longer than eight seconds is an error.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What has been received and not been read as an answer yet.
    received: Vec<u8>,
    closes: bool,
}

impl Connection {
    /// Connects to a server.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = patiently(TcpStream::connect(address)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new(), closes: false })
    }

    /// Sends a request and reads the answer to it.
    pub async fn ask(&mut self, request: &Request) -> io::Result<Response<Bytes>> {
        self.send(&request.to_wire("localhost")).await?;
        patiently(self.read_answer(request.is_head())).await
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        patiently(self.stream.write_all(bytes)).await
    }

    /// Sends bytes one by one, as a very slow client does.
    pub(crate) async fn trickle(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.send(&[*byte]).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// Reads the next answer to anything but HEAD; interim ones (1xx) are passed over.
    pub async fn answer(&mut self) -> io::Result<Response<Bytes>> {
        patiently(self.read_answer(false)).await
    }

    /// Reads a head and nothing after it: for interim answers.
    pub(crate) async fn head(&mut self) -> io::Result<Response<Bytes>> {
        patiently(self.read_head()).await
    }

    /// Whether the server has announced with its last answer that it closes the connection.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.closes
    }

    /// Closes the writing side (TCP FIN), and continues to read.
    pub async fn finish_sending(&mut self) -> io::Result<()> {
        patiently(self.stream.shutdown()).await
    }

    /// Closes the connection at once, with a reset (TCP RST) instead of a farewell.
    pub fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// Waits for the server to close the connection; an error if it sends anything instead.
    pub(crate) async fn closed(&mut self) -> io::Result<()> {
        let mut rest = [0; 64];
        match patiently(self.stream.read(&mut rest)).await {
            Ok(0) if self.received.is_empty() => Ok(()),
            Ok(more) => Err(io::Error::other(format!("{more} more bytes came, {} were left", self.received.len()))),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn read_answer(&mut self, is_to_head: bool) -> io::Result<Response<Bytes>> {
        let mut answer = self.read_head().await?;
        while answer.status().is_informational() {
            answer = self.read_head().await?;
        }
        let closing = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
        self.closes = answer.headers().get(header::CONNECTION).is_some_and(closing);
        if is_to_head {
            return Ok(answer);
        }
        let (length, coding) = (header::CONTENT_LENGTH, header::TRANSFER_ENCODING);
        let body = match (answer.headers().get(length), answer.headers().get(coding)) {
            (Some(length), None) => {
                let length = length.to_str().ok().and_then(|length| length.parse().ok());
                self.take(length.ok_or_else(|| invalid("a `Content-Length` that is not a number"))?).await?
            }
            (None, Some(coding)) if coding == "chunked" => self.read_chunks().await?,
            _ => return Err(invalid("not exactly one of `Content-Length` and chunks")),
        };
        Ok(answer.map(|_| body.into()))
    }

    async fn read_head(&mut self) -> io::Result<Response<Bytes>> {
        let end = self.find(b"\r\n\r\n").await?;
        let head = self.take(end + 4).await?;
        let head = std::str::from_utf8(&head[..end]).map_err(|_| invalid("a head that is not text"))?;
        let (status_line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let status = status_line.split(' ').nth(1).and_then(|status| StatusCode::from_bytes(status.as_bytes()).ok());
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = status.ok_or_else(|| invalid("a head without a status"))?;
        for (name, value) in headers.split("\r\n").filter_map(|line| line.split_once(':')) {
            let name: HeaderName = name.parse().map_err(|_| invalid("a header with a bad name"))?;
            let value: HeaderValue = value.trim().parse().map_err(|_| invalid("a header with a bad value"))?;
            answer.headers_mut().append(name, value);
        }
        Ok(answer)
    }

    async fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = self.find(b"\r\n").await?;
            let line = self.take(end + 2).await?;
            let size = std::str::from_utf8(&line[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or_else(|| invalid("a chunk without a size"))?;
            let chunk = self.take(size + 2).await?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    /// Where `wanted` begins in what is received, which is waited for.
    async fn find(&mut self, wanted: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(at) = self.received.windows(wanted.len()).position(|window| window == wanted) {
                return Ok(at);
            }
            self.receive().await?;
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.received.len() < length {
            self.receive().await?;
        }
        let rest = self.received.split_off(length);
        Ok(std::mem::replace(&mut self.received, rest))
    }

    async fn receive(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

async fn patiently<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
