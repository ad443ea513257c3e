//! Which callbacks of a journal a command works on.

use clap::{Args, ValueEnum};
use tencent_im_callback::Key;
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Filter, Record, State},
};

use crate::when::When;

/// How far a callback is, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StateOption {
    /// Its method has not succeeded yet
    Unfinished,
    /// Its method has succeeded
    Done,
    /// Its method is not called again
    Dead,
}

impl From<StateOption> for State {
    fn from(state: StateOption) -> Self {
        match state {
            StateOption::Unfinished => Self::Unfinished,
            StateOption::Done => Self::Done,
            StateOption::Dead => Self::Dead,
        }
    }
}

/// Those that have all that is given.
#[derive(Args, Debug)]
pub(super) struct Select {
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<StateOption>,
    /// Only those with this command, in which `*` is any text
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Only those with this key, as `ls` shows it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Only those received at this time or later: Unix seconds, or from now as in `-90s` and `-7d`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<When>,
    /// Only those received before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<When>,
}

impl Select {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            state: self.state.map(State::from),
            command: self.command.clone(),
            key: self.key.as_ref().map(Key::new),
            since: self.since.map(When::to_system_time),
            until: self.until.map(When::to_system_time),
        }
    }

    /// Whether nothing is given that selects.
    pub(super) fn is_empty(&self) -> bool {
        let Self { state, command, key, since, until } = self;
        state.is_none() && command.is_none() && key.is_none() && since.is_none() && until.is_none()
    }
}

/// The selected callbacks, some at a time.
pub(super) struct Pages<'a> {
    store: &'a dyn Store,
    filter: &'a Filter,
    after: u64,
}

/// The callbacks that `filter` selects, with ids above `after`.
pub(super) fn pages<'a>(store: &'a dyn Store, filter: &'a Filter, after: u64) -> Pages<'a> {
    Pages { store, filter, after }
}

impl Pages<'_> {
    /// The next ones, at most `max`; `None` if there are no more now.
    pub(super) async fn next(&mut self, max: usize) -> Result<Option<Vec<Record>>, StoreError> {
        let page = self.store.records(self.filter, self.after, max.min(500)).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.id;
        Ok(Some(page))
    }
}
