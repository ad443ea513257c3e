//! The plain program on actix-web: its endpoint is built in `main`, and nothing else is said about runtimes.
//!
//! The server is stopped as Ctrl-C does it, which drops its workers with all that they have under way. No method may be
//! dropped with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, GroupCode, OnDisconnect, Result, async_trait, group,
};
use tencent_im_callback_testkit::{
    conformance::Connection,
    request::{APP_ID, TOKEN},
    sample,
};
use tests::PATIENCE;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

/// Counts how many methods have begun, have ended, and were dropped before.
#[derive(Clone, Default)]
struct Topics(Arc<[AtomicUsize; 3]>);

impl Topics {
    fn counts(&self) -> [usize; 3] {
        [0, 1, 2].map(|which| self.0[which].load(Ordering::SeqCst))
    }
}

/// A method under way.
struct Running(Topics, bool);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0[if self.1 { 1 } else { 2 }].fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl CallbackHandler for Topics {
    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        self.0[0].fetch_add(1, Ordering::SeqCst);
        let mut begun = Running(self.clone(), false);
        // In two steps, so that a timer is armed after the worker has ended too.
        for _ in 0..2 {
            sleep(Duration::from_millis(300)).await;
        }
        begun.1 = true;
        Ok(Decision::Allow)
    }
}

const CLIENTS: usize = 64;

/// `main` of the program, but for the signal.
async fn program(topics: Topics, started: oneshot::Sender<(u16, ServerHandle)>) {
    let endpoint = Endpoint::builder(topics).app(APP_ID, TOKEN).on_disconnect(OnDisconnect::Finish).build().unwrap();
    let mounted = endpoint.clone();
    let server = HttpServer::new(move || {
        App::new().service(tencent_im_callback_actix_web::resource("/callback", mounted.clone()))
    });
    let server = server.workers(2).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let port = server.addrs()[0].port();
    let running = server.run();
    started.send((port, running.handle())).unwrap();
    running.await.unwrap();
    timeout(PATIENCE, endpoint.drain()).await.expect("all callbacks end");
}

/// Stops the program in the middle of load.
async fn stop_in_the_middle(run: impl FnOnce(Topics, oneshot::Sender<(u16, ServerHandle)>) + Send + 'static) {
    let topics = Topics::default();
    let (started, has_started) = oneshot::channel();
    let main = thread::spawn({
        let topics = topics.clone();
        move || run(topics, started)
    });
    let (port, handle) = has_started.await.unwrap();
    let (done, mut all_done) = mpsc::channel::<()>(1);
    for _ in 0..CLIENTS {
        let done = done.clone();
        tokio::spawn(async move {
            let _done = done;
            let mut connection = Connection::open(([127, 0, 0, 1], port).into()).await.unwrap();
            // Whether there is an answer is the server's to say, which stops.
            let _ = connection.ask(&sample::<group::BeforeCreateTopic>().request()).await;
        });
    }
    drop(done);
    let begun = async {
        while topics.counts()[0] < CLIENTS {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, begun).await.expect("all begin");
    handle.stop(false).await;
    tokio::task::spawn_blocking(move || main.join().unwrap()).await.unwrap();
    timeout(PATIENCE, all_done.recv()).await.expect("no client waits on");
    assert_eq!(topics.counts(), [CLIENTS, CLIENTS, 0], "begun, ended, dropped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_method_is_dropped_when_actix_webs_own_main_is_stopped() {
    stop_in_the_middle(|topics, started| System::new().block_on(program(topics, started))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_method_is_dropped_when_actix_web_is_stopped_in_a_main_of_tokio() {
    stop_in_the_middle(|topics, started| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(program(topics, started));
    })
    .await;
}
