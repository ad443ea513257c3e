//! All three receivers at once, with one handler, and every kind of answer from each of them.
//!
//! ```sh
//! cargo run --bin demo
//! cargo run --bin demo -- --serve
//! ```
//!
//! The servers are those of the examples `axum`, `actix-web` and `hyper`, on ports of the system's
//! choice, reachable from this machine only; the callbacks go over HTTP and are signed as Tencent
//! signs them.

#[path = "../actix_web.rs"]
mod actix_web_example;
#[path = "../axum.rs"]
#[expect(dead_code, reason = "its `main`")]
mod axum_example;
#[path = "../hyper.rs"]
#[expect(dead_code, reason = "its `main`")]
mod hyper_example;

mod args;
mod client;
mod report;
mod servers;
mod steps;

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
    thread,
};

use anyhow::{Result, ensure};
use examples::{Topics, log, stop_signal};
use tencent_im_callback::Endpoint;
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    args::Args,
    client::Client,
    report::{Row, table},
    servers::{Framework, Servers},
    steps::{APP_ID, FORBIDDEN, Signed, Step, TOKEN, expected_log, steps},
};

fn main() -> ExitCode {
    let args = match Args::parse(env::args_os().skip(1)) {
        Ok(args) => args,
        Err(fault) => {
            complain(&fault);
            return ExitCode::from(2);
        }
    };
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("demo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(args: Args) -> Result<()> {
    if args.help {
        return Ok(say(args::HELP)?);
    }
    // The refusals below are meant, so their warnings are not shown.
    let _log = log("off");
    let topics = Arc::new(Topics::new([FORBIDDEN], 1));
    let endpoint = Endpoint::builder(Arc::clone(&topics)).app(APP_ID, [TOKEN]).runtime(Handle::current()).build()?;
    let servers = Servers::start(&endpoint)?;

    let rows = send_all(&servers).await?;
    say(&table(&rows))?;
    say(&report::log(&topics.log()))?;
    let mut faults = report::faults(&rows);
    if topics.log() != expected_log() {
        faults.push("the handler's log does not have the events of the callbacks".to_owned());
    }
    for fault in &faults {
        complain(&format!("demo: {fault}"));
    }
    if faults.is_empty() {
        say(&format!("\nAll {} answers are what the protocol asks.\n", rows.len()))?;
    }
    if args.serve {
        serve(&servers, &topics).await?;
    }
    servers.stop().await?;
    ensure!(faults.is_empty(), "not everything is as the protocol asks; faults: {}", faults.len());
    Ok(())
}

/// Sends every step to every framework, and puts the answers to the same callback side by side.
async fn send_all(servers: &Servers) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (framework, address) in servers.addresses() {
        let mut client = Client::connect(address).await?;
        for (place, step) in steps().into_iter().enumerate() {
            let answer = client.post(&step.query(), step.body.clone()).await?;
            rows.push((place, Row { framework, step, answer }));
        }
    }
    rows.sort_by_key(|(place, _)| *place);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Leaves the servers running until Ctrl-C, and prints commands that send callbacks to them.
async fn serve(servers: &Servers, topics: &Topics) -> Result<()> {
    let stop = stop_signal()?;
    tokio::pin!(stop);
    let mut lines = typed_lines();
    loop {
        say(&curl_lines(servers))?;
        tokio::select! {
            () = &mut stop => return Ok(()),
            Some(()) = lines.recv() => say(&report::log(&topics.log()))?,
        }
    }
}

/// An item for each line that is typed, until the input ends.
fn typed_lines() -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    // A thread of its own, because reading cannot be given up: the process does not wait for it.
    thread::spawn(move || {
        for line in io::stdin().lines() {
            if line.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The signed callbacks of one story, each to another server.
fn curl_lines(servers: &Servers) -> String {
    let mut text = String::from("\nCallbacks to send by hand, signed now and valid for 60 seconds:\n");
    let signed = steps().into_iter().filter(|step| step.signed == Signed::Now && step.app_id == APP_ID);
    for (step, (framework, address)) in signed.zip(servers.addresses().cycle()) {
        text.push_str(&curl_line(&step, framework, address));
    }
    text.push_str("\nEnter shows them signed anew, and the handler's log; Ctrl-C stops the servers.\n");
    text
}

fn curl_line(step: &Step, framework: Framework, address: std::net::SocketAddr) -> String {
    // Nothing in the samples has a single quote.
    format!(
        "\n# {}, to {framework}\ncurl -w '\\n' -d '{}' 'http://{address}/callback?{}'\n",
        step.case,
        step.body,
        step.query()
    )
}

/// Writes to standard output. A reader that has closed it is not an error.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes to standard error, if anybody reads it.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
