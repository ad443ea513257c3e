//! The receivers and the workers as processes.

use std::{
    env,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{net::TcpStream, time::sleep};

use crate::PATIENCE;

/// So many receivers.
pub(crate) const RECEIVERS: usize = 3;

/// Starts processes, and kills them when it is dropped.
pub(crate) struct Processes {
    journal: String,
    lines: PathBuf,
    receivers: Vec<(SocketAddr, Process)>,
    workers: Vec<Process>,
}

/// A process, which is killed by SIGKILL when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Processes {
    /// Starts the receivers of this journal. The methods of the workers will append to the file `lines`.
    pub(crate) async fn start(journal: String, lines: PathBuf) -> Result<Self> {
        let mut processes = Self { journal, lines, receivers: Vec::new(), workers: Vec::new() };
        for _ in 0..RECEIVERS {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, engines::free_port()));
            let receiver = processes.receiver(address).await?;
            processes.receivers.push((address, receiver));
        }
        Ok(processes)
    }

    /// The addresses of the receivers.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.receivers.iter().map(|(address, _)| *address).collect()
    }

    /// The number of workers.
    pub(crate) fn workers(&self) -> usize {
        self.workers.len()
    }

    pub(crate) fn start_worker(&mut self) -> Result<()> {
        let worker = Self::spawn(self.command("worker")?.env("LINES", &self.lines))?;
        self.workers.push(worker);
        Ok(())
    }

    /// Kills the worker that has run for the longest time.
    pub(crate) fn kill_worker(&mut self) {
        drop(self.workers.remove(0));
    }

    /// Kills a receiver, and starts it again with the same address.
    pub(crate) async fn restart_receiver(&mut self, number: usize) -> Result<()> {
        let (address, receiver) = self.receivers.remove(number);
        drop(receiver);
        let receiver = self.receiver(address).await?;
        self.receivers.insert(number, (address, receiver));
        Ok(())
    }

    /// Fails if a process has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        for Process(process) in self.receivers.iter_mut().map(|(_, receiver)| receiver).chain(&mut self.workers) {
            if let Some(status) = process.try_wait()? {
                bail!("a process has ended by itself: {status}");
            }
        }
        Ok(())
    }

    /// Starts a receiver, and waits until it listens.
    async fn receiver(&self, address: SocketAddr) -> Result<Process> {
        let mut receiver = Self::spawn(self.command("receiver")?.env("LISTEN", address.to_string()))?;
        let begin = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            let ended = receiver.0.try_wait()?;
            ensure!(ended.is_none() && begin.elapsed() < PATIENCE, "a receiver does not listen on {address}");
            sleep(Duration::from_millis(10)).await;
        }
        Ok(receiver)
    }

    /// This program with another task.
    fn command(&self, role: &str) -> Result<Command> {
        let mut command = Command::new(env::current_exe().context("this program has no path")?);
        command.arg(role).env("JOURNAL", &self.journal);
        Ok(command)
    }

    fn spawn(command: &mut Command) -> Result<Process> {
        // The process ends when this end of the pipe is closed.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        Ok(Process(child.context("this program cannot be started again")?))
    }
}
