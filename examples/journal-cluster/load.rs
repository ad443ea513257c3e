//! The load: the callbacks of each group one after the other, over HTTP.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, ensure};
use hyper::StatusCode;
use tencent_im_callback::{Event as _, group};
use tencent_im_callback_testkit::Signer;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};

use crate::{
    APP_ID, GROUPS, PATIENCE, TOKEN,
    client::{Answer, Client},
};

/// The service waits so long for an answer.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(2);

/// The pause before a callback is sent again.
const PAUSE: Duration = Duration::from_millis(50);

/// A client of all receivers, with a connection to each.
pub(crate) struct Clients {
    addresses: Vec<SocketAddr>,
    open: Vec<Option<Client>>,
}

impl Clients {
    pub(crate) fn new(addresses: Vec<SocketAddr>) -> Self {
        let open = addresses.iter().map(|_| None).collect();
        Self { addresses, open }
    }

    /// Sends a callback to the receiver whose turn it is.
    pub(crate) async fn post(&mut self, turn: usize, command: &str, body: String) -> Result<Answer> {
        let place = turn % self.open.len();
        let mut client = match self.open[place].take() {
            Some(client) => client,
            None => Client::connect(self.addresses[place]).await?,
        };
        let signature = Signer::new(TOKEN).query_at(SystemTime::now());
        let query = format!("SdkAppid={APP_ID}&CallbackCommand={command}&contenttype=json&{signature}");
        let answer = client.post(&query, body).await?;
        // A connection with an error is not used again.
        self.open[place] = Some(client);
        Ok(answer)
    }
}

/// What was answered while the server of the journal was away.
#[derive(Debug, Default)]
pub(crate) struct Away {
    /// Callbacks that were answered.
    pub(crate) answered: AtomicU64,
    /// Those of them with status 200.
    pub(crate) kept: AtomicU64,
    /// Callbacks that were not answered within two seconds.
    pub(crate) late: AtomicU64,
}

struct Shared {
    addresses: Vec<SocketAddr>,
    /// The number of the last callback of each group that was answered with status 200.
    kept: Vec<AtomicU32>,
    is_over: AtomicBool,
    /// Counts the beginnings and the ends of the server's absences: it is away at odd numbers.
    absences: AtomicU32,
    away: Away,
}

/// A task for each group that sends the group's callbacks.
pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

impl Load {
    /// Sends so many callbacks each second, if the receivers answer in time.
    pub(crate) fn start(addresses: Vec<SocketAddr>, rate: u32) -> Self {
        let shared = Arc::new(Shared {
            addresses,
            kept: (0..GROUPS).map(|_| AtomicU32::new(0)).collect(),
            is_over: AtomicBool::new(false),
            absences: AtomicU32::new(0),
            away: Away::default(),
        });
        let mut tasks = JoinSet::new();
        for group in 0..GROUPS {
            tasks.spawn(send_all(Arc::clone(&shared), group, rate));
        }
        Self { shared, tasks }
    }

    /// The number of the last callback of each group that was answered with status 200.
    pub(crate) fn kept(&self) -> Vec<u32> {
        self.shared.kept.iter().map(|kept| kept.load(Ordering::SeqCst)).collect()
    }

    /// How many callbacks were answered with status 200.
    pub(crate) fn sum(&self) -> u64 {
        self.kept().into_iter().map(u64::from).sum()
    }

    /// Waits until so many more are answered with status 200.
    pub(crate) async fn until_kept(&self, more: u64) -> Result<()> {
        let (wanted, begin) = (self.sum() + more, Instant::now());
        while self.sum() < wanted {
            ensure!(begin.elapsed() < PATIENCE, "no callbacks are answered with status 200");
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// The server of the journal is away from now on, or until now.
    pub(crate) fn set_away(&self, is_away: bool) {
        let absences = self.shared.absences.fetch_add(1, Ordering::SeqCst);
        debug_assert_eq!(absences.is_multiple_of(2), is_away);
    }

    pub(crate) fn away(&self) -> &Away {
        &self.shared.away
    }

    /// Sends no new callbacks, and those that were sent until they are answered with status 200.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended?;
            }
            Ok(())
        };
        timeout(PATIENCE, ended).await.context("callbacks are not answered with status 200")?
    }
}

/// Sends the callbacks of a group, each until it is answered with status 200.
async fn send_all(shared: Arc<Shared>, group: usize, rate: u32) {
    let mut clients = Clients::new(shared.addresses.clone());
    // The groups take turns.
    let place = |group| Duration::from_secs(1) * u32::try_from(group).unwrap_or(u32::MAX) / rate;
    let mut times = interval_at(Instant::now() + place(group), place(GROUPS));
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = group;
    for number in 1.. {
        times.tick().await;
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        while !shared.is_kept(&mut clients, turn, group, number).await {
            turn += 1;
            sleep(PAUSE).await;
        }
        turn += 1;
        shared.kept[group].store(number, Ordering::SeqCst);
    }
}

impl Shared {
    /// Sends a callback once.
    async fn is_kept(&self, clients: &mut Clients, turn: usize, group: usize, number: u32) -> bool {
        let body = format!(
            r#"{{"GroupId":"{group}","From_Account":"a","MsgSeq":{number},"MsgTime":1,"MsgBody":[],"EventTime":1}}"#
        );
        let absences = self.absences.load(Ordering::SeqCst);
        let answer = clients.post(turn, group::AfterSendMsg::COMMAND, body).await;
        let is_kept = answer.as_ref().is_ok_and(|answer| answer.response.status() == StatusCode::OK);
        if !absences.is_multiple_of(2) {
            let count = |number: &AtomicU64| number.fetch_add(1, Ordering::SeqCst);
            match &answer {
                Ok(answer) if answer.took <= ANSWER_TIME => count(&self.away.answered),
                _ => count(&self.away.late),
            };
            // The answer is of the same absence.
            if is_kept && self.absences.load(Ordering::SeqCst) == absences {
                count(&self.away.kept);
            }
        }
        is_kept
    }
}
