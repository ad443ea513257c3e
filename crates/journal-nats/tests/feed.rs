//! From a callback that is answered to its method, through a journal that two workers share.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use engines::nats::Server;
use http::Request;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Result, async_trait, group};
use tencent_im_callback_journal::{Feed, Journal};
use tencent_im_callback_journal_nats::Nats;
use tencent_im_callback_testkit::sample;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(120);

const GROUPS: u32 = 20;
const MESSAGES: u32 = 25;

/// What the methods of all workers have done, in their order: worker, group, number.
type Seen = Arc<Mutex<Vec<(u32, String, u32)>>>;

struct App {
    worker: u32,
    seen: Seen,
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
        let attempt = ctx.attempt().expect("it is called by the journal");
        let number = event.msg_seq;
        if number.is_multiple_of(10) && attempt.number == 1 {
            return Err("it fails at first".into());
        }
        self.seen.lock().unwrap().push((self.worker, event.group_id, number));
        Ok(())
    }
}

/// A process that receives and feeds.
async fn process(server: &Server, worker: u32, seen: &Seen) -> (Journal, Endpoint, Feed) {
    let durability = if server.syncs() { "sync=always" } else { "loss=accepted" };
    let nats = Nats::connect(format!("{}/j?{durability}", server.url())).await.unwrap();
    let pauses = Duration::from_millis(10)..=Duration::from_millis(40);
    let journal = Journal::builder().backoff(pauses).over(nats).await.unwrap();
    let app = App { worker, seen: Arc::clone(seen) };
    let endpoint = Endpoint::builder(app).unverified_app(7).journal(&journal).build().unwrap();
    let feed = journal.feed(&endpoint);
    (journal, endpoint, feed)
}

async fn send(endpoint: &Endpoint, group: u32, number: u32) {
    let body = sample::<group::AfterSendMsg>().set("/GroupId", format!("group {group}")).set("/MsgSeq", number);
    let body = Bytes::from(body.body().to_string());
    let sent = async {
        loop {
            let uri = "/?SdkAppid=7&CallbackCommand=Group.CallbackAfterSendMsg";
            let request = Request::post(uri).body(body.clone()).unwrap();
            // As the service repeats what was not answered OK.
            if endpoint.handle(request).await.status() == 200 {
                return;
            }
        }
    };
    timeout(PATIENCE, sent).await.expect("it is answered OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_the_groups_and_keep_their_order() {
    let Some(server) = Server::start() else { return };
    let seen = Seen::default();
    let (journal, one, first) = process(&server, 1, &seen).await;
    let (_, other, second) = process(&server, 2, &seen).await;
    for number in 1..=MESSAGES {
        // By both receivers in turn.
        let endpoint = if number.is_multiple_of(2) { &one } else { &other };
        for group in 0..GROUPS {
            send(endpoint, group, number).await;
        }
        // The partitions move while callbacks arrive.
        sleep(Duration::from_millis(100)).await;
    }
    let all_done = async {
        while seen.lock().unwrap().len() < (GROUPS * MESSAGES) as usize
            || journal.store().stats().await.unwrap().unfinished > 0
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, all_done).await.expect("everything is finished");
    tokio::join!(first.stop(Duration::from_secs(10)), second.stop(Duration::from_secs(10)));

    let seen = seen.lock().unwrap().clone();
    let workers: BTreeSet<_> = seen.iter().map(|(worker, ..)| *worker).collect();
    assert_eq!(workers.len(), 2, "both have worked");
    let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (_, group, number) in seen {
        groups.entry(group).or_default().push(number);
    }
    let expected: Vec<_> = (1..=MESSAGES).collect();
    for (group, numbers) in groups {
        assert_eq!(numbers, expected, "{group}: each once, as no process has ended");
    }
}
