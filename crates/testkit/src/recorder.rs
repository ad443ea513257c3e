//! Records the callbacks of a running endpoint in a file, without a proxy.
//!
//! ```
//! use tencent_im_callback::{CallbackHandler, Endpoint};
//! use tencent_im_callback_testkit::recorder::Recorder;
//!
//! # struct App;
//! # impl CallbackHandler for App {}
//! # let folder = std::env::temp_dir().join(format!("recorder-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("callbacks.jsonl");
//! let recorder = Recorder::open(&path)?;
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").exchange_observer(recorder.clone()).build()?;
//! // .. serve the endpoint, and when the server has stopped:
//! recorder.flush()?;
//! # drop(endpoint);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `im-callback ui callbacks.jsonl --follow` shows the file while the app runs.

use std::{
    ffi::OsString,
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tencent_im_callback::{Exchange, ExchangeObserver};

use crate::recording::{Recorded, Writer};

/// How many exchanges wait for the file at most, and how long their bodies are at most, all together.
const QUEUE: usize = 1024;
const QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// Writes the exchanges of an endpoint to a file, as a [recording](crate::recording).
///
/// Set it with [`EndpointBuilder::exchange_observer`](tencent_im_callback::EndpointBuilder::exchange_observer). The file
/// contains the messages of users, and no `Sign`; on Unix only its owner can read it.
///
/// A response never waits for the file: a thread writes it, and an exchange is dropped and [counted](Self::dropped) while
/// 1,024 exchanges or 16 MiB of bodies wait for the thread.
#[derive(Clone)]
pub struct Recorder {
    queue: SyncSender<Task>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queued_bytes: AtomicUsize,
    dropped: AtomicU64,
}

enum Task {
    Write(Box<Exchange>),
    /// Everything before it has been written, or has failed with this error.
    Flush(SyncSender<Option<io::Error>>),
}

impl Recorder {
    /// A recorder that adds to the file at `path`, of 64 MiB at most.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        Self::with_limit(path, 64 * 1024 * 1024)
    }

    /// A recorder that uses at most `bytes`, plus one callback.
    ///
    /// When the file has half of them, the file is renamed to the same name with `.1` at its end, in place of the file
    /// that had that name, and a new file begins.
    pub fn with_limit(path: impl Into<PathBuf>, bytes: u64) -> io::Result<Self> {
        let mut output = Output::open(path.into(), bytes / 2)?;
        let (queue, tasks) = sync_channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let counted = Arc::clone(&shared);
        thread::Builder::new().name("callback-recorder".into()).spawn(move || write(&tasks, &mut output, &counted))?;
        Ok(Self { queue, shared })
    }

    /// The number of exchanges that are not in the file: too many were waiting, or the file could not be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all exchanges so far are in the file; fails with the last error of the file since the last call.
    ///
    /// It blocks the thread. Call it when the server has stopped, because a program that ends does not wait for the file.
    pub fn flush(&self) -> io::Result<()> {
        let (done, is_done) = sync_channel(1);
        let ended = || io::Error::other("the thread of the recorder has ended");
        self.queue.send(Task::Flush(done)).map_err(|_| ended())?;
        is_done.recv().map_err(|_| ended())?.map_or(Ok(()), Err)
    }
}

impl ExchangeObserver for Recorder {
    fn exchange_finished(&self, exchange: Exchange) {
        let bytes = exchange.body.len() + exchange.answer.len();
        let queued = self.shared.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let is_queued = queued + bytes <= QUEUE_BYTES && self.queue.try_send(Task::Write(Box::new(exchange))).is_ok();
        if !is_queued {
            self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

/// Until the last recorder is dropped.
fn write(tasks: &Receiver<Task>, output: &mut Output, shared: &Shared) {
    let mut last_error = None;
    while let Ok(task) = tasks.recv() {
        match task {
            Task::Write(exchange) => {
                let bytes = exchange.body.len() + exchange.answer.len();
                if let Err(error) = output.write(*exchange) {
                    shared.dropped.fetch_add(1, Ordering::Relaxed);
                    last_error = Some(error);
                }
                shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
            Task::Flush(done) => {
                // Nobody waits for it any more if this fails.
                let _ = done.send(last_error.take());
            }
        }
    }
}

struct Output {
    path: PathBuf,
    /// The length at which a new file begins.
    limit: u64,
    file: File,
    /// Whether a part of a line may be at the end of the file.
    is_torn: bool,
}

impl Output {
    fn open(path: PathBuf, limit: u64) -> io::Result<Self> {
        let file = open(&path)?;
        Ok(Self { path, limit, file, is_torn: false })
    }

    fn write(&mut self, exchange: Exchange) -> io::Result<()> {
        if self.file.metadata()?.len() >= self.limit {
            fs::rename(&self.path, older(&self.path))?;
            self.file = open(&self.path)?;
        }
        let recorded = Recorded::new(exchange.received_at, &exchange.query, exchange.body)
            .method(exchange.method.as_str())
            .signed(exchange.is_signed)
            .answered(exchange.status.as_u16(), exchange.answer, exchange.elapsed);
        if self.is_torn {
            // A reader skips the part with an error, and continues after the end of its line.
            (&self.file).write_all(b"\n")?;
        }
        let written = Writer::new(&self.file).write(&recorded);
        self.is_torn = written.is_err();
        written
    }
}

/// The name of the file before this one.
fn older(path: &Path) -> PathBuf {
    let mut name: OsString = path.into();
    name.push(".1");
    name.into()
}

/// Opens the file for its owner only.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // The file may be older than the recorder. A device, such as `/dev/null`, is left alone.
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}
