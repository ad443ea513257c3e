//! Callbacks that were recorded, one a line, to be looked at and played again.
//!
//! A recording is JSON Lines: each line is one callback with its answer, an object with these fields.
//!
//! | field | |
//! | --- | --- |
//! | `at` | when it was received, in Unix milliseconds |
//! | `method` | the HTTP method; `POST` if absent |
//! | `query` | the query as it was sent, without `Sign` |
//! | `signed` | whether there was a `Sign`; not if absent |
//! | `body` | the body, if it is JSON; its white space is not kept, all else is, to the spelling of numbers |
//! | `body_base64` | the body, if it is anything else |
//! | `status` | the HTTP status of the answer; absent if there was none |
//! | `answer`, `answer_base64` | the body of the answer, like that of the request |
//! | `took_us` | how long the answer took, in microseconds |
//!
//! Fields that a reader does not know it skips; empty lines too. A recording holds what users wrote:
//! keep it like a log of messages. Of the secrets it holds none of the protocol's, but a parameter of
//! your own that you put into the configured URL is in `query`.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use tencent_im_callback_testkit::recording::{Recorded, Recording, Writer};
//!
//! let mut file = Vec::new();
//! let mut writer = Writer::new(&mut file);
//! let came = Recorded::new(SystemTime::UNIX_EPOCH, "SdkAppid=1&CallbackCommand=A.B&Sign=00&RequestTime=0", "{ }");
//! writer.write(&came.answered(200, r#"{"ActionStatus":"OK"}"#, Duration::from_millis(3)))?;
//!
//! let recording = Recording::read(&file[..])?;
//! assert_eq!(recording.iter().next().unwrap().query(), "SdkAppid=1&CallbackCommand=A.B&RequestTime=0");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::Method;

mod diff;
mod line;
mod replay;

pub use self::{
    diff::{Difference, differences},
    line::LineError,
    replay::{Replay, Replayed},
};
use crate::Request;

/// One callback of a recording.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    at: SystemTime,
    method: String,
    query: String,
    is_signed: bool,
    body: Bytes,
    answer: Option<RecordedAnswer>,
}

/// How a recorded callback was answered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// How long it took.
    pub took: Duration,
}

impl Recorded {
    /// A callback that was received at `at`, to the millisecond, without an answer so far. `Sign` is taken out of its query.
    #[must_use]
    pub fn new(at: SystemTime, query: &str, body: impl Into<Bytes>) -> Self {
        let (query, is_signed) = without_sign(query);
        let at = UNIX_EPOCH + Duration::from_millis(millis_of(at));
        Self { at, method: "POST".into(), query, is_signed, body: body.into(), answer: None }
    }

    /// With this method.
    #[must_use]
    pub fn method(self, method: impl Into<String>) -> Self {
        Self { method: method.into(), ..self }
    }

    /// With or without a signature, for a query that `Sign` was taken out of before.
    #[must_use]
    pub fn signed(self, is_signed: bool) -> Self {
        Self { is_signed, ..self }
    }

    /// With its answer, and how long that took, to the microsecond.
    #[must_use]
    pub fn answered(self, status: u16, body: impl Into<Bytes>, took: Duration) -> Self {
        let took = Duration::from_micros(micros_of(took));
        Self { answer: Some(RecordedAnswer { status, body: body.into(), took }), ..self }
    }

    /// When it was received.
    #[must_use]
    pub const fn at(&self) -> SystemTime {
        self.at
    }

    /// Its HTTP method.
    #[must_use]
    pub fn http_method(&self) -> &str {
        &self.method
    }

    /// Its query as it was sent, without `Sign`.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Whether it had a `Sign`.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Its body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its answer, if it got one.
    #[must_use]
    pub const fn answer(&self) -> Option<&RecordedAnswer> {
        self.answer.as_ref()
    }

    /// The command word in its query; empty if there is none.
    #[must_use]
    pub fn command(&self) -> Cow<'_, str> {
        let named = |name| self.parameter(name).filter(|word| !word.is_empty());
        named("CallbackCommand").or_else(|| named("WebhookCommand")).unwrap_or_default()
    }

    /// The application in its query, if it names one.
    #[must_use]
    pub fn app_id(&self) -> Option<u64> {
        self.parameter("SdkAppid")?.parse().ok()
    }

    /// A parameter of its query, percent-decoded, by its name in any case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        pieces(&self.query).find(|(key, _)| decoded(key).eq_ignore_ascii_case(name)).map(|(_, value)| decoded(value))
    }

    /// The callback as a request, to be signed anew.
    ///
    /// It is signed if it had been, with a new `RequestTime`. One that was refused as not authentic, with
    /// status 401, is left unsigned: what was wrong with its signature is not recorded.
    #[must_use]
    pub fn request(&self) -> Request {
        let was_refused = self.answer.as_ref().is_some_and(|answer| answer.status == 401);
        let query = pieces_but(&self.query, |key| !key.eq_ignore_ascii_case("RequestTime")).join("&");
        let method = Method::from_bytes(self.method.as_bytes()).unwrap_or(Method::POST);
        let mut request = Request::new(self.command(), self.body.clone()).method(method);
        if let Some(app_id) = self.app_id() {
            request = request.app_id(app_id);
        }
        if self.is_signed && !was_refused { request.signed_query(query) } else { request.query(&*self.query) }
    }
}

