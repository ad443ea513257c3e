//! A bar on the last line of the terminal, for what takes long.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// Shows the progress of a command. It is silent where standard error is no terminal.
pub(crate) struct Progress {
    total: Option<usize>,
    /// When it was last drawn; `None` if it is not to be drawn.
    drawn: Option<Instant>,
    is_on_screen: bool,
}

impl Progress {
    /// A bar for so many steps, or a counter if that is not known. A few steps are not worth it.
    pub(crate) fn new(total: Option<usize>) -> Self {
        let is_long = total.is_none_or(|total| total >= 50);
        let drawn = (is_long && io::stderr().is_terminal()).then(Instant::now);
        Self { total, drawn, is_on_screen: false }
    }

    /// So many steps are done.
    pub(crate) fn done(&mut self, steps: usize) {
        const BETWEEN: Duration = Duration::from_millis(100);
        if let Some(drawn) = &mut self.drawn
            && drawn.elapsed() >= BETWEEN
        {
            *drawn = Instant::now();
            self.is_on_screen = true;
            let _ = write!(io::stderr(), "\r{}\x1b[K", bar(steps, self.total));
        }
    }

    /// Makes room for other output.
    pub(crate) fn clear(&mut self) {
        if self.is_on_screen {
            self.is_on_screen = false;
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn bar(steps: usize, total: Option<usize>) -> String {
    const WIDTH: usize = 40;
    match total {
        Some(total) if total > 0 => {
            let filled = (steps * WIDTH / total).min(WIDTH);
            format!("[{}{}] {steps} of {total}", "#".repeat(filled), ".".repeat(WIDTH - filled))
        }
        _ => format!("{steps}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_what_it_tells_of() {
        assert_eq!(bar(0, Some(80)), "[........................................] 0 of 80");
        assert_eq!(bar(20, Some(80)), "[##########..............................] 20 of 80");
        assert_eq!(bar(81, Some(80)), "[########################################] 81 of 80");
        assert_eq!(bar(7, None), "7");
    }
}
