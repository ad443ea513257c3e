//! A small HTTP/1.1 client: it sends exactly the bytes that it is given, and reads what comes.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::request::Request;

/// How long anything may take that is waited for, so that a failure cannot hang the suite.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// A connection to a server, kept open from request to request.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What has been received and not been read as an answer yet.
    received: Vec<u8>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, its chunks put together.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header that must not be given twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "`{name}` is given twice");
        value
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|fault| panic!("the body is not JSON: {fault}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// Whether the server announces that it closes the connection.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

impl Connection {
    /// Connects to a server.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = patiently(TcpStream::connect(address)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and reads the answer to it.
    pub async fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.send(&request.to_bytes()).await?;
        if request.is_head() { self.answer_to_head().await } else { self.answer().await }
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        patiently(self.stream.write_all(bytes)).await
    }

    /// Sends bytes one by one, as a very slow client does.
    pub async fn trickle(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.send(&[*byte]).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// Reads the next answer; interim ones (1xx) are passed over.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        patiently(self.read_answer(false)).await
    }

    /// Reads an answer that has no body, whatever its headers say.
    pub async fn answer_to_head(&mut self) -> io::Result<Answer> {
        patiently(self.read_answer(true)).await
    }

    /// Reads a head and nothing after it: for interim answers, too.
    pub async fn head(&mut self) -> io::Result<Answer> {
        patiently(self.read_head()).await
    }

    /// Says that nothing more will be sent, and goes on listening.
    pub async fn finish_sending(&mut self) -> io::Result<()> {
        patiently(self.stream.shutdown()).await
    }

    /// Closes the connection at once, with a reset instead of a farewell.
    pub fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// Waits for the server to close the connection; an error if it sends anything instead.
    pub async fn closed(&mut self) -> io::Result<()> {
        let mut rest = [0; 64];
        match patiently(self.stream.read(&mut rest)).await {
            Ok(0) if self.received.is_empty() => Ok(()),
            Ok(more) => Err(io::Error::other(format!("{more} more bytes came, {} were left", self.received.len()))),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn read_answer(&mut self, is_to_head: bool) -> io::Result<Answer> {
        let mut answer = self.read_head().await?;
        while answer.status < 200 {
            answer = self.read_head().await?;
        }
        if is_to_head {
            return Ok(answer);
        }
        answer.body = match (answer.header("content-length"), answer.header("transfer-encoding")) {
            (Some(length), None) => {
                let length = length.parse().map_err(|_| invalid("a `Content-Length` that is not a number"))?;
                self.take(length).await?
            }
            (None, Some("chunked")) => self.read_chunks().await?,
            _ => return Err(invalid("not exactly one of `Content-Length` and chunks")),
        };
        Ok(answer)
    }

    async fn read_head(&mut self) -> io::Result<Answer> {
        let end = self.find(b"\r\n\r\n").await?;
        let head = self.take(end + 4).await?;
        let head = std::str::from_utf8(&head[..end]).map_err(|_| invalid("a head that is not text"))?;
        let (status_line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let headers = headers.split("\r\n").filter_map(|line| line.split_once(':'));
        Ok(Answer {
            status: status.ok_or_else(|| invalid("a head without a status"))?,
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
            body: Vec::new(),
        })
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
