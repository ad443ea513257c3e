//! The runtimes that an endpoint meets: without timers, ended, and another than the one that it was built in.

use std::{
    future::pending,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context as TaskContext, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    CallbackHandler, Context, Endpoint, EndpointBuilder, OnFailure, Result, UnknownAnswer, async_trait,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{Notify, oneshot},
    task::yield_now,
};

use crate::log::Log;

mod log;

/// Does what the parameter `do` says.
#[derive(Clone, Default)]
struct App {
    released: Arc<Notify>,
    finished: Arc<AtomicUsize>,
    /// The runtime that a method has last found itself in.
    found: Arc<Mutex<Option<tokio::runtime::Id>>>,
}

#[async_trait]
impl CallbackHandler for App {
    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        *self.found.lock().unwrap() = Handle::try_current().ok().map(|runtime| runtime.id());
        match ctx.parameter("do").as_deref() {
            Some("yield") => yield_now().await,
            Some("wait") => self.released.notified().await,
            Some("nap") => tokio::time::sleep(Duration::from_millis(50)).await,
            Some("for-ever") => pending().await,
            _ => {}
        }
        self.finished.fetch_add(1, Ordering::SeqCst);
        Ok(UnknownAnswer::acknowledge())
    }
}

impl Log {
    fn count(&self, text: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }
}

const NO_TIMERS: &str = "the tokio runtime has no timers";
const ENDED: &str = "the runtime given to EndpointBuilder::runtime has ended";
const BOUND: &str = "ends with the runtime of the thread that served it";

fn builder(app: &App) -> EndpointBuilder {
    Endpoint::builder(app.clone()).unverified_app(1).deadline(Duration::from_secs(5))
}

async fn ask(endpoint: &Endpoint, order: &str) -> u16 {
    let uri = format!("/?SdkAppid=1&CallbackCommand=X.Y&do={order}");
    endpoint.handle(Request::post(uri).body(Bytes::from_static(b"{}")).unwrap()).await.status().as_u16()
}

/// A runtime of one thread, with timers.
fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn several_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
}

/// A runtime of one thread that runs until `Driven` stops it.
struct Driven {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Driven {
    fn new() -> Self {
        let runtime = one_thread();
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || drop(runtime.block_on(stopped)));
        Self { handle, stop: Some(stop), thread: Some(thread) }
    }

    /// Builds within it, as a program does in its `main`.
    fn build(&self, builder: EndpointBuilder) -> Endpoint {
        let endpoint = {
            let _entered = self.handle.enter();
            builder.build().unwrap()
        };
        // Its tasks run in the order in which they were spawned: those of `build` have ended.
        let (turn, has_had_turn) = mpsc::channel();
        self.handle.spawn(async move { turn.send(()) });
        has_had_turn.recv().unwrap();
        endpoint
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Waits for something that other threads do.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Begins a callback on a runtime, whose client disconnects when the method waits.
fn disconnect(runtime: &Runtime, endpoint: &Endpoint, order: &str) {
    runtime.block_on(async {
        let mut answer = pin!(ask(endpoint, order));
        assert!(answer.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
    });
}

#[test]
fn without_timers_what_has_to_wait_is_answered_by_the_failure_policy() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let runtime = Builder::new_current_thread().build().unwrap();
    for (policy, status) in [(OnFailure::Defer, 500), (OnFailure::Allow, 200)] {
        let app = App::default();
        let endpoint = builder(&app).on_unknown_failure(policy).build().unwrap();
        runtime.block_on(async {
            assert_eq!(ask(&endpoint, "").await, 200, "what need not wait");
            assert_eq!(ask(&endpoint, "wait").await, status);
            assert_eq!(ask(&endpoint, "nap").await, status, "the method itself panics");
            assert_eq!(endpoint.in_flight(), 1, "the one that waits goes on");
            app.released.notify_one();
            endpoint.drain().await;
        });
        assert_eq!(app.finished.load(Ordering::SeqCst), 2);
    }
    assert_eq!(log.count(NO_TIMERS), 2, "once for each endpoint: {:?}", log.0);
    assert!(log.count("has to wait, and the runtime has no timer") >= 2, "{:?}", log.0);
}

#[test]
fn without_timers_a_body_is_waited_for() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let endpoint = builder(&App::default()).build().unwrap();
    let mut pieces = 0;
    let body = futures_body(move |cx| {
        pieces += 1;
        cx.waker().wake_by_ref();
        if pieces < 10 { Poll::Pending } else { Poll::Ready(None) }
    });
    let request = Request::post("/?SdkAppid=1&CallbackCommand=X.Y").body(body).unwrap();
    assert_eq!(runtime.block_on(endpoint.serve(request)).status(), 200);
}

#[test]
fn a_runtime_without_timers_is_found_when_the_endpoint_is_built() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let without = Builder::new_current_thread().build().unwrap();
    let endpoint = without.block_on(async { builder(&App::default()).build().unwrap() });
    assert_eq!(log.count(NO_TIMERS), 1, "built in it");
    let _given = builder(&App::default()).runtime(without.handle().clone()).build().unwrap();
    assert_eq!(log.count(NO_TIMERS), 2, "given");
    without.block_on(async { assert_eq!(ask(&endpoint, "yield").await, 500) });
    assert_eq!(log.count(NO_TIMERS), 2, "it is not said again");
    let _built = one_thread().block_on(async { builder(&App::default()).build().unwrap() });
    assert_eq!(log.count(NO_TIMERS), 2, "there is nothing to say");
}

