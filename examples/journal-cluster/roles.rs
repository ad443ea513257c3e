//! What the processes do that the driver starts.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{Read as _, Write as _, stdin},
    process,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use axum::Router;
use examples::connections;
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, async_trait, group};
use tencent_im_callback_journal::Journal;
use tokio::time::sleep;

use crate::{APP_ID, PATIENCE, TOKEN, engine, variable};

/// The pause before the journal is opened again.
const PAUSE: Duration = Duration::from_millis(200);

/// A method takes this time.
const METHOD_TIME: Duration = Duration::from_millis(10);

/// Writes a line for each message of a group: the group, and the number of the message in the group.
struct Lines(File);

#[async_trait]
impl CallbackHandler for Lines {
    async fn group_after_send_msg(&self, _: &Context, event: group::AfterSendMsg) -> tencent_im_callback::Result<()> {
        sleep(METHOD_TIME).await;
        // In one piece, which the system appends to what other processes have written.
        let line = format!("{} {}\n", event.group_id, event.msg_seq);
        Ok((&self.0).write_all(line.as_bytes())?)
    }
}

/// Allows everything. Its *after* methods are not called: they are the workers'.
struct Receives;

impl CallbackHandler for Receives {}

/// Keeps callbacks in the journal.
pub(crate) async fn receiver() -> Result<()> {
    end_with_driver();
    let journal = open().await?;
    let endpoint = Endpoint::builder(Receives).app(APP_ID, TOKEN).journal(&journal).build()?;
    let address = variable("LISTEN")?;
    let listener = connections::listen(&address).with_context(|| format!("cannot listen on {address}"))?;
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint));
    connections::serve(listener, TowerToHyperService::new(router), std::future::pending()).await?;
    Ok(())
}

/// Calls the methods for what is in the journal.
pub(crate) async fn worker() -> Result<()> {
    end_with_driver();
    let journal = open().await?;
    let path = env::var_os("LINES").context("LINES is not set")?;
    let lines = OpenOptions::new().append(true).open(path).context("cannot open the file of the lines")?;
    let endpoint = Endpoint::builder(Lines(lines)).app(APP_ID, TOKEN).journal(&journal).build()?;
    let _feed = journal.feed(&endpoint);
    std::future::pending().await
}

/// Opens the journal. Its server may have been killed at this moment, and is then started again by the driver.
async fn open() -> Result<Journal> {
    let address = variable("JOURNAL")?;
    let begin = Instant::now();
    loop {
        match engine::open(&address).await {
            Err(_) if begin.elapsed() < PATIENCE => sleep(PAUSE).await,
            result => return result,
        }
    }
}

/// Ends this process when the driver has ended, however it ends: standard input is a pipe of the driver.
fn end_with_driver() {
    std::thread::spawn(|| {
        // The driver writes nothing.
        _ = stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
}
