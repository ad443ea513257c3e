//! `nats-server` with `JetStream`.

use std::{
    fmt::Write as _,
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{free_port, missing, program, wait_for};

/// The name of the program.
const PROGRAM: &str = "nats-server";

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    port: u16,
    syncs: bool,
    child: Option<Child>,
}

/// Whether a server has the setting `sync_interval`, which versions before 2.10 do not have.
fn can_sync(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output().expect("the server has a version");
    let text = String::from_utf8_lossy(&output.stdout);
    // `nats-server: v2.9.10`
    let version = text.rsplit('v').next().unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.trim().parse::<u32>().ok());
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    (major, minor) >= (2, 10)
}

/// How a server is started.
#[derive(Debug, Clone, Default)]
#[must_use = "a server is started by `start`"]
pub struct Settings {
    syncs_later: bool,
    config: String,
}

impl Settings {
    /// The server acknowledges messages before they are on the disk, which is its default.
    pub const fn syncs_later(mut self) -> Self {
        self.syncs_later = true;
        self
    }

    /// Another line of the server's configuration.
    pub fn config(mut self, line: &str) -> Self {
        _ = writeln!(self.config, "{line}");
        self
    }

    /// Starts the server; `None` where it is not installed.
    ///
    /// # Panics
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start(self) -> Option<Server> {
        let Some(program) = program(PROGRAM) else {
            missing(PROGRAM);
            return None;
        };
        let syncs = !self.syncs_later && can_sync(&program);
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let port = free_port();
        let sync = if syncs { "sync_interval: always" } else { "" };
        let store = folder.path().join("store");
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{\n    store_dir: \"{}\"\n    {sync}\n}}\n{}",
            store.display(),
            self.config
        );
        fs::write(folder.path().join("nats.conf"), config).expect("a file can be written");
        let mut server = Server { folder, port, syncs, child: None };
        server.restart();
        Some(server)
    }
}

impl Server {
    /// Starts a server that syncs each message before it acknowledges it, if its version can; `None` where it is not
    /// installed. Without the setting an acknowledged message outlives the process, and not a failure of the power.
    ///
    /// # Panics
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        Settings::default().start()
    }

    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// `nats://` with the address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Whether the server syncs each message before it acknowledges it.
    #[must_use]
    pub const fn syncs(&self) -> bool {
        self.syncs
    }

    /// Ends the server without a word.
    pub fn kill_9(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended.
            _ = child.kill();
            _ = child.wait();
        }
    }

    /// Starts the server again on the same port, with what it has stored.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.kill_9();
        let program = program(PROGRAM).expect("it was found before");
        let log = self.folder.path().join("log");
        let output = File::create(&log).expect("a file can be written");
        let child = Command::new(program)
            .arg("--config")
            .arg(self.folder.path().join("nats.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .expect("the server can be started");
        let address = self.address();
        wait_for(address, self.child.insert(child), &log);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill_9();
    }
}
