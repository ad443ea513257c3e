//! The load: many keep-alive connections served by one thread, at full speed or at a set pace.
//!
//! It has to be faster than the fastest server, so it does nothing for a request but one write, one
//! read and a look at the status; how busy it was is shown beside the figures.

use std::{
    collections::VecDeque,
    error::Error,
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use benchmarks::{request::Service, settings::Settings};
use mio::{Events, Interest, Poll, Token, net::TcpStream};

/// Connections to a server, and the request that is sent on all of them.
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    request: Request,
}

struct Connection {
    stream: TcpStream,
    buffer: [u8; 1024],
    /// How much of the answer is there.
    read: usize,
    /// How long it is in all, once that is known; the answers to one request are all alike.
    length: Option<usize>,
    /// When the request that is being answered should have been sent.
    due: Option<Instant>,
}

/// A request that is signed anew every second, as the service does.
struct Request {
    service: Service,
    command: &'static str,
    body: Vec<u8>,
    wire: Vec<u8>,
    sign_next: Instant,
}

impl Request {
    fn new(settings: &Settings, command: &'static str, body: &[u8]) -> Self {
        let service = Service::new(settings);
        Self { service, command, body: body.to_vec(), wire: Vec::new(), sign_next: Instant::now() }
    }

    fn at(&mut self, now: Instant) {
        if now >= self.sign_next {
            self.wire = self.service.wire(self.command, &self.body, SystemTime::now());
            self.sign_next = now + Duration::from_secs(1);
        }
    }
}

impl Load {
    /// Connects to a server so many times.
    pub(crate) fn connect(
        address: SocketAddr,
        connections: usize,
        settings: &Settings,
        command: &'static str,
        body: &[u8],
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let connections = (0..connections).map(|index| {
            let stream = std::net::TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
            Ok(Connection { stream, buffer: [0; 1024], read: 0, length: None, due: None })
        });
        let connections = connections.collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            poll,
            events: Events::with_capacity(connections.len()),
            connections,
            request: Request::new(settings, command, body),
        })
    }

    /// Has a request under way on every connection for so long; tells how many were answered, and in what time.
    pub(crate) fn saturate(&mut self, duration: Duration) -> Result<(u64, Duration), Box<dyn Error>> {
        self.saturate_with(duration, |_| {})
    }

    /// [`saturate`](Self::saturate), which calls `on_answer` with the time at which an answered request was sent.
    pub(crate) fn saturate_with(
        &mut self,
        duration: Duration,
        mut on_answer: impl FnMut(Instant),
    ) -> Result<(u64, Duration), Box<dyn Error>> {
        let start = Instant::now();
        let end = start + duration;
        self.request.at(start);
        for connection in &mut self.connections {
            connection.send(&self.request.wire, start)?;
        }
        let mut answered = 0;
        let mut under_way = self.connections.len();
        let mut now = start;
        while under_way > 0 {
            self.poll.poll(&mut self.events, Some(PATIENCE))?;
            if self.events.is_empty() {
                return Err("the server does not answer".into());
            }
            now = Instant::now();
            self.request.at(now);
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                let Some(sent) = connection.receive()? else { continue };
                on_answer(sent);
                answered += 1;
                if now < end {
                    connection.send(&self.request.wire, now)?;
                } else {
                    under_way -= 1;
                }
            }
        }
        Ok((answered, now - start))
    }

    /// Sends so many requests a second, evenly, for so long; tells how many nanoseconds each took from the
    /// moment at which it was due, so that a server which holds up the requests behind does not look better.
    pub(crate) fn pace(&mut self, rate: f64, duration: Duration) -> Result<Vec<u32>, Box<dyn Error>> {
        let start = Instant::now();
        let end = start + duration;
        let gap = Duration::from_secs_f64(1.0 / rate);
        let mut idle: VecDeque<_> = (0..self.connections.len()).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a hint of how many there will be")]
        let mut latencies = Vec::with_capacity((rate * duration.as_secs_f64()) as usize + 1);
        let mut due = start;
        loop {
            let now = Instant::now();
            self.request.at(now);
            while due <= now && due < end {
                let Some(index) = idle.pop_front() else { break };
                self.connections[index].send(&self.request.wire, due)?;
                due += gap;
            }
            if due >= end && idle.len() == self.connections.len() {
                return Ok(latencies);
            }
            if now > end + PATIENCE {
                return Err("the server does not answer".into());
            }
            // Without waiting: to be woken up would take longer than what is measured.
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            for event in &self.events {
                if let Some(due) = self.connections[event.token().0].receive()? {
                    latencies.push(u32::try_from(due.elapsed().as_nanos()).unwrap_or(u32::MAX));
                    idle.push_back(event.token().0);
                }
            }
        }
    }
}

/// So long nothing may come before the server is given up.
const PATIENCE: Duration = Duration::from_secs(10);

impl Connection {
    fn send(&mut self, request: &[u8], due: Instant) -> io::Result<()> {
        self.due = Some(due);
        // There is one request under way at most, so there is always room for all of it.
        let written = self.stream.write(request)?;
        if written == request.len() { Ok(()) } else { Err(ErrorKind::WriteZero.into()) }
    }

    /// Reads what is there. When the answer is complete, it tells when its request was due.
    fn receive(&mut self) -> Result<Option<Instant>, Box<dyn Error>> {
        loop {
            match self.stream.read(&mut self.buffer[self.read..]) {
                Ok(0) => return Err("the server has closed a connection".into()),
                Ok(length) => self.read += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            let answer = &self.buffer[..self.read];
            let length = match self.length {
                Some(length) => length,
                None => match length_of(answer)? {
                    Some(length) => *self.length.insert(length),
                    None => continue,
                },
            };
            if self.read == length {
                if !answer.starts_with(b"HTTP/1.1 200 ") {
                    return Err(format!("not OK: {}", String::from_utf8_lossy(answer)).into());
                }
                self.read = 0;
                return Ok(self.due.take());
            }
            if self.read > length {
                return Err("an answer is longer than those before".into());
            }
        }
    }
}

/// The length of an answer, once its head is there.
fn length_of(answer: &[u8]) -> Result<Option<usize>, Box<dyn Error>> {
    let text = std::str::from_utf8(answer)?;
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return Ok(None) };
    let field = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = field
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .ok_or("an answer without Content-Length")?;
    Ok(Some(head.len() + 4 + length.trim().parse::<usize>()?))
}

/// The status and the body that a single request is answered with, on a connection of its own.
pub(crate) fn ask(address: SocketAddr, wire: &[u8]) -> Result<(u16, String), Box<dyn Error>> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(wire)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    let length = loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err("the server has closed the connection".into());
        }
        answer.extend_from_slice(&buffer[..read]);
        match length_of(&answer)? {
            Some(length) if answer.len() >= length => break length,
            _ => {}
        }
    };
    let text = String::from_utf8(answer)?;
    let status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
    let body = text[..length].split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
