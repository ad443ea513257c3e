//! The command line.

use std::ffi::OsString;

pub(crate) const HELP: &str = "\
Starts a receiver on axum, actix-web and hyper each, with one handler for all of them, sends them
signed callbacks over HTTP and shows how they answer. The ports are the system's choice; nothing is
reachable from outside this machine.

Usage: cargo run --bin demo [-- OPTIONS]

Options:
      --serve  leave the servers running until Ctrl-C, and show curl lines to paste
  -h, --help   show this and exit

The exit status is 1 if an answer is not what the protocol asks. RUST_LOG=info shows the receivers' log.
";

/// What the command line asks for.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Args {
    pub(crate) serve: bool,
    pub(crate) help: bool,
}

impl Args {
    /// Reads the arguments, without the program's name. An error is a text for the user.
    pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut parsed = Self::default();
        for arg in args {
            match arg.to_str() {
                Some("--serve") => parsed.serve = true,
                Some("-h" | "--help") => parsed.help = true,
                _ => return Err(format!("demo: unknown argument {}; `--help` shows what there is", arg.display())),
            }
        }
        Ok(parsed)
    }
}
