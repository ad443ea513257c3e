//! `im-callback journal retry`, `drop` and `replay`.

use std::io::Write as _;

use clap::Args;
use serde_json::json;
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Filter, State},
};

use super::{
    location::Location,
    select::{Select, pages},
};
use crate::{
    cli_error::{CliError, ExitStatus},
    json,
    progress::Progress,
};

/// Delivers dead letters again, those with the ids or those that are selected
#[derive(Args, Debug)]
pub(super) struct Retry {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    chosen: Chosen,
}

/// Removes callbacks, those with the ids or the dead letters that are selected
#[derive(Args, Debug)]
pub(super) struct Drop {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    chosen: Chosen,
}

/// Delivers finished callbacks again, those with the ids or those that are selected; methods do their work again
#[derive(Args, Debug)]
pub(super) struct Replay {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Args, Debug)]
struct Chosen {
    /// The ids
    #[arg(value_name = "ID")]
    ids: Vec<u64>,
    #[command(flatten)]
    select: Select,
    /// All of them, where nothing is selected
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy)]
enum Change {
    Retry,
    Drop,
    Replay,
}

impl Retry {
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        change(&self.location, &self.chosen, Change::Retry).await
    }
}

impl Drop {
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        change(&self.location, &self.chosen, Change::Drop).await
    }
}

impl Replay {
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        change(&self.location, &self.chosen, Change::Replay).await
    }
}

impl Change {
    const fn done(self) -> &'static str {
        match self {
            Self::Drop => "removed",
            Self::Retry | Self::Replay => "to be delivered again",
        }
    }

    async fn apply(self, store: &dyn Store, ids: &[u64]) -> Result<u64, StoreError> {
        match self {
            Self::Drop => store.discard(ids).await,
            Self::Retry | Self::Replay => store.retry(ids).await,
        }
    }

    /// The state of what is selected where none is given.
    const fn states(self) -> &'static [State] {
        match self {
            Self::Drop | Self::Retry => &[State::Dead],
            Self::Replay => &[State::Done, State::Dead],
        }
    }
}

async fn change(location: &Location, chosen: &Chosen, change: Change) -> Result<ExitStatus, CliError> {
    if !chosen.ids.is_empty() && !chosen.select.is_empty() {
        return Err(CliError::usage("ids are given and something that selects: give one of them"));
    }
    if chosen.ids.is_empty() && chosen.select.is_empty() && !chosen.all {
        return Err(CliError::usage("nothing is selected\ngive ids, or what selects, such as --command, or --all"));
    }
    let store = location.open().await?;
    let mut changed = 0;
    if chosen.ids.is_empty() {
        let filter = chosen.select.filter();
        let states = filter.state.map_or_else(|| change.states().to_vec(), |state| vec![state]);
        for state in states {
            changed += change_selected(&*store, &Filter { state: Some(state), ..filter.clone() }, change).await?;
        }
    } else {
        changed = change.apply(&*store, &chosen.ids).await?;
    }
    let mut out = anstream::stdout().lock();
    if chosen.json {
        writeln!(out, "{}", json::line(&json!({ "changed": changed })))?;
    } else {
        writeln!(out, "{changed} {}", change.done())?;
    }
    // An id that is not there, or is not finished, is not what was expected.
    Ok(ExitStatus::met_if(chosen.ids.is_empty() || changed == chosen.ids.len() as u64))
}

async fn change_selected(store: &dyn Store, filter: &Filter, change: Change) -> Result<u64, CliError> {
    let total = usize::try_from(store.count(filter).await?).unwrap_or(usize::MAX);
    let mut progress = Progress::new(Some(total));
    let (mut changed, mut seen) = (0, 0);
    let mut pages = pages(store, filter, 0);
    while let Some(page) = pages.next(usize::MAX).await? {
        let ids: Vec<_> = page.iter().map(|record| record.id).collect();
        changed += change.apply(store, &ids).await?;
        seen += ids.len();
        progress.done(seen);
    }
    progress.clear();
    Ok(changed)
}
