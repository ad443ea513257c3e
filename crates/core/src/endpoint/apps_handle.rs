//! The handle that changes the applications while the server runs.

use std::{fmt, sync::Arc};

use super::{
    App, IntoTokens,
    apps::{AppState, AppTable, insert},
    shared::Shared,
    tokens,
};
use crate::BuildError;

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
