//! A method that does its work in the transaction that finishes its entry.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use engines::postgres::Server;
use http::Request;
use serde_json::json;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Result, async_trait, group};
use tencent_im_callback_journal::Journal;
use tencent_im_callback_journal_postgres::Postgres;
use tencent_im_callback_testkit::sample;
use tokio::time::{sleep, timeout};
use tokio_postgres::NoTls;

struct App {
    store: Postgres,
    url: String,
    calls: Mutex<HashMap<u64, u32>>,
    failures: Arc<AtomicU32>,
}

#[async_trait]
impl CallbackHandler for App {
    /// Every second first attempt fails after its work was committed, and every third before.
    async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
        let attempt = ctx.attempt().expect("the journal calls");
        let call = {
            let mut calls = self.calls.lock().unwrap();
            let call = calls.entry(attempt.id).or_default();
            *call += 1;
            *call
        };
        let (mut client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        let transaction = client.transaction().await?;
        if !self.store.finish_in(&transaction, attempt).await? {
            return Ok(());
        }
        transaction.execute("INSERT INTO work VALUES ($1)", &[&event.group_id]).await?;
        let fails = |each: u64| call == 1 && attempt.id.is_multiple_of(each);
        if fails(3) {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Err("it fails before the commit".into());
        }
        transaction.commit().await?;
        if fails(2) {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Err("it fails after the commit".into());
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_work_is_done_exactly_once() {
    let Some(server) = Server::start() else { return };
    let url = server.url();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE work (name text NOT NULL)").await.unwrap();
    let store = Postgres::connect(&url).await.unwrap();
    let builder = Journal::builder().backoff(Duration::from_millis(1)..=Duration::from_millis(10));
    let journal = builder.at_once(8).over(store.clone()).await.unwrap();
    let failures = Arc::new(AtomicU32::new(0));
    let app = App { store, url: url.clone(), calls: Mutex::default(), failures: Arc::clone(&failures) };
    let endpoint = Endpoint::builder(app).unverified_app(7).journal(&journal).build().unwrap();
    for number in 0..60 {
        let body = sample::<group::AfterSendMsg>().set("/GroupId", json!(format!("group {number}")));
        let body = body.set("/MsgSeq", json!(number)).body().to_string();
        let request = Request::post("/?SdkAppid=7&CallbackCommand=Group.CallbackAfterSendMsg");
        assert_eq!(endpoint.handle(request.body(Bytes::from(body)).unwrap()).await.status(), 200);
    }
    let feed = journal.feed(&endpoint);
    let finished = async {
        // What has failed after its commit is finished, and is called again all the same.
        while journal.store().stats().await.unwrap().unfinished > 0 || failures.load(Ordering::Relaxed) < 40 {
            sleep(Duration::from_millis(20)).await;
        }
        sleep(Duration::from_millis(200)).await;
    };
    timeout(Duration::from_secs(60), finished).await.expect("all are finished");
    feed.stop(Duration::from_secs(10)).await;
    let rows = client.query("SELECT name, count(*) FROM work GROUP BY name", &[]).await.unwrap();
    assert_eq!(rows.len(), 60);
    assert!(rows.iter().all(|row| row.get::<_, i64>(1) == 1), "nothing is done twice");
    assert_eq!(journal.store().stats().await.unwrap().dead, 0);
}
