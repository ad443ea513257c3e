//! The applications of an endpoint, and the table of them that requests read.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arc_swap::ArcSwap;

use super::{IntoTokens, signature::Token, tokens};
use crate::{BuildError, CallbackHandler, handler::DynHandler};

/// An application of Tencent Chat whose callbacks an endpoint accepts: its `SdkAppid`, its tokens and its handler.
///
/// It is given to [`EndpointBuilder::register`](crate::EndpointBuilder::register), and to [`Apps::register`](crate::Apps::register) while the
/// server runs.
///
/// ```
/// # use tencent_im_callback::{App, CallbackHandler, Endpoint};
/// # struct Chats;
/// # impl CallbackHandler for Chats {}
/// # struct Customers;
/// # impl CallbackHandler for Customers {}
/// let endpoint = Endpoint::builder(Chats)
///     .register(App::new(1_400_000_001).tokens("the token"))
///     .register(App::new(1_400_000_002).tokens(["the new token", "the old token"]).handler(Customers))
///     .build()?;
/// assert_eq!(endpoint.apps().ids(), [1_400_000_001, 1_400_000_002]);
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[must_use = "an application has no effect until it is registered"]
pub struct App {
    id: u64,
    /// `None` for an application whose callbacks are not verified.
    tokens: Option<Vec<String>>,
    handler: Option<DynHandler>,
}

impl App {
    /// The application with this `SdkAppid`. It needs [`tokens`](Self::tokens): without them it cannot be registered.
    pub fn new(id: u64) -> Self {
        Self { id, tokens: Some(Vec::new()), handler: None }
    }

    /// An application whose callbacks are accepted **without a check that Tencent sent them**.
    ///
    /// Everyone who knows the URL can then make up callbacks: the id of an application is not secret. Use it to try
    /// things out, and behind a proxy that checks the signature.
    pub fn unverified(id: u64) -> Self {
        Self { id, tokens: None, handler: None }
    }

    /// The authentication tokens, in place of those given before: a callback signed with one of them is accepted.
    pub fn tokens(mut self, tokens: impl IntoTokens) -> Self {
        self.tokens = Some(tokens.into_texts());
        self
    }

    /// The handler of this application's callbacks; without one the endpoint's handler is used.
    pub fn handler(mut self, handler: impl CallbackHandler) -> Self {
        self.handler = Some(Arc::new(handler));
        self
    }

    pub(super) fn into_state(self, default_handler: &DynHandler) -> Result<AppState, BuildError> {
        let Self { id, tokens, handler } = self;
        let tokens = tokens.map(|tokens| tokens::checked(id, &tokens)).transpose()?.unwrap_or_default();
        Ok(AppState { id, tokens, handler: handler.unwrap_or_else(|| Arc::clone(default_handler)) })
    }
}

impl fmt::Debug for App {
    // By hand: the tokens are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A registered application. A request in flight keeps it, so a change has no effect on that request.
pub(super) struct AppState {
    pub(super) id: u64,
    /// Empty for an application whose callbacks are not verified.
    pub(super) tokens: Box<[Token]>,
    pub(super) handler: DynHandler,
}

/// The applications by id. Requests read them without a lock.
pub(super) struct AppTable {
    apps: ArcSwap<BTreeMap<u64, Arc<AppState>>>,
    pub(super) default_handler: DynHandler,
}

impl AppTable {
    pub(super) fn new(apps: Vec<App>, default_handler: DynHandler) -> Result<Self, BuildError> {
        let mut states = BTreeMap::new();
        for app in apps {
            insert(&mut states, Arc::new(app.into_state(&default_handler)?))?;
        }
        if states.is_empty() {
            return Err(BuildError::NoApp);
        }
        Ok(Self { apps: ArcSwap::from_pointee(states), default_handler })
    }

    pub(super) fn find(&self, id: u64) -> Option<Arc<AppState>> {
        self.apps.load().get(&id).cloned()
    }

    pub(super) fn any(&self, condition: impl Fn(&AppState) -> bool) -> bool {
        self.apps.load().values().any(|app| condition(app))
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        self.apps.load().keys().copied().collect()
    }

    /// Replaces the table by a changed copy, unless the change fails. A change of another thread meanwhile is kept: the
    /// change is made again on its result.
    pub(super) fn update<T>(
        &self,
        change: impl Fn(&mut BTreeMap<u64, Arc<AppState>>) -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        loop {
            let current = self.apps.load();
            let mut changed = BTreeMap::clone(&current);
            let result = change(&mut changed)?;
            let previous = self.apps.compare_and_swap(&*current, Arc::new(changed));
            if Arc::ptr_eq(&previous, &current) {
                return Ok(result);
            }
        }
    }
}

pub(super) fn insert(apps: &mut BTreeMap<u64, Arc<AppState>>, app: Arc<AppState>) -> Result<(), BuildError> {
    let id = app.id;
    match apps.insert(id, app) {
        None => Ok(()),
        Some(_) => Err(BuildError::DuplicateApp { app_id: id }),
    }
}
