//! `im-callback journal export`

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use tencent_im_callback::Entry;
use tencent_im_callback_testkit::recording::{Recorded, Writer};

use super::{
    location::Location,
    select::{Select, pages},
};
use crate::{
    cli_error::{CliError, ExitStatus, say},
    progress::Progress,
};

/// Writes callbacks as a recording: JSON Lines, which `im-callback replay` plays
#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    location: Location,
    #[command(flatten)]
    select: Select,
    /// To this file, which must not exist, in place of standard output. It contains messages of users.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        let store = self.location.open().await?;
        let filter = self.select.filter();
        let out: Box<dyn Write> = match &self.to {
            Some(path) => Box::new(BufWriter::new(create(path).map_err(|error| CliError::file(path, error))?)),
            None => Box::new(io::stdout().lock()),
        };
        let mut writer = Writer::new(out);
        let total = usize::try_from(store.count(&filter).await?).unwrap_or(usize::MAX);
        let mut progress = Progress::new(self.to.as_ref().map(|_| total));
        let mut written = 0;
        let mut pages = pages(&*store, &filter, 0);
        while let Some(page) = pages.next(usize::MAX).await? {
            for record in page {
                writer.write(&recorded(record.entry))?;
                written += 1;
            }
            progress.done(written);
        }
        writer.flush()?;
        progress.clear();
        if let Some(path) = &self.to {
            say(format_args!("{written} callbacks written to {}", path.display()));
        }
        Ok(ExitStatus::Met)
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// An entry has no `Sign`. One with a `RequestTime` had one, and is signed anew when it is played.
fn recorded(entry: Entry) -> Recorded {
    let was_signed = entry.query.split('&').any(|pair| pair.starts_with("RequestTime="));
    let query = if was_signed { format!("{}&Sign=0", entry.query) } else { entry.query };
    Recorded::new(entry.received_at, &query, entry.body)
}
