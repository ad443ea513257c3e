//! A server of PostgreSQL.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::{free_port, missing};

/// A server, which ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts a server; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// If the server does not start, and where PostgreSQL is not installed though `CI` is set.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// [`start`](Self::start) with these lines in its settings.
    ///
    /// # Panics
    /// As `start`.
    #[must_use]
    pub fn start_with(lines: &str) -> Option<Self> {
        Self::start_with_files(lines, &[])
    }

    /// A server that has TLS, with a certificate and its key in PEM.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_with_tls(certificate: &str, key: &str) -> Option<Self> {
        let files = [("server.crt", certificate), ("server.key", key)];
        Self::start_with_files("ssl = on\n", &files)
    }

    /// The files are in the folder of the data.
    fn start_with_files(lines: &str, files: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = programs() else {
            missing("initdb of PostgreSQL");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder is made");
        let server = Self { programs, folder, port: free_port() };
        // The server refuses to run as root. Then all is done as the user of Debian's package.
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(server.folder.path()));
        }
        let data = server.data();
        let made = ["-D", &data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"];
        run(server.program("initdb").args(made));
        let settings = "\nmax_connections = 200\nshared_buffers = 64MB\nunix_socket_directories = ''\n\
                        listen_addresses = '127.0.0.1'\n";
        let file = Path::new(&data).join("postgresql.conf");
        let mut all = fs::read_to_string(&file).expect("the settings are read");
        all.push_str(settings);
        all.push_str(lines);
        fs::write(&file, all).expect("the settings are written");
        for (name, text) in files {
            let file = Path::new(&data).join(name);
            fs::write(&file, text).expect("a file is written");
            run(Command::new("chmod").arg("600").arg(&file));
            if is_root() {
                run(Command::new("chown").arg("postgres").arg(&file));
            }
        }
        server.begin();
        Some(server)
    }

    /// The address of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_on(self.port)
    }

    /// The address on another port, such as that of a proxy.
    #[must_use]
    pub fn url_on(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// The port that it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts the server again after [`kill`](Self::kill) or [`stop`](Self::stop).
    ///
    /// # Panics
    /// If it does not start.
    pub fn begin(&self) {
        let options = format!("-p {}", self.port);
        let log = Path::new(&self.data()).join("log");
        let log = log.to_str().expect("the folder has a name in UTF-8").to_owned();
        run(self.program("pg_ctl").args(["-D", &self.data(), "-w", "-t", "60", "-l", &log, "-o", &options, "start"]));
    }

    /// Ends the server as if its processes were killed: nothing is written any more.
    ///
    /// # Panics
    /// If the server cannot be killed.
    pub fn kill(&self) {
        let first = self.first_process();
        let children = Command::new("pgrep").args(["-P", &first]).output().expect("processes are listed");
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        // The first process first, or else it would begin again by itself.
        for process in std::iter::once(first.as_str()).chain(children.split_whitespace()) {
            _ = Command::new("kill").args(["-9", process]).stderr(Stdio::null()).status();
        }
        for _ in 0..1_000 {
            let is_gone = |process: &str| !Path::new("/proc").join(process).join("cmdline").exists();
            if is_gone(&first) && children.split_whitespace().all(is_gone) {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        fs::remove_file(Path::new(&self.data()).join("postmaster.pid")).expect("the server had run");
    }

    /// Stops the processes of the server where they are, or lets them go on: a server that is slow.
    ///
    /// # Panics
    /// If the server does not run.
    pub fn pause(&self, is_paused: bool) {
        let first = self.first_process();
        let children = Command::new("pgrep").args(["-P", &first]).output().expect("processes are listed");
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        let signal = if is_paused { "-STOP" } else { "-CONT" };
        for process in children.split_whitespace().chain([first.as_str()]) {
            _ = Command::new("kill").args([signal, process]).stderr(Stdio::null()).status();
        }
    }

    /// Ends the server as an administrator does.
    ///
    /// # Panics
    /// If it does not end.
    pub fn stop(&self) {
        run(self.program("pg_ctl").args(["-D", &self.data(), "-w", "-m", "fast", "stop"]));
    }

    fn first_process(&self) -> String {
        let file = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).expect("the server runs");
        file.lines().next().expect("the file has the number of the process").to_owned()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().expect("the folder has a name in UTF-8").to_owned()
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).env_remove("PGPORT").env_remove("PGHOST");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.pause_if_running();
        _ = self
            .program("pg_ctl")
            .args(["-D", &self.data(), "-w", "-m", "immediate", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

impl Server {
    /// A paused server does not end.
    fn pause_if_running(&self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.pause(false);
        }
    }
}

/// The folder of the programs of the newest version that is installed.
fn programs() -> Option<PathBuf> {
    let in_path = env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    debian
        .into_iter()
        .rev()
        .chain(in_path)
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("the user is known");
    id.stdout.starts_with(b"0\n")
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let status = output.status().expect("the program starts");
    assert!(status.success(), "{command:?} failed: {status}");
}
