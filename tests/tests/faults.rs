//! Faults that take more than one request to show, on every adapter: broken locks, blocked threads, a
//! thousand slow methods at once, an observer that panics, and a server that stops in the middle of load.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, EndpointBuilder, GroupCode, Observer, Report, Result, async_trait,
    group,
};
use tencent_im_callback_testkit::{
    Answer, Request,
    conformance::{Adapter, Connection, Server},
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// How often a callback was begun, and how often it came to its end.
type Counts = HashMap<String, (usize, usize)>;

struct App {
    counts: Arc<Mutex<Counts>>,
    released: watch::Receiver<bool>,
    /// What a method may panic with a hold of.
    lock: Mutex<u32>,
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        let case = ctx.parameter("case").unwrap_or_default().into_owned();
        self.counts.lock().unwrap().entry(case.clone()).or_default().0 += 1;
        match ctx.parameter("do").as_deref() {
            Some("wait") => drop(self.released.clone().wait_for(|released| *released).await?),
            Some("nap") => sleep(Duration::from_millis(100)).await,
            Some("block") => std::thread::sleep(Duration::from_millis(300)),
            Some("panic") => {
                let _held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
                std::panic::panic_any("on purpose");
            }
            _ => *self.lock.lock().unwrap_or_else(PoisonError::into_inner) += 1,
        }
        self.counts.lock().unwrap().entry(case).or_default().1 += 1;
        Ok(Decision::Refuse)
    }
}

/// An endpoint behind a server, and what is known about its callbacks.
struct TestServer {
    endpoint: Endpoint,
    server: Server,
    counts: Arc<Mutex<Counts>>,
    release: watch::Sender<bool>,
}

