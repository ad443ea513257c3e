//! The server that has the journal, and the journal in it.

use std::{str::FromStr, time::Duration};

use anyhow::{Context as _, Result, bail};
use engines::{nats, postgres};
use tencent_im_callback_journal::Journal;
use tencent_im_callback_journal_nats::Nats;
use tencent_im_callback_journal_postgres::Postgres;
use tokio::task::block_in_place;

use crate::args::Args;

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nats,
    Postgres,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "nats" => Ok(Self::Nats),
            "postgres" => Ok(Self::Postgres),
            _ => Err(format!("there is no store {text:?}")),
        }
    }
}

/// A server that this program has started, or one that runs already.
pub(crate) enum Engine {
    Nats(nats::Server),
    Postgres(postgres::Server),
    Running(String),
}

impl Engine {
    /// Starts the server that the command line asks for. It ends when this is dropped.
    pub(crate) fn start(args: &Args) -> Result<Self> {
        if let Some(address) = &args.journal {
            return Ok(Self::Running(address.clone()));
        }
        block_in_place(|| match args.store {
            Kind::Nats => nats::Server::start().map(Self::Nats).context("nats-server is not installed"),
            Kind::Postgres => postgres::Server::start().map(Self::Postgres).context("PostgreSQL is not installed"),
        })
    }

    /// The address of the journal.
    pub(crate) fn url(&self) -> String {
        match self {
            // Versions before 2.10 cannot sync each message. A killed server has its messages all the same.
            Self::Nats(server) => {
                let durability = if server.syncs() { "sync=always" } else { "loss=accepted" };
                format!("{}?{durability}", server.url())
            }
            Self::Postgres(server) => server.url(),
            Self::Running(address) => address.clone(),
        }
    }

    /// Kills the server by SIGKILL.
    pub(crate) fn kill(&mut self) {
        block_in_place(|| match self {
            Self::Nats(server) => server.kill_9(),
            Self::Postgres(server) => server.kill(),
            Self::Running(_) => {}
        });
    }

    /// Starts the killed server again.
    pub(crate) fn begin(&mut self) {
        block_in_place(|| match self {
            Self::Nats(server) => server.restart(),
            Self::Postgres(server) => server.begin(),
            Self::Running(_) => {}
        });
    }
}

/// So many methods run at once in a worker. It is few, so that the workers bound what is delivered.
const AT_ONCE: usize = 4;

/// Opens the journal at this address.
pub(crate) async fn open(address: &str) -> Result<Journal> {
    let builder = Journal::builder().at_once(AT_ONCE).backoff(Duration::from_millis(100)..=Duration::from_secs(1));
    let journal = match address.split_once("://") {
        Some(("postgres" | "postgresql", _)) => builder.over(Postgres::connect(address).await?).await,
        Some(("nats" | "tls", _)) => builder.over(Nats::connect(address).await?).await,
        _ => bail!("the address of the journal begins with neither nats:// nor postgres://"),
    };
    Ok(journal?)
}

/// Opens the journal at this address, which must have no entries: the workers would call their methods for those too.
pub(crate) async fn open_empty(address: &str) -> Result<Journal> {
    let journal = open(address).await.context("cannot open the journal")?;
    if journal.store().stats().await?.last_id > 0 {
        bail!("the journal has entries, and this program needs an empty one");
    }
    Ok(journal)
}
