//! The applications of an endpoint. They can change while the server runs.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arc_swap::ArcSwap;

use super::{IntoTokens, dispatch::DynHandler, shared::Shared, signature::Token, tokens};
use crate::{BuildError, CallbackHandler};

/// An application of Tencent Chat whose callbacks an endpoint accepts: its `SdkAppid`, its tokens and its handler.
///
/// It is given to [`EndpointBuilder::register`](crate::EndpointBuilder::register), and to [`Apps::register`] while the
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

    fn into_state(self, default_handler: &DynHandler) -> Result<AppState, BuildError> {
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
    default_handler: DynHandler,
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
    fn update<T>(
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

fn insert(apps: &mut BTreeMap<u64, Arc<AppState>>, app: Arc<AppState>) -> Result<(), BuildError> {
    let id = app.id;
    match apps.insert(id, app) {
        None => Ok(()),
        Some(_) => Err(BuildError::DuplicateApp { app_id: id }),
    }
}

/// The applications of an endpoint, to change them while the server runs: see
/// [`Endpoint::apps`](crate::Endpoint::apps).
///
/// A change has effect on the next request, in all clones of the endpoint. Requests in flight end with the tokens and
/// the handler that they began with. A token is replaced in three steps: set the new and the old one, change the
/// console (a change there takes up to two minutes to arrive), set the new one alone.
///
/// ```
/// # use tencent_im_callback::{App, CallbackHandler, Endpoint};
/// # struct Chats;
/// # impl CallbackHandler for Chats {}
/// let endpoint = Endpoint::builder(Chats).app(1_400_000_001, "the old token").build()?;
///
/// let apps = endpoint.apps();
/// apps.set_tokens(1_400_000_001, ["the new token", "the old token"])?;
/// apps.register(App::new(1_400_000_002).tokens("another token"))?;
/// assert!(apps.remove(1_400_000_002));
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Apps(Arc<Shared>);

impl Apps {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Replaces the tokens of an application, all of them.
    ///
    /// Fails with [`BuildError::UnknownApp`] when the application is not registered, and as
    /// [`EndpointBuilder::build`](crate::EndpointBuilder::build) does for a token that cannot be right. The tokens stay
    /// as they were then.
    pub fn set_tokens(&self, app_id: u64, tokens: impl IntoTokens) -> Result<(), BuildError> {
        let texts = tokens.into_texts();
        self.table().update(|apps| {
            let app = apps.get(&app_id).ok_or(BuildError::UnknownApp { app_id })?;
            let tokens = tokens::checked(app_id, &texts)?;
            let changed = AppState { id: app_id, tokens, handler: Arc::clone(&app.handler) };
            apps.insert(app_id, Arc::new(changed));
            Ok(())
        })
    }

    /// Adds an application.
    ///
    /// Fails with [`BuildError::DuplicateApp`] when it is registered already, and as
    /// [`EndpointBuilder::build`](crate::EndpointBuilder::build) does for missing tokens and tokens that cannot be
    /// right.
    pub fn register(&self, app: App) -> Result<(), BuildError> {
        let state = Arc::new(app.into_state(&self.table().default_handler)?);
        self.table().update(|apps| insert(apps, Arc::clone(&state)))
    }

    /// Removes an application, whose requests are answered 403 from now on. `false` if it was not registered.
    ///
    /// An endpoint whose last application is removed refuses every request.
    #[expect(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn remove(&self, app_id: u64) -> bool {
        let removed = self.table().update(|apps| Ok(apps.remove(&app_id).is_some()));
        removed.unwrap_or(false)
    }

    /// The ids of the registered applications, in ascending order.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        self.table().ids()
    }

    fn table(&self) -> &AppTable {
        &self.0.apps
    }
}

impl fmt::Debug for Apps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Apps").field(&self.ids()).finish()
    }
}
