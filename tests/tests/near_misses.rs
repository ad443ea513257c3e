//! The near misses of good requests, over real connections to every adapter.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Endpoint, GroupCode, Result, UnknownAnswer, async_trait, group,
};
use tencent_im_callback_testkit::{
    Answer, FixedClock,
    conformance::{Adapter, Connection, Server},
    near_miss::{Input, NearMiss, Reaches, Receiver, Then, Wire},
    request::{APP_ID, TOKEN},
    sample,
};
use tests::servers;

/// Counts its calls: of the method, of `unknown` and of `undecodable`.
#[derive(Clone, Default)]
struct App(Arc<[AtomicUsize; 3]>);

impl App {
    fn count(&self, which: usize) {
        self.0[which].fetch_add(1, Ordering::SeqCst);
    }

    fn calls(&self) -> [usize; 3] {
        [0, 1, 2].map(|which| self.0[which].load(Ordering::SeqCst))
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        self.count(0);
        Ok(Decision::Allow)
    }

    async fn unknown(&self, _: &Context) -> Result<UnknownAnswer> {
        self.count(1);
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, _: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        self.count(2);
        Err(error.into())
    }
}

async fn every_near_miss_is_answered_as_it_must_be(adapter: Adapter) {
    let (app, clock, limit) = (App::default(), FixedClock::new(), 128 * 1024);
    let endpoint = Endpoint::builder(app.clone())
        .app(APP_ID, [TOKEN])
        .clock(clock.reader())
        .body_limit(limit)
        .deadline(Duration::from_millis(400))
        .build()
        .unwrap();
    let server = adapter.start(endpoint).await;
    let good = sample::<group::BeforeCreateTopic>().request().at(clock.now());
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for miss in Receiver::default().body_limit(limit).near_misses(&good) {
        let before = app.calls();
        let answer = ask(&server, &miss).await;
        let called: Vec<_> = app.calls().into_iter().zip(before).map(|(after, before)| after - before).collect();
        let reached = match called[..] {
            [0, 0, 0] => Reaches::Nothing,
            [1, 0, 0] => Reaches::Method,
            [0, 1, 0] => Reaches::Unknown,
            [0, 0, 1] => Reaches::Undecodable,
            _ => panic!("{miss}: called {called:?}"),
        };
        seen += 1;
        let (fault, status) = match answer {
            Ok(answer) => (miss.fault(&answer), answer.status().as_u16()),
            Err(_) if miss.open().is_some() => (None, 0),
            Err(error) => (Some(error.to_string()), 0),
        };
        let is_reached = miss.reaches() == reached || (miss.open().is_some() && status != miss.status());
        if fault.is_some() || !is_reached {
            wrong.push(format!("{miss}: {} and reached {reached:?}", fault.unwrap_or_default()));
        }
    }
    server.stop().await;
    assert!(wrong.is_empty(), "{} of {seen} on {}:\n{}", wrong.len(), adapter.name(), wrong.join("\n"));
    assert!(seen > 180, "only {seen} near misses");
}

async fn ask(server: &Server, miss: &NearMiss) -> io::Result<Answer> {
    let mut connection = Connection::open(server.address()).await?;
    match miss.input() {
        Input::Request(request) => connection.send(&request.to_wire("localhost")).await?,
        Input::Wire(wire) => write(&mut connection, wire).await?,
        other => panic!("{other:?} is new"),
    }
    Ok(Answer::read("Group.CallbackBeforeCreateTopic", connection.answer().await?))
}

async fn write(connection: &mut Connection, wire: &Wire) -> io::Result<()> {
    // The server may have answered and closed before it has read all.
    let mut written = connection.send(&wire.bytes).await;
    // On and on, as far as the endpoint's patience goes: a few times its limit.
    for more in wire.repeated.iter().cycle().take(100) {
        written = written.and(connection.send(more).await);
    }
    if written.is_ok() && wire.then == Then::Close { connection.finish_sending().await } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_near_miss_is_answered_as_it_must_be_on_axum() {
    every_near_miss_is_answered_as_it_must_be(servers::axum::adapter()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_near_miss_is_answered_as_it_must_be_on_actix_web() {
    every_near_miss_is_answered_as_it_must_be(servers::actix_web::adapter()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_near_miss_is_answered_as_it_must_be_on_hyper() {
    every_near_miss_is_answered_as_it_must_be(servers::hyper::adapter()).await;
}
