//! The page that shows callbacks: what was received, what was answered, and why.
//!
//! The page runs on a thread of its own. What shows callbacks to it hands them over without waiting, so that no answer
//! is later because of the page.

mod api;
mod assets;
mod catalog;
mod copies;
mod detail;
mod entry;
mod events;
mod filter;
mod follow;
mod guard;
mod resend;
mod ring;
mod server;
mod share;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use http::request::Parts;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use self::{entry::Entry, guard::Guard, ring::Ring};
pub(crate) use self::{
    entry::{Observed, Origin},
    follow::Source,
    resend::{Receiver, is_own},
};
use crate::{cli_error::CliError, commands::listen::NextAnswers, credentials::Token, exchange::BUDGET};

/// How many callbacks wait for the page at most, and how long their bodies are at most, all together.
const QUEUE: usize = 1024;
const QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// The port of the page, if none is given.
pub(crate) const PORT: u16 = 8079;

/// What the page is for.
pub(crate) struct Settings {
    pub(crate) app: Option<u64>,
    pub(crate) tokens: Vec<Token>,
    /// Where the page sends callbacks to.
    pub(crate) receiver: Option<Receiver>,
    /// The answers of `listen`, which the page can set.
    pub(crate) answers: Option<Arc<NextAnswers>>,
    /// What is shown: an address or a file.
    pub(crate) source: String,
}

/// The port of a page that is not served yet.
pub(crate) struct Socket {
    listener: TcpListener,
    port: u16,
    secret: String,
}

impl Socket {
    /// Binds to a port of the loopback interface; port 0 takes a free one.
    pub(crate) fn bind(port: u16) -> Result<Self, CliError> {
        let secret = Guard::secret().map_err(CliError::Usage)?;
        let cannot = |error| {
            CliError::usage(format!(
                "the page cannot be on port {port}: {error}\n`--ui 0` or `--port 0` takes a free port"
            ))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        Ok(Self { listener, port, secret })
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// What marks a request of the page to `listen` itself.
    pub(crate) fn mark(&self) -> String {
        self.secret.clone()
    }
}

/// The page, and all that it shows.
pub(crate) struct Inspector {
    settings: Settings,
    guard: Guard,
    mark: String,
    port: u16,
    ring: Mutex<Ring>,
    changed: watch::Sender<()>,
    streams: AtomicUsize,
    /// How many callbacks did not reach the page.
    lost: AtomicU64,
    queued_bytes: AtomicUsize,
}

impl Inspector {
    /// Starts the page on a thread. Callbacks are handed over through what is returned.
    pub(crate) fn start(socket: Socket, settings: Settings, source: Source) -> Result<Feed, CliError> {
        let Socket { listener, port, secret } = socket;
        let (queue, observed) = mpsc::channel(QUEUE);
        let inspector = Arc::new(Self {
            settings,
            guard: Guard::new(port, secret.clone()),
            mark: secret,
            port,
            ring: Mutex::default(),
            changed: watch::Sender::new(()),
            streams: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
            queued_bytes: AtomicUsize::new(0),
        });
        let page = Arc::clone(&inspector);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("page".into()).spawn(move || {
            // Where both have work to do, the thread that answers is first. Where this is not permitted, nothing is lost.
            #[cfg(target_os = "linux")]
            let _ = rustix::process::setpriority_process(None, 10);
            runtime.block_on(async {
                tokio::select! {
                    ended = server::serve(listener, Arc::clone(&page)) => ended,
                    () = take(observed, &page) => Ok(()),
                    ended = follow::read(source, &page) => ended,
                }
            })
        })?;
        Ok(Feed { queue, inspector, thread })
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // The ring is whole between any two of its changes.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a callback, and returns its number.
    fn add(&self, entry: Entry) -> u64 {
        let id = self.ring().add(entry);
        self.touch();
        id
    }

    /// Tells the open pages that something has changed.
    fn touch(&self) {
        self.changed.send_replace(());
    }

    /// The URL that callbacks are sent to.
    fn url(&self) -> String {
        self.settings.receiver.as_ref().map_or_else(|| ":8080/callback".to_owned(), Receiver::url)
    }

    fn state(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "source": self.settings.source,
            "receiver": self.settings.receiver.as_ref().map(Receiver::url),
            "has_token": !self.settings.tokens.is_empty(),
            "answers": self.settings.answers.as_ref().map(|answers| answers.list()),
            "budget_us": u64::try_from(BUDGET.as_micros()).unwrap_or(u64::MAX),
            // The default of `EndpointBuilder::deadline`.
            "deadline_us": 1_700_000,
            "streams": self.streams.load(Ordering::Relaxed),
            "lost": self.lost.load(Ordering::Relaxed),
            "evicted": self.ring().evicted(),
        })
    }
}

/// Hands callbacks over to the page.
pub(crate) struct Feed {
    queue: mpsc::Sender<Observed>,
    inspector: Arc<Inspector>,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Feed {
    /// Hands a callback over, or drops it when too many are waiting.
    pub(crate) fn offer(&self, observed: Observed) {
        let bytes = bytes_of(&observed);
        let queued = self.inspector.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        if queued + bytes > QUEUE_BYTES || self.queue.try_send(observed).is_err() {
            self.inspector.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.inspector.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the page itself has sent this request.
    pub(crate) fn has_sent(&self, head: &Parts) -> bool {
        guard::is_marked(head, &self.inspector.mark)
    }

    /// The URL of the page, with the secret of this start.
    pub(crate) fn url(&self) -> String {
        format!(
            "http://{}/?{}",
            SocketAddr::from((Ipv4Addr::LOCALHOST, self.inspector.port)),
            self.inspector.guard.query()
        )
    }

    /// Waits until the page ends, which it does only after an error.
    pub(crate) fn wait(self) -> Result<(), CliError> {
        match self.thread.join() {
            Ok(ended) => ended.map_err(|error| CliError::usage(format!("the page has ended: {error}"))),
            Err(_) => Err(CliError::usage("the page has ended")),
        }
    }
}

fn bytes_of(observed: &Observed) -> usize {
    observed.recorded.body().len() + observed.recorded.answer().map_or(0, |answer| answer.body.len())
}

/// Takes what is handed over, for ever.
async fn take(mut queue: mpsc::Receiver<Observed>, inspector: &Inspector) {
    while let Some(observed) = queue.recv().await {
        let bytes = bytes_of(&observed);
        inspector.add(Entry::new(observed));
        inspector.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        // Requests of the page have their turn between two callbacks.
        tokio::task::yield_now().await;
    }
}