#[test]
fn when_the_runtime_that_was_given_has_ended_methods_run_where_they_are_served() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let given = several_threads();
    let app = App::default();
    let endpoint = builder(&app).deadline(Duration::from_millis(300)).runtime(given.handle().clone()).build().unwrap();
    let serving = one_thread();
    serving.block_on(async { assert_eq!(ask(&endpoint, "nap").await, 200) });
    assert_eq!(*app.found.lock().unwrap(), Some(given.handle().id()));
    drop(given);
    serving.block_on(async {
        assert_eq!(ask(&endpoint, "nap").await, 200);
        assert_eq!(*app.found.lock().unwrap(), Some(serving.handle().id()));
        assert_eq!(ask(&endpoint, "for-ever").await, 500, "the deadline is kept");
        assert_eq!(endpoint.in_flight(), 1);
    });
    assert_eq!(log.count(ENDED), 1, "{:?}", log.0);
    drop(serving);
    assert_eq!(endpoint.in_flight(), 0);
}

#[test]
fn a_runtime_that_ends_while_a_method_runs_in_it_costs_no_answer() {
    let given = several_threads();
    let app = App::default();
    let endpoint = builder(&app).runtime(given.handle().clone()).build().unwrap();
    let serving = one_thread();
    let asked = endpoint.clone();
    let asking = serving.spawn(async move { ask(&asked, "nap").await });
    serving.block_on(async {
        while app.found.lock().unwrap().is_none() {
            yield_now().await;
        }
    });
    drop(given);
    // Its timer is gone, which is a panic of the method; or it was over before.
    let status = serving.block_on(asking).unwrap();
    assert!([200, 500].contains(&status), "{status}");
}

#[test]
fn a_runtime_that_was_given_ended_is_found_when_the_endpoint_is_built() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let handle = one_thread().handle().clone();
    let endpoint = builder(&App::default()).runtime(handle).build().unwrap();
    assert_eq!(log.count(ENDED), 1, "{:?}", log.0);
    one_thread().block_on(async { assert_eq!(ask(&endpoint, "nap").await, 200) });
    // There is nothing else to run it in; it is answered all the same.
    let mut answer = pin!(ask(&endpoint, "nap"));
    let polled = answer.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(500));
}

