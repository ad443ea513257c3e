//! Receivers, workers and the server are killed under load.

use std::{
    net::SocketAddr,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use anyhow::Result;
use hyper::StatusCode;
use tencent_im_callback::{Event as _, group};
use tokio::time::sleep;

use crate::{
    args::Args,
    client::Answer,
    deliveries::Deliveries,
    engine::{self, Engine},
    load::{ANSWER_TIME, Clients, Load},
    processes::{Processes, RECEIVERS},
    say,
};

/// So many workers.
const WORKERS: usize = 3;

/// So many callbacks are kept between two kills.
const BETWEEN_KILLS: u64 = 300;

/// The server is away for this time.
const ABSENCE: Duration = Duration::from_secs(2);

/// Kills a receiver, a worker and the server so many times each, prints the sums, and returns whether they are right.
pub(crate) async fn run(args: &Args, kills: u32) -> Result<bool> {
    let mut engine = Engine::start(args)?;
    let journal = engine::open_empty(&engine.url()).await?;
    let folder = tempfile::tempdir()?;
    let lines = folder.path().join("lines");
    let mut deliveries = Deliveries::create(&lines)?;
    let mut processes = Processes::start(engine.url(), lines).await?;
    for _ in 0..WORKERS {
        processes.start_worker()?;
    }
    say(&format!("{RECEIVERS} receivers and {WORKERS} workers, {} callbacks each second\n", args.rate))?;

    let mut load = Load::start(processes.addresses(), args.rate);
    let mut before = Before::default();
    let receivers = (0..RECEIVERS).cycle();
    for (kill, receiver) in (1..=kills).zip(receivers) {
        load.until_kept(BETWEEN_KILLS).await?;
        processes.restart_receiver(receiver).await?;
        load.until_kept(BETWEEN_KILLS).await?;
        processes.kill_worker();
        processes.start_worker()?;
        load.until_kept(BETWEEN_KILLS).await?;
        engine.kill();
        // At once, so that the workers connect again at about the same time.
        engine.begin();
        load.until_kept(BETWEEN_KILLS).await?;
        engine.kill();
        load.set_away(true);
        before.send_all(processes.addresses()).await;
        load.set_away(false);
        engine.begin();
        load.until_kept(BETWEEN_KILLS).await?;
        processes.check()?;
        deliveries.read()?;
        say(&format!("round {kill} of {kills}: {} kept, {} delivered\n", load.sum(), deliveries.sum()))?;
    }
    load.stop().await?;
    deliveries.finish(&journal).await?;
    processes.check()?;

    let sums = deliveries.sums(&load.kept());
    let away = load.away();
    let [answered, kept, late] = [&away.answered, &away.kept, &away.late].map(|count| count.load(Ordering::SeqCst));
    say(&format!(
        "\nkilled receivers: {kills:>7}\nkilled workers:   {kills:>7}\nkilled servers:   {:>7}\n{sums}\n\
         The server was away for {} seconds, {kills} times:\n\
         after callbacks answered while away: {answered:>7}\n\
         of them with status 200:             {kept:>7}\n\
         not answered within two seconds:     {late:>7}\n\
         before callbacks sent while away:    {:>7}\n\
         of them not answered with 200:       {:>7}\n",
        kills * 2,
        ABSENCE.as_secs(),
        before.sent,
        before.refused,
    ))?;
    Ok(sums.are_right() && kept == 0 && late == 0 && before.refused == 0)
}

/// *Before* callbacks while the server is away.
#[derive(Debug, Default)]
struct Before {
    sent: u32,
    /// Those that were not answered with status 200 in time.
    refused: u32,
}

impl Before {
    /// Sends one to each receiver in turn while the server is away.
    async fn send_all(&mut self, addresses: Vec<SocketAddr>) {
        const PAUSE: Duration = Duration::from_millis(20);

        let mut clients = Clients::new(addresses);
        let begin = Instant::now();
        for turn in 0.. {
            if begin.elapsed() >= ABSENCE {
                return;
            }
            let body = r#"{"GroupId":"0","Type":"Public","From_Account":"a","MsgBody":[]}"#.to_owned();
            let answer = clients.post(turn, group::BeforeSendMsg::COMMAND, body).await;
            let is_right = |answer: &Answer| answer.response.status() == StatusCode::OK && answer.took <= ANSWER_TIME;
            self.sent += 1;
            self.refused += u32::from(!answer.is_ok_and(|answer| is_right(&answer)));
            sleep(PAUSE).await;
        }
    }
}
