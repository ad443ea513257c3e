//! `im-callback journal copy`

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tencent_im_callback_journal::{
    Store,
    store::{Change, Fence, Filter, Record, State},
};
use tokio::time::sleep;

use super::{
    location::{Mode, open, shown},
    select::StateOption,
};
use crate::{
    cli_error::{CliError, ExitStatus},
    json,
    progress::Progress,
};

/// So many callbacks are copied at a time.
const PAGE: usize = 200;

/// Copies a journal into another one, such as from a folder to PostgreSQL
///
/// All callbacks are copied with their states, or those in the states that are given. They get new ids. No process may feed
/// from either journal meanwhile; receivers may append. What is interrupted goes on where it was when the same command is
/// given again in the same folder.
#[derive(Args, Debug)]
pub(super) struct Copy {
    /// The journal to copy: a folder, postgres://.. or nats://..
    #[arg(value_name = "FROM")]
    from: String,
    /// The journal to copy into, which is made if it is not there
    #[arg(value_name = "TO")]
    to: String,
    /// Only those in these states
    #[arg(long = "state", value_name = "STATE", value_enum)]
    states: Vec<StateOption>,
    /// The file that has how far the copy is; it is removed at the end
    #[arg(long, value_name = "FILE", default_value = "im-callback-copy.json")]
    progress: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    from: String,
    to: String,
    /// All up to this id are copied.
    copied: u64,
    /// What was copied has ids up to this one. What has a greater id may be of the page that was interrupted.
    last_id: u64,
    /// How many were copied.
    count: usize,
}

impl Copy {
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        if self.from == self.to {
            return Err(CliError::usage(format!("{} is to be copied into itself", shown(&self.from))));
        }
        let source = open(&self.from, Mode::Existing).await?;
        let target = open(&self.to, Mode::ToCopyInto).await?;
        let mut position = self.position(&*target).await?;
        let from = hold(&*source, &self.from).await?;
        let to = hold(&*target, &self.to).await?;
        let copied = self.copy(&*source, from, &*target, to, &mut position).await;
        source.release(from).await?;
        target.release(to).await?;
        copied?;
        remove(&self.progress)?;
        let mut out = anstream::stdout().lock();
        if self.json {
            writeln!(out, "{}", json::line(&json!({ "copied": position.count })))?;
        } else {
            writeln!(out, "{} callbacks copied to {}", position.count, shown(&self.to))?;
        }
        Ok(ExitStatus::Met)
    }

    /// Where the copy begins, or goes on.
    async fn position(&self, target: &dyn Store) -> Result<Position, CliError> {
        let (from, to) = (shown(&self.from), shown(&self.to));
        match fs::read(&self.progress) {
            Ok(text) => {
                let position: Position =
                    serde_json::from_slice(&text).map_err(|error| CliError::file(&self.progress, error))?;
                if (&position.from, &position.to) != (&from, &to) {
                    let other = format!("has the progress of a copy from {} to {}", position.from, position.to);
                    return Err(CliError::usage(format!(
                        "{}: {other}\nend that copy first, or give another file with --progress",
                        self.progress.display()
                    )));
                }
                Ok(position)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let last_id = target.stats().await?.last_id;
                Ok(Position { from, to, copied: 0, last_id, count: 0 })
            }
            Err(error) => Err(CliError::file(&self.progress, error)),
        }
    }

    async fn copy(
        &self,
        source: &dyn Store,
        from: Fence,
        target: &dyn Store,
        to: Fence,
        position: &mut Position,
    ) -> Result<(), CliError> {
        let is_wanted = |record: &Record| {
            self.states.is_empty() || self.states.iter().any(|state| State::from(*state) == record.state)
        };
        let total = usize::try_from(source.count(&Filter::default()).await?).unwrap_or(usize::MAX);
        let mut progress = Progress::new(Some(total));
        let mut seen = position.count;
        save(&self.progress, position)?;
        // What the page that was interrupted has left behind.
        let mut known = records(target, position.last_id).await?;
        loop {
            let page = source.records(&Filter::default(), position.copied, PAGE).await?;
            let Some(last) = page.last() else { break };
            let copied = last.id;
            seen += page.len();
            let page: Vec<_> = page.into_iter().filter(is_wanted).collect();
            let ids = append(target, &page, &mut known).await?;
            settle(target, to, &page, &ids).await?;
            position.copied = copied;
            position.last_id = ids.iter().copied().max().unwrap_or_default().max(position.last_id);
            position.count += page.len();
            save(&self.progress, position)?;
            progress.done(seen);
            // The journals do not hear from this process otherwise, and another one may begin to feed.
            source.renew(from).await?;
            target.renew(to).await?;
        }
        progress.clear();
        Ok(())
    }
}