#[test]
fn methods_outlive_a_worker_on_the_runtime_that_the_endpoint_was_built_in() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let (main, worker) = (Driven::new(), one_thread());
    let app = App::default();
    let endpoint = main.build(builder(&app));
    disconnect(&worker, &endpoint, "nap");
    assert_eq!(*app.found.lock().unwrap(), Some(main.handle.id()), "its timers are the main runtime's");
    drop(worker);
    until("the method ends", || app.finished.load(Ordering::SeqCst) == 1);
    until("the callback ends", || endpoint.in_flight() == 0);
    assert_eq!(log.count(BOUND), 0, "{:?}", log.0);
}

#[test]
fn a_main_runtime_of_several_threads_is_as_good() {
    let (main, worker) = (several_threads(), one_thread());
    let app = App::default();
    let endpoint = main.block_on(async { builder(&app).build().unwrap() });
    disconnect(&worker, &endpoint, "nap");
    drop(worker);
    main.block_on(endpoint.drain());
    assert_eq!(app.finished.load(Ordering::SeqCst), 1);
}

#[test]
fn an_endpoint_that_was_built_in_a_runtime_that_has_ended_works_as_one_that_was_built_in_none() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let app = App::default();
    let short = || builder(&app).deadline(Duration::from_millis(300));
    let ended = one_thread().block_on(async { short().build().unwrap() });
    let in_none = short().build().unwrap();
    for endpoint in [ended, in_none] {
        let serving = one_thread();
        serving.block_on(async {
            assert_eq!(ask(&endpoint, "nap").await, 200);
            assert_eq!(*app.found.lock().unwrap(), Some(serving.handle().id()));
            assert_eq!(ask(&endpoint, "for-ever").await, 500, "the deadline is kept");
            assert_eq!(ask(&endpoint, "for-ever").await, 500);
        });
    }
    assert_eq!(log.count(BOUND), 2, "once for each endpoint, when it matters: {:?}", log.0);
}

#[test]
fn a_runtime_that_nothing_drives_gets_no_methods() {
    let (idle, serving) = (one_thread(), one_thread());
    let app = App::default();
    let endpoint = idle.block_on(async { builder(&app).build().unwrap() });
    serving.block_on(async {
        assert_eq!(ask(&endpoint, "nap").await, 200);
        assert_eq!(*app.found.lock().unwrap(), Some(serving.handle().id()));
    });
}

#[test]
fn the_runtime_that_serves_is_left_alone_where_the_endpoint_was_built_in_it() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    for runtime in [one_thread(), several_threads()] {
        let app = App::default();
        runtime.block_on(async {
            let endpoint = builder(&app).deadline(Duration::from_millis(20)).build().unwrap();
            assert_eq!(ask(&endpoint, "wait").await, 500);
            app.released.notify_one();
            endpoint.drain().await;
        });
        assert_eq!(app.finished.load(Ordering::SeqCst), 1);
        assert_eq!(*app.found.lock().unwrap(), Some(runtime.handle().id()));
    }
    assert_eq!(log.count(BOUND), 0, "{:?}", log.0);
}

#[test]
fn an_endpoint_leaves_nothing_behind_in_the_runtime_that_it_was_built_in() {
    let runtime = one_thread();
    runtime.block_on(async {
        let endpoint = builder(&App::default()).build().unwrap();
        assert_eq!(ask(&endpoint, "yield").await, 200);
        drop(endpoint);
        while Handle::current().metrics().num_alive_tasks() > 0 {
            yield_now().await;
        }
    });
}

/// A body of what `next` gives.
fn futures_body(
    next: impl FnMut(&mut TaskContext<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, std::convert::Infallible>>>
    + Unpin,
) -> impl http_body::Body<Data = Bytes, Error = std::convert::Infallible> {
    struct Next<F>(F);

    impl<F> http_body::Body for Next<F>
    where
        F: FnMut(&mut TaskContext<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, std::convert::Infallible>>>
            + Unpin,
    {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut TaskContext<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::convert::Infallible>>> {
            (self.0)(cx)
        }
    }

    Next(next)
}
