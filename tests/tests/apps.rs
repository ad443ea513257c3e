//! Applications and tokens that change while the server runs, on every adapter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tencent_im_callback::{
    App, BuildError, CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group,
};
use tencent_im_callback_testkit::{
    Request,
    conformance::Connection,
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

const NEW_TOKEN: &str = "the new token";
const OTHER_APP: u64 = 1_400_000_777;

/// Counts its callbacks, and lets them wait while `holds` is set.
#[derive(Default)]
struct Handler {
    calls: AtomicUsize,
    holds: AtomicBool,
}

#[async_trait]
impl CallbackHandler for Handler {
    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        while self.holds.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(Decision::Allow)
    }
}

fn signed_with(token: &str) -> Request {
    sample::<group::BeforeCreateTopic>().request().token(token)
}

fn endpoint(handler: &Arc<Handler>) -> Endpoint {
    Endpoint::builder(Arc::clone(handler)).app(APP_ID, TOKEN).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_token_is_valid_for_the_next_request_and_the_old_one_no_longer() {
    for adapter in servers::all() {
        let endpoint = endpoint(&Arc::default());
        let server = adapter.start(endpoint.clone()).await;
        let mut connection = Connection::open(server.address()).await.unwrap();
        let mut status = async |token| connection.ask(&signed_with(token)).await.unwrap().status().as_u16();

        assert_eq!((status(TOKEN).await, status(NEW_TOKEN).await), (200, 401), "{}", adapter.name());
        endpoint.apps().set_tokens(APP_ID, [NEW_TOKEN, TOKEN]).unwrap();
        assert_eq!((status(TOKEN).await, status(NEW_TOKEN).await), (200, 200), "{}", adapter.name());
        endpoint.apps().set_tokens(APP_ID, NEW_TOKEN).unwrap();
        assert_eq!((status(TOKEN).await, status(NEW_TOKEN).await), (401, 200), "{}", adapter.name());
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_request_is_answered_while_the_tokens_change() {
    for adapter in servers::all() {
        let handler = Arc::<Handler>::default();
        let endpoint = endpoint(&handler);
        let server = adapter.start(endpoint.clone()).await;
        let address = server.address();
        let is_over = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for _ in 0..8 {
            let is_over = Arc::clone(&is_over);
            clients.spawn(async move {
                let mut connection = Connection::open(address).await.unwrap();
                let mut answered = 0;
                // Always one of the tokens, whatever the others are.
                while !is_over.load(Ordering::SeqCst) {
                    assert_eq!(connection.ask(&signed_with(TOKEN)).await.unwrap().status(), 200);
                    answered += 1;
                }
                answered
            });
        }
        let mut changes = 0_u64;
        while handler.calls.load(Ordering::SeqCst) < 500 {
            endpoint.apps().set_tokens(APP_ID, [TOKEN, &format!("the token {changes}")]).unwrap();
            endpoint.apps().register(App::new(OTHER_APP + changes).tokens(NEW_TOKEN)).unwrap();
            assert!(endpoint.apps().remove(OTHER_APP + changes));
            changes += 1;
            tokio::task::yield_now().await;
        }
        is_over.store(true, Ordering::SeqCst);
        let answered: usize = clients.join_all().await.into_iter().sum();
        assert_eq!(handler.calls.load(Ordering::SeqCst), answered, "{}", adapter.name());
        assert_eq!(endpoint.apps().ids(), [APP_ID]);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_application_is_refused_and_its_callbacks_in_flight_are_answered() {
    for adapter in servers::all() {
        let handler = Arc::<Handler>::default();
        handler.holds.store(true, Ordering::SeqCst);
        let endpoint = endpoint(&handler);
        let server = adapter.start(endpoint.clone()).await;
        let address = server.address();
        let in_flight = tokio::spawn(async move {
            let mut connection = Connection::open(address).await.unwrap();
            connection.ask(&signed_with(TOKEN)).await.unwrap().status().as_u16()
        });
        let is_called = async {
            while handler.calls.load(Ordering::SeqCst) == 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, is_called).await.expect("the method is called");

        assert!(endpoint.apps().remove(APP_ID));
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(connection.ask(&signed_with(TOKEN)).await.unwrap().status(), 403, "{}", adapter.name());
        handler.holds.store(false, Ordering::SeqCst);
        assert_eq!(timeout(PATIENCE, in_flight).await.unwrap().unwrap(), 200, "{}", adapter.name());
        assert!(!endpoint.apps().remove(APP_ID), "it is removed already");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_is_registered_later_has_its_own_handler_and_tokens() {
    for adapter in servers::all() {
        let (first, second) = (Arc::<Handler>::default(), Arc::<Handler>::default());
        let endpoint = endpoint(&first);
        let server = adapter.start(endpoint.clone()).await;
        let mut connection = Connection::open(server.address()).await.unwrap();
        let mut status = async || {
            let request = signed_with(NEW_TOKEN).app_id(OTHER_APP);
            connection.ask(&request).await.unwrap().status().as_u16()
        };
        assert_eq!(status().await, 403, "{}", adapter.name());
        endpoint.apps().register(App::new(OTHER_APP).tokens(NEW_TOKEN).handler(Arc::clone(&second))).unwrap();
        assert_eq!(status().await, 200, "{}", adapter.name());
        let calls = [&first, &second].map(|handler| handler.calls.load(Ordering::SeqCst));
        assert_eq!(calls, [0, 1], "{}", adapter.name());
        server.stop().await;
    }
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let endpoint = endpoint(&Arc::default());
    let apps = endpoint.apps();
    let unknown = apps.set_tokens(OTHER_APP, NEW_TOKEN).unwrap_err();
    assert!(matches!(unknown, BuildError::UnknownApp { app_id: OTHER_APP }), "{unknown}");
    assert!(matches!(apps.set_tokens(APP_ID, "").unwrap_err(), BuildError::EmptyToken { app_id: APP_ID }));
    assert!(matches!(apps.register(App::new(OTHER_APP)).unwrap_err(), BuildError::NoToken { app_id: OTHER_APP }));
    let duplicate = apps.register(App::new(APP_ID).tokens(NEW_TOKEN)).unwrap_err();
    assert!(matches!(duplicate, BuildError::DuplicateApp { app_id: APP_ID }), "{duplicate}");
    assert_eq!(apps.ids(), [APP_ID]);
}

#[test]
fn tokens_are_never_shown() {
    let app = App::new(APP_ID).tokens(NEW_TOKEN);
    let endpoint = endpoint(&Arc::default());
    let shown = format!("{app:?} {endpoint:?} {:?}", endpoint.apps());
    assert!(!shown.contains(NEW_TOKEN) && !shown.contains(TOKEN), "{shown}");
}