impl TestServer {
    async fn new(adapter: &Adapter, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Self {
        let counts = Arc::<Mutex<Counts>>::default();
        let (release, released) = watch::channel(false);
        let app = App { counts: Arc::clone(&counts), released, lock: Mutex::default() };
        let endpoint = settings(Endpoint::builder(app).app(APP_ID, [TOKEN])).build().unwrap();
        let server = adapter.start(endpoint.clone()).await;
        Self { endpoint, server, counts, release }
    }

    async fn connect(&self) -> Connection {
        Connection::open(self.server.address()).await.unwrap()
    }

    async fn drain(endpoint: &Endpoint) {
        timeout(PATIENCE, endpoint.drain()).await.expect("all callbacks end");
    }
}

fn ordered(case: &str, order: &str) -> Request {
    sample::<group::BeforeCreateTopic>().request().with("case", case).with("do", order)
}

async fn ask(connection: &mut Connection, request: &Request) -> Answer {
    Answer::read(request.command(), connection.ask(request).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_with_a_lock_held_costs_one_answer() {
    silence();
    for adapter in servers::all() {
        let server = TestServer::new(&adapter, |builder| builder).await;
        let mut connection = server.connect().await;
        for _ in 0..3 {
            assert_eq!(ask(&mut connection, &ordered("", "panic")).await.status(), 500, "{}", adapter.name());
            assert_eq!(ask(&mut connection, &ordered("", "")).await.code(), Some(1), "{}", adapter.name());
        }
        server.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_that_blocks_its_thread_is_answered_when_it_ends() {
    for adapter in servers::all() {
        let server = TestServer::new(&adapter, |builder| builder.deadline(Duration::from_millis(150))).await;
        let mut connection = server.connect().await;
        // Nothing can interrupt a thread, so the deadline cannot hold; but nothing else breaks.
        assert_eq!(ask(&mut connection, &ordered("", "block")).await.code(), Some(1), "{}", adapter.name());
        assert_eq!(ask(&mut connection, &ordered("", "")).await.code(), Some(1), "{}", adapter.name());
        TestServer::drain(&server.endpoint).await;
        server.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_methods_are_answered_in_time_and_all_end() {
    const DEADLINE: Duration = Duration::from_secs(3);

    for adapter in servers::all() {
        let server = TestServer::new(&adapter, |builder| builder.deadline(DEADLINE)).await;
        let mut asking = JoinSet::new();
        for number in 0..1_000 {
            let mut connection = server.connect().await;
            asking.spawn(async move {
                let begin = Instant::now();
                let status = connection.ask(&ordered(&number.to_string(), "wait")).await.unwrap().status();
                (status, begin.elapsed())
            });
        }
        while let Some(answered) = asking.join_next().await {
            let (status, took) = answered.unwrap();
            assert_eq!(status, 500, "{}", adapter.name());
            assert!(took < DEADLINE + Duration::from_millis(1_500), "{}: {took:?}", adapter.name());
        }
        assert_eq!(server.endpoint.in_flight(), 1_000, "{}", adapter.name());
        server.release.send_replace(true);
        TestServer::drain(&server.endpoint).await;
        let counts = server.counts.lock().unwrap().clone();
        assert_eq!(counts.len(), 1_000, "{}", adapter.name());
        assert!(counts.values().all(|count| *count == (1, 1)), "{}: {counts:?}", adapter.name());
        server.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_in_the_middle_of_load_loses_no_callback() {
    for adapter in servers::all() {
        let runtime = tokio::runtime::Handle::current();
        let TestServer { endpoint, server, counts, release: _release } =
            TestServer::new(&adapter, |builder| builder.runtime(runtime)).await;
        let mut sending = JoinSet::new();
        for client in 0..50 {
            let mut connection = Connection::open(server.address()).await.unwrap();
            sending.spawn(async move {
                let mut answered = Vec::new();
                // Until the server closes the connection.
                for number in 0.. {
                    let case = format!("{client}-{number}");
                    let Ok(answer) = connection.ask(&ordered(&case, "nap")).await else { break };
                    assert_eq!(answer.status(), 200);
                    // A server that stops in good order says so in its last answer.
                    answered.push(case);
                    if connection.closes() {
                        break;
                    }
                }
                answered
            });
        }
        let enough = async {
            while counts.lock().unwrap().len() < 200 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, enough).await.expect("there is load");
        assert!(endpoint.in_flight() > 0, "{}", adapter.name());
        server.stop().await;
        TestServer::drain(&endpoint).await;
        let counts = counts.lock().unwrap().clone();
        assert!(counts.values().all(|count| *count == (1, 1)), "{}: {counts:?}", adapter.name());
        while let Some(answered) = sending.join_next().await {
            for case in answered.unwrap() {
                assert!(counts.contains_key(&case), "{}: {case} was answered and not handled", adapter.name());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_that_panics_costs_no_answer() {
    struct Clumsy;

    impl Observer for Clumsy {
        fn request_finished(&self, _: &Report) {
            std::panic::panic_any("on purpose");
        }

        fn method_finished(&self, _: &Report, _: Duration) {
            std::panic::panic_any("on purpose");
        }
    }

    silence();
    for adapter in servers::all() {
        let server =
            TestServer::new(&adapter, |builder| builder.observer(Clumsy).deadline(Duration::from_millis(150))).await;
        let mut connection = server.connect().await;
        for (request, status) in [
            (ordered("", ""), 200),
            (ordered("", "").forged(), 401),
            (ordered("", "panic"), 500),
            (ordered("", "wait"), 500),
            (ordered("", ""), 200),
        ] {
            assert_eq!(connection.ask(&request).await.unwrap().status(), status, "{}", adapter.name());
        }
        // A method that ends after its answer, and one whose client has gone.
        let mut gone = server.connect().await;
        gone.send(&ordered("gone", "wait").to_wire("localhost")).await.unwrap();
        let begun = async {
            while !server.counts.lock().unwrap().contains_key("gone") {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, begun).await.expect("it is begun");
        gone.reset().unwrap();
        server.release.send_replace(true);
        TestServer::drain(&server.endpoint).await;
        assert_eq!(connection.ask(&ordered("", "")).await.unwrap().status(), 200, "{}", adapter.name());
        server.server.stop().await;
    }
}

/// Keeps the panics that are meant from being printed.
fn silence() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref() != Some(&"on purpose") {
                print(panic);
            }
        }));
    });
}
