//! Recordings as the source of the page: read to the end, and followed as an app adds to them.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Duration,
};

use tencent_im_callback_testkit::recording::Reader;
use tokio::time::sleep;

use super::{Inspector, entry::Entry};

/// How often a file is looked at.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest line that is read: a body of 8 MiB and its answer, in base64.
const LINE: usize = 24 * 1024 * 1024;
/// How many lines are read before requests of the page have their turn.
const AT_ONCE: usize = 50;

/// Where the callbacks of a page are from, beside what is handed over to it.
pub(crate) enum Source {
    Nothing,
    File { path: PathBuf, is_followed: bool },
}

/// Reads the source, for ever.
pub(super) async fn read(source: Source, inspector: &Inspector) -> io::Result<()> {
    match source {
        Source::File { path, is_followed } => follow(&path, is_followed, inspector).await,
        Source::Nothing => std::future::pending().await,
    }
}

async fn follow(path: &Path, is_followed: bool, inspector: &Inspector) -> io::Result<()> {
    let mut lines = Lines::open(path)?;
    loop {
        let mut is_read = false;
        for _ in 0..AT_ONCE {
            let Some(line) = lines.next()? else {
                is_read = true;
                break;
            };
            match line {
                Line::Whole(line) => add(&line, inspector),
                Line::TooLong => lost(inspector),
            }
        }
        if !is_read {
            tokio::task::yield_now().await;
            continue;
        }
        if !is_followed {
            // The last line of a file that is no longer written may lack its end.
            if let Some(line) = lines.rest() {
                add(&line, inspector);
            }
            return std::future::pending().await;
        }
        // A recorder begins a new file when one is long: what is left of the old one has been read.
        if lines.is_replaced(path) {
            if let Ok(new) = Lines::open(path) {
                lines = new;
            }
            continue;
        }
        sleep(PAUSE).await;
    }
}

fn add(line: &[u8], inspector: &Inspector) {
    for recorded in Reader::new(line) {
        match recorded {
            Ok(recorded) => {
                inspector.add(Entry::of_recording(recorded));
            }
            Err(_) => lost(inspector),
        }
    }
}

fn lost(inspector: &Inspector) {
    inspector.lost.fetch_add(1, Ordering::Relaxed);
    inspector.touch();
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// The lines of a file that may still grow.
struct Lines {
    from: BufReader<File>,
    /// The beginning of a line whose end is not there yet.
    begun: Vec<u8>,
    /// Whether the rest of the line is skipped.
    is_too_long: bool,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { from: BufReader::new(File::open(path)?), begun: Vec::new(), is_too_long: false })
    }

    /// The next whole line; `None` at the end of the file.
    fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let bytes = self.from.fill_buf()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(bytes.len(), |end| end + 1);
            if !self.is_too_long {
                self.begun.extend_from_slice(&bytes[..taken]);
            }
            self.from.consume(taken);
            if self.begun.len() > LINE {
                self.begun = Vec::new();
                self.is_too_long = true;
            }
            if end.is_some() {
                let line = std::mem::take(&mut self.begun);
                let is_too_long = std::mem::take(&mut self.is_too_long);
                return Ok(Some(if is_too_long { Line::TooLong } else { Line::Whole(line) }));
            }
        }
    }

    fn rest(&mut self) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.begun);
        (!rest.is_empty()).then_some(rest)
    }

    /// Whether another file has this path now, or this one has become shorter.
    fn is_replaced(&mut self, path: &Path) -> bool {
        let Ok(there) = std::fs::metadata(path) else { return false };
        if self.from.stream_position().is_ok_and(|position| there.len() < position) {
            return true;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;

            self.from.get_ref().metadata().is_ok_and(|here| (here.dev(), here.ino()) != (there.dev(), there.ino()))
        }
        #[cfg(not(unix))]
        false
    }
}
