//! Callbacks whose handler has to wait: what each of them takes meanwhile.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::Endpoint;

use crate::{
    case::settings,
    hand, ours,
    request::{self, SMALL, Service},
};

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiter {
    /// A task that has nothing but the request.
    Floor,
    /// The endpoint by hand, its method waiting.
    Hand,
    /// The library's endpoint, the handler's method waiting.
    Ours,
}

impl Waiter {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Floor, Self::Hand, Self::Ours];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Hand => "hand",
            Self::Ours => "ours",
        }
    }
}

/// The one whom a method asks: it answers at once, or never and counts who waits.
#[derive(Debug, Clone, Default)]
pub struct Other(Option<Arc<AtomicU32>>);

impl Other {
    /// Waits, if it is one who never answers.
    pub async fn ask(&self) {
        if let Some(waiting) = &self.0 {
            waiting.fetch_add(1, Ordering::Relaxed);
            pending::<()>().await;
        }
    }
}

/// Prepares `count` callbacks and hands to `observe` what starts them and returns when all of them wait.
///
/// # Panics
/// When one of them does not wait.
pub fn hold(waiter: Waiter, count: u32, observe: impl FnOnce(&mut dyn FnMut())) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    let settings = settings();
    let service = Service::new(&settings);
    let now = SystemTime::now();
    let waiting = Arc::new(AtomicU32::new(0));
    let other = Other(Some(Arc::clone(&waiting)));
    let app = Arc::new(hand::App::new(&settings, other.clone()));
    let endpoint = Endpoint::builder(ours::App(other.clone()))
        .app(settings.app_id, [settings.token.as_str()])
        .freshness(settings.max_age)
        .deadline(Duration::from_secs(600))
        .in_flight_limit(count as usize)
        .build()
        .expect("the settings can work");
    let mut requests: Vec<Request<Bytes>> =
        (0..count).map(|_| service.request(SMALL, Bytes::copy_from_slice(&request::small()), now)).collect();
    observe(&mut || {
        for request in requests.drain(..) {
            match waiter {
                Waiter::Floor => {
                    let other = other.clone();
                    runtime.spawn(async move {
                        other.ask().await;
                        drop(request);
                    });
                }
                Waiter::Hand => {
                    let app = Arc::clone(&app);
                    runtime.spawn(async move {
                        let (parts, body) = request.into_parts();
                        hand::respond(&app, parts, body).await
                    });
                }
                Waiter::Ours => {
                    let endpoint = endpoint.clone();
                    runtime.spawn(async move { endpoint.handle(request).await });
                }
            }
        }
        runtime.block_on(async {
            for _ in 0..=count {
                if waiting.load(Ordering::Relaxed) == count {
                    return;
                }
                tokio::task::yield_now().await;
            }
            panic!("some do not wait");
        });
    });
    // The tasks would be told to the log, one by one, if they were dropped as a program usually ends.
    std::mem::forget(runtime);
}