/// Sees to it that no process feeds from a journal.
async fn hold(store: &dyn Store, journal: &str) -> Result<Fence, CliError> {
    const TRIES: usize = 30;
    let mut fence = None;
    for _ in 0..TRIES {
        if fence.is_none() {
            fence = store.acquire(None).await?;
        }
        if let Some(fence) = fence {
            let share = store.renew(fence).await?;
            // As long as another process feeds, this one has only a share.
            if share.partitions.len() == store.partitions() as usize {
                return Ok(fence);
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    if let Some(fence) = fence {
        store.release(fence).await?;
    }
    let text = format!("{} is fed by another process", shown(journal));
    Err(CliError::usage(format!("{text}\nend the workers first; receivers may go on")))
}

/// The records with ids above this one.
async fn records(store: &dyn Store, after: u64) -> Result<Vec<Record>, CliError> {
    let mut found = Vec::new();
    let mut last = after;
    loop {
        let page = store.records(&Filter::default(), last, PAGE).await?;
        let Some(record) = page.last() else { return Ok(found) };
        last = record.id;
        found.extend(page);
        // Only a page can have been interrupted. What receivers have appended meanwhile is behind it.
        if found.len() >= 10 * PAGE {
            return Ok(found);
        }
    }
}

/// Appends the entries of a page, but for those that are there already, and returns their ids.
async fn append(target: &dyn Store, page: &[Record], known: &mut Vec<Record>) -> Result<Vec<u64>, CliError> {
    let mut ids = vec![0; page.len()];
    let mut missing = Vec::new();
    for (place, record) in page.iter().enumerate() {
        match known.iter().position(|known| known.entry == record.entry) {
            Some(found) => ids[place] = known.remove(found).id,
            None => missing.push(place),
        }
    }
    known.clear();
    let entries = missing.iter().map(|place| page[*place].entry.clone()).collect();
    for (place, id) in missing.into_iter().zip(target.append(entries).await?) {
        ids[place] = id;
    }
    Ok(ids)
}

/// Gives the copies the states of the originals.
async fn settle(target: &dyn Store, fence: Fence, page: &[Record], ids: &[u64]) -> Result<(), CliError> {
    let changes: Vec<_> = page.iter().zip(ids).filter_map(|(record, id)| change(record, *id)).collect();
    if !changes.is_empty() {
        target.settle(fence, changes).await?;
    }
    Ok(())
}

fn change(record: &Record, id: u64) -> Option<Change> {
    let error = || record.error.clone().unwrap_or_default();
    match record.state {
        State::Done => Some(Change::Done { id }),
        State::Dead => Some(Change::Dead { id, attempts: record.attempts, error: error() }),
        _ if record.attempts > 0 => {
            let due = record.due.unwrap_or(record.entry.received_at);
            Some(Change::Failed { id, attempts: record.attempts, due, error: error() })
        }
        _ => None,
    }
}

/// Replaces the file, so that it is whole at any time.
fn save(path: &Path, position: &Position) -> Result<(), CliError> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let write = || {
        fs::write(&new, json::line(&json!(position)))?;
        fs::rename(&new, path)
    };
    write().map_err(|error| CliError::file(path, error))
}

fn remove(path: &Path) -> Result<(), CliError> {
    fs::remove_file(path).map_err(|error| CliError::file(path, error))
}
