//! actix-web's `HttpServer`, with a system and threads of its own, with the adapter for actix-web.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use actix_web::{App, Error, HttpMessage, HttpServer, body::MessageBody, dev, middleware, rt::System};
use http::Extensions;
use tencent_im_callback_testkit::conformance::{Adapter, Mount, PATH, Server, VISIT, Witness};
use tokio::sync::oneshot;

/// The adapter for actix-web.
#[must_use]
pub fn adapter() -> Adapter {
    Adapter::new("actix-web", |mount| start(mount, false)).cancels_on_half_close(false)
}

/// The same behind a middleware that polls a request only when it was woken, as sets of futures do.
#[must_use]
pub fn polled_when_woken() -> Adapter {
    Adapter::new("actix-web, polled when woken", |mount| start(mount, true)).cancels_on_half_close(false)
}

async fn start(mount: Mount, when_woken: bool) -> Server {
    let (started, has_started) = oneshot::channel();
    let ended = tokio::task::spawn_blocking(move || {
        System::new().block_on(async {
            let server = HttpServer::new(move || {
                let witness = mount.witness.clone();
                App::new()
                    .wrap(middleware::from_fn(move |request, next| watch(witness.clone(), when_woken, request, next)))
                    .service(tencent_im_callback_actix_web::resource(PATH, mount.endpoint.clone()))
            });
            let server = server
                .workers(1)
                .disable_signals()
                // So long it passes over what comes after an answer that was given early.
                .client_disconnect_timeout(Duration::from_millis(200))
                .bind(("127.0.0.1", 0))
                .expect("there is a free port");
            let address = server.addrs()[0];
            let running = server.run();
            // Nobody is there to hear it only if the suite was cut short.
            let _ = started.send((address, running.handle()));
            running.await.expect("serving fails only where accepting does");
        });
    });
    let (address, handle) = has_started.await.expect("the server starts");
    let ended = async { ended.await.expect("a server ends well") };
    // The order is given by the call; awaiting it would only wait for it to be carried out.
    Server::new(address, move || drop(handle.stop(false)), ended)
}

async fn watch(
    witness: Witness,
    when_woken: bool,
    request: dev::ServiceRequest,
    next: middleware::Next<impl MessageBody>,
) -> Result<dev::ServiceResponse<impl MessageBody>, Error> {
    let visit = request.headers().get(VISIT).and_then(|visit| visit.to_str().ok());
    let mut extensions = Extensions::new();
    let _visit = witness.enter(visit, &mut extensions);
    request.extensions_mut().insert(extensions);
    let answer = next.call(request);
    if when_woken { WhenWoken::new(answer).await } else { answer.await }
}

/// A future that is polled only when it has asked for it.
struct WhenWoken<F> {
    future: Pin<Box<F>>,
    alarm: Arc<Alarm>,
}

struct Alarm {
    is_woken: AtomicBool,
    outer: Mutex<Waker>,
}

impl<F> WhenWoken<F> {
    fn new(future: F) -> Self {
        let alarm = Alarm { is_woken: AtomicBool::new(true), outer: Mutex::new(Waker::noop().clone()) };
        Self { future: Box::pin(future), alarm: Arc::new(alarm) }
    }
}

impl<F: Future> Future for WhenWoken<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.alarm.outer.lock().unwrap_or_else(PoisonError::into_inner).clone_from(cx.waker());
        if !self.alarm.is_woken.swap(false, Ordering::SeqCst) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(&self.alarm));
        pin!(&mut self.future).poll(&mut Context::from_waker(&waker))
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::SeqCst);
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}
