//! How a program runs: its log, the signal that ends it, and what is waited for then.

use std::{
    env,
    io::{self, IsTerminal},
    time::Duration,
};

use tencent_im_callback::Endpoint;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Writes the log to standard error, as `RUST_LOG` has it or else as `filter` does, until what it returns is dropped.
///
/// A thread of its own writes, so that nothing waits for the reader of standard error. When standard error is full or
/// closed, lines are lost and the program continues.
#[must_use = "without it the log ends"]
pub fn log(filter: &str) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(io::stderr());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal() && !is_plain)
        .with_writer(writer)
        // It would report a line that cannot be written with `eprintln!`, which panics for the same reason.
        .log_internal_errors(false)
        .init();
    guard
}

/// Is ready when the program is asked to stop: by Ctrl-C, or by the SIGTERM of a service manager.
///
/// The signals are taken from now on, not only when this is first waited for.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Is ready when the program is asked to stop, by Ctrl-C.
///
/// The signal is taken from now on, not only when this is first waited for.
#[cfg(windows)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        tracing::info!("stopping");
    })
}

/// Waits for the methods that are still at work, but not for ever: service managers kill after a while.
pub async fn drain(endpoint: &Endpoint) {
    const PATIENCE: Duration = Duration::from_secs(10);

    if tokio::time::timeout(PATIENCE, endpoint.drain()).await.is_err() {
        tracing::warn!(in_flight = endpoint.in_flight(), "stopping although callbacks are in flight");
    }
}

/// The requests to read settings again: SIGHUP. On Windows there are none.
#[derive(Debug)]
pub struct ReloadSignal {
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl ReloadSignal {
    /// Catches the signal from now on.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hangup: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
        })
    }

    /// Is ready at the next signal.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.hangup.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
    }
}