impl fmt::Debug for Recorded {
    // By hand: bodies are users' messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("at", &self.at)
            .field("command", &self.command())
            .field("body_length", &self.body.len())
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RecordedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedAnswer")
            .field("status", &self.status)
            .field("body_length", &self.body.len())
            .field("took", &self.took)
            .finish()
    }
}

/// Callbacks in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording(Vec<Recorded>);

impl Recording {
    /// Reads the recording in a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        let named = |fault| RecordingError { path: Some(path.to_owned()), ..RecordingError::from(fault) };
        let file = File::open(path).map_err(|error| named(Fault::Io(error)))?;
        Self::read(BufReader::new(file)).map_err(|error| RecordingError { path: Some(path.to_owned()), ..error })
    }

    /// Reads a recording.
    pub fn read(from: impl BufRead) -> Result<Self, RecordingError> {
        Reader::new(from).collect::<Result<_, _>>().map(Self)
    }

    /// Its callbacks.
    pub fn iter(&self) -> std::slice::Iter<'_, Recorded> {
        self.0.iter()
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Recorded> for Recording {
    fn from_iter<I: IntoIterator<Item = Recorded>>(callbacks: I) -> Self {
        Self(callbacks.into_iter().collect())
    }
}

impl IntoIterator for Recording {
    type Item = Recorded;
    type IntoIter = std::vec::IntoIter<Recorded>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Recording {
    type Item = &'a Recorded;
    type IntoIter = std::slice::Iter<'a, Recorded>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Reads a recording callback by callback, for those that are too long to be held.
///
/// After an error in a line it continues with the next one.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    line: usize,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// A reader of this.
    pub const fn new(from: R) -> Self {
        Self { from, line: 0, buffer: Vec::new() }
    }

    fn next_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        self.line += 1;
        Ok(self.from.read_until(b'\n', &mut self.buffer)? > 0)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Recorded, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_line() {
                Ok(true) if self.buffer.trim_ascii().is_empty() => {}
                Ok(true) => {
                    let recorded = line::read(&self.buffer);
                    return Some(recorded.map_err(|error| Fault::Line { line: self.line, error }.into()));
                }
                Ok(false) => return None,
                Err(error) => return Some(Err(Fault::Io(error).into())),
            }
        }
    }
}

/// Writes a recording callback by callback.
#[derive(Debug)]
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// A writer to this. Each callback is one write: a buffer is needed only where lines are many.
    pub const fn new(to: W) -> Self {
        Self(to)
    }

    /// Adds a callback.
    pub fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        let mut line = line::write(recorded);
        line.push('\n');
        self.0.write_all(line.as_bytes())
    }

    /// Flushes what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    /// What it writes to.
    pub fn into_inner(self) -> W {
        self.0
    }
}

/// Why a recording cannot be read.
#[derive(Debug)]
pub struct RecordingError {
    path: Option<PathBuf>,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    Io(io::Error),
    Line { line: usize, error: LineError },
}

impl RecordingError {
    /// The line that is wrong, counted from 1; `None` if the file could not be read at all.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match &self.fault {
            Fault::Io(_) => None,
            Fault::Line { line, .. } => Some(*line),
        }
    }

    /// The field that is wrong; `None` if the whole line is.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match &self.fault {
            Fault::Io(_) => None,
            Fault::Line { error, .. } => error.field(),
        }
    }
}

impl From<Fault> for RecordingError {
    fn from(fault: Fault) -> Self {
        Self { path: None, fault }
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.fault {
            Fault::Io(_) => f.write_str("the recording cannot be read"),
            Fault::Line { line, error } => write!(f, "line {line}: {error}"),
        }
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(error) => Some(error),
            Fault::Line { .. } => None,
        }
    }
}

/// The pieces of a query: keys and values as they stand there.
fn pieces(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

/// The pieces whose decoded key is kept.
fn pieces_but(query: &str, keep: impl Fn(&str) -> bool) -> Vec<&str> {
    query.split('&').filter(|piece| keep(&decoded(piece.split('=').next().unwrap_or_default()))).collect()
}

fn without_sign(query: &str) -> (String, bool) {
    let query = query.strip_prefix('?').unwrap_or(query);
    let kept = pieces_but(query, |key| !key.eq_ignore_ascii_case("Sign")).join("&");
    let is_signed = kept.len() < query.len();
    (kept, is_signed)
}

/// Percent-decoded; as it is where that cannot be.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return text.into(),
            },
            _ => byte,
        });
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn micros_of(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// To the millisecond, as a line holds it.
fn millis_of(at: SystemTime) -> u64 {
    u64::try_from(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
