//! The journal as a whole: its connection, its streams, and what this process has in memory of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_nats::jetstream::context::ContextBuilder;
use tencent_im_callback_journal::StoreError;
use tokio::{sync::Notify, time::timeout};

use crate::{
    dead::DeadLetters,
    feeding::Feeding,
    link::{ACK_TIME, API_TIME, Link, late},
    names::Names,
    progress::Progress,
    settings::NatsBuilder,
    streams::{self, Streams},
    workers::Workers,
};

/// So many messages wait for their acknowledgement at most; further ones wait before they are sent.
const IN_FLIGHT: usize = 4_096;

/// A [`Store`](tencent_im_callback_journal::Store) in streams of a NATS server with `JetStream`.
///
/// Any number of processes can be connected to one journal: all append, and share out the partitions for feeding. It is
/// cheap to clone, and all clones are one process for the journal.
#[derive(Clone)]
pub struct Nats(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) link: Link,
    pub(crate) names: Names,
    pub(crate) streams: Streams,
    /// Entries are appended though the server knows their identities.
    pub(crate) appends_repetitions: bool,
    /// This process, as others see it.
    pub(crate) worker: String,
    pub(crate) feeding: tokio::sync::Mutex<Option<Feeding>>,
    /// The first and the last fence of one feeding after the other.
    pub(crate) lineage: Mutex<Option<(u64, u64)>>,
    workers: Mutex<Workers>,
    pub(crate) dead: tokio::sync::Mutex<DeadLetters>,
    /// The progress of partitions that this process does not feed from.
    pub(crate) views: tokio::sync::Mutex<BTreeMap<u32, Progress>>,
    /// Entries of this process's partitions that are not in the stream any longer.
    pub(crate) missing: Mutex<BTreeSet<u64>>,
    pub(crate) appended: Notify,
    /// What other processes tell of their appends.
    pub(crate) told: tokio::sync::Mutex<Option<async_nats::Subscriber>>,
    /// When this process has told of an append, in milliseconds.
    pub(crate) told_at: AtomicU64,
    /// The last id that this process has appended.
    pub(crate) last_appended: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

impl Nats {
    /// Connects to the journal of this address, which is made if there is none.
    ///
    /// ```text
    /// nats://user:password@host:4222/NAME?sync=always
    /// ```
    ///
    /// The login may be left out, or be a token; its special characters are written as `%` and two digits. Several hosts of
    /// a cluster are separated by commas. `tls://` asks for TLS. `NAME` is `im-callback` by default. The settings are
    /// `sync=always`, `loss=accepted`, `partitions=16`, `replicas=3` and `max_bytes=..`: see [`NatsBuilder`] for what they
    /// mean. Call it within a tokio runtime.
    ///
    /// Fails if the address is wrong, if no server answers, and for a stream that could lose what it has acknowledged.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::builder(url).connect().await
    }

    /// [`connect`](Self::connect), which fails if there is no such journal.
    pub async fn connect_existing(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::builder(url).connect_existing().await
    }

    /// The settings of the journal of this address, to be changed before it is connected.
    pub fn builder(url: impl AsRef<str>) -> NatsBuilder {
        NatsBuilder::new(url.as_ref())
    }

    pub(crate) async fn open(settings: NatsBuilder, makes: bool) -> Result<Self, StoreError> {
        let client = settings.client().await?;
        streams::check_server(&client.server_info().version, settings.durability)?;
        let context = ContextBuilder::new()
            .timeout(API_TIME)
            .ack_timeout(ACK_TIME)
            .max_ack_inflight(IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client);
        let names = Names(settings.name.clone());
        let streams = timeout(API_TIME * 4, streams::open(&context, &names, &settings, makes)).await;
        let worker = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        Ok(Self(Arc::new(Inner {
            link: Link(context),
            appends_repetitions: settings.repetitions.is_zero(),
            names,
            streams: streams.map_err(|_| late())??,
            worker,
            feeding: tokio::sync::Mutex::default(),
            lineage: Mutex::default(),
            workers: Mutex::default(),
            dead: tokio::sync::Mutex::default(),
            views: tokio::sync::Mutex::default(),
            missing: Mutex::default(),
            appended: Notify::new(),
            told: tokio::sync::Mutex::default(),
            told_at: AtomicU64::new(0),
            last_appended: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        })))
    }
}

impl Inner {
    pub(crate) fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn missing(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The size of the streams of entries and dead letters.
    pub(crate) async fn measure(&self) -> Result<u64, StoreError> {
        let (entries, dead) = tokio::try_join!(info(&self.streams.entries), info(&self.streams.dead))?;
        let bytes = entries.state.bytes + dead.state.bytes;
        self.bytes.store(bytes, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// The state of a stream.
pub(crate) async fn info(
    stream: &async_nats::jetstream::stream::Stream<()>,
) -> Result<async_nats::jetstream::stream::Info, StoreError> {
    let info = timeout(API_TIME, stream.get_info()).await.map_err(|_| late())?;
    info.map_err(|error| crate::link::fault("a stream cannot be read", &error))
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats").field("name", &self.0.names.0).finish_non_exhaustive()
    }
}
