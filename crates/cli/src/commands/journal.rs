//! `im-callback journal`

mod change;
mod copy;
mod export;
mod location;
mod record;
mod select;

use std::{collections::BTreeMap, io::Write as _, time::Duration};

use clap::{Args, Subcommand};
use serde_json::json;
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Filter, State},
};

use self::{
    change::{Drop, Replay, Retry},
    copy::Copy,
    export::Export,
    location::Location,
    record::{as_json, write_line, write_record},
    select::{Select, pages},
};
use crate::{
    cli_error::{CliError, ExitStatus},
    json,
    runtime::block_on,
    when::date,
};

/// Looks into the journal of a receiver, and retries or removes callbacks in it
#[derive(Args, Debug)]
#[command(
    subcommand_required = true,
    after_long_help = "\
The receiver may run meanwhile. It sees a change within a second. Bodies contain messages of users:
they are shown only on request.

Examples:
  im-callback journal stats callbacks.journal
  im-callback journal stats postgres://chat@db.internal/chat
  im-callback journal ls callbacks.journal --state dead --since -1h
  im-callback journal retry callbacks.journal --command 'Group.*'
  im-callback journal replay callbacks.journal --since 1669872112 --until 1669875712
  im-callback journal export callbacks.journal --to today.jsonl --since -24h
  im-callback journal copy callbacks.journal postgres://chat@db.internal/chat"
)]
pub(crate) struct Journal {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Ls(Ls),
    Show(Show),
    Retry(Retry),
    Drop(Drop),
    Replay(Replay),
    Tail(Tail),
    Export(Export),
    Stats(Stats),
    Copy(Copy),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::usage(format!("the journal cannot be read or written: {error}"))
    }
}

impl Journal {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        block_on(async {
            match self.command {
                Command::Ls(command) => command.run().await,
                Command::Show(command) => command.run().await,
                Command::Retry(command) => command.run().await,
                Command::Drop(command) => command.run().await,
                Command::Replay(command) => command.run().await,
                Command::Tail(command) => command.run().await,
                Command::Export(command) => command.run().await,
                Command::Stats(command) => command.run().await,
                Command::Copy(command) => command.run().await,
            }
        })?
    }
}

/// Lists callbacks, oldest first: id, time, state, command, attempts, key, error
#[derive(Args, Debug)]
struct Ls {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    select: Select,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// With their bodies, which contain messages of users
    #[arg(long)]
    bodies: bool,
    /// A JSON object on a line for each callback
    #[arg(long)]
    json: bool,
}

impl Ls {
    async fn run(self) -> Result<ExitStatus, CliError> {
        let store = self.location.open().await?;
        let filter = self.select.filter();
        let mut left = self.limit;
        let mut pages = pages(&*store, &filter, 0);
        while left > 0
            && let Some(page) = pages.next(left).await?
        {
            left -= page.len();
            let mut out = anstream::stdout().lock();
            for record in &page {
                write_line(&mut out, record, self.bodies, self.json)?;
            }
        }
        Ok(ExitStatus::Met)
    }
}

/// Shows one callback with all that is known of it
#[derive(Args, Debug)]
struct Show {
    #[command(flatten)]
    location: Location,
    /// Its id
    id: u64,
    /// With its body, which may contain messages of users
    #[arg(long)]
    body: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self) -> Result<ExitStatus, CliError> {
        let store = self.location.open().await?;
        let found = store.records(&Filter::default(), self.id.saturating_sub(1), 1).await?;
        let Some(record) = found.first().filter(|record| record.id == self.id) else {
            return Err(CliError::usage(format!("the journal has no callback with the id {}", self.id)));
        };
        let mut out = anstream::stdout().lock();
        if self.json {
            writeln!(out, "{}", json::indented(&as_json(record, self.body))?)?;
        } else {
            write_record(&mut out, record, self.body)?;
        }
        Ok(ExitStatus::Met)
    }
}

/// Shows the last callbacks, and with `-f` those that are received from now on
#[derive(Args, Debug)]
struct Tail {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    select: Select,
    /// How many of the last callbacks to look at
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    lines: u64,
    /// Goes on with those that are received from now on
    #[arg(short, long)]
    follow: bool,
    /// With their bodies, which contain messages of users
    #[arg(long)]
    bodies: bool,
    /// A JSON object on a line for each callback
    #[arg(long)]
    json: bool,
}

impl Tail {
    async fn run(self) -> Result<ExitStatus, CliError> {
        const EVERY: Duration = Duration::from_millis(200);
        let store = self.location.open().await?;
        let filter = self.select.filter();
        let last = store.stats().await?.last_id;
        let mut pages = pages(&*store, &filter, last.saturating_sub(self.lines));
        loop {
            while let Some(page) = pages.next(usize::MAX).await? {
                let mut out = anstream::stdout().lock();
                for record in &page {
                    write_line(&mut out, record, self.bodies, self.json)?;
                }
                out.flush()?;
            }
            if !self.follow {
                return Ok(ExitStatus::Met);
            }
            store.appended(EVERY).await;
        }
    }
}

/// Shows how many callbacks are unfinished, done and dead, and the age of the oldest unfinished one
#[derive(Args, Debug)]
struct Stats {
    #[command(flatten)]
    location: Location,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Stats {
    async fn run(self) -> Result<ExitStatus, CliError> {
        let store = self.location.open().await?;
        let stats = store.stats().await?;
        let done = store.count(&Filter { state: Some(State::Done), ..Filter::default() }).await?;
        let age = stats.oldest_unfinished.and_then(|oldest| oldest.elapsed().ok());
        let dead = dead_by_command(&*store).await?;
        let mut out = anstream::stdout().lock();
        if self.json {
            let stats = json!({
                "unfinished": stats.unfinished,
                "oldest_unfinished_seconds": age.map_or(0, |age| age.as_secs()),
                "dead": stats.dead,
                "dead_by_command": dead,
                "done": done,
                "last_id": stats.last_id,
                "bytes": stats.bytes,
            });
            writeln!(out, "{}", json::indented(&stats)?)?;
        } else {
            write!(out, "unfinished  {}", stats.unfinished)?;
            if let Some((oldest, age)) = stats.oldest_unfinished.zip(age) {
                write!(out, ", the oldest of {} ({} s ago)", date(record::millis(oldest)), age.as_secs())?;
            }
            writeln!(out, "\ndone        {done}\ndead        {}", stats.dead)?;
            for (command, count) in dead {
                writeln!(out, "  {count:>8}  {}", crate::untrusted_text::plain(&command))?;
            }
            writeln!(out, "size        {} KiB", stats.bytes.div_ceil(1024))?;
        }
        Ok(ExitStatus::Met)
    }
}

async fn dead_by_command(store: &dyn Store) -> Result<BTreeMap<String, u64>, CliError> {
    let filter = Filter { state: Some(State::Dead), ..Filter::default() };
    let mut by_command = BTreeMap::new();
    let mut pages = pages(store, &filter, 0);
    while let Some(page) = pages.next(usize::MAX).await? {
        for record in page {
            *by_command.entry(record.entry.command).or_default() += 1;
        }
    }
    Ok(by_command)
}
