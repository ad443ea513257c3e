//! Layers: code around every call of a handler method.

use std::fmt;

use crate::{Context, Identity, Outcome, Result, box_future::BoxFuture, wire::response::WireResponse};

/// A layer as the endpoint stores it.
#[cfg(not(doc))]
pub(crate) type DynLayer = Box<dyn HandlerLayer>;
// As for `DynHandler`.
#[cfg(doc)]
pub(crate) type DynLayer = Box<dyn std::any::Any + Send + Sync>;

/// Code around every call of a handler method: logging, rate limits, a check that holds for all callbacks.
///
/// It is added with [`EndpointBuilder::layer`](crate::EndpointBuilder::layer). It is called for every callback that
/// passed the checks of the endpoint and whose body was read, of all applications, in place of the method. It calls the
/// method with [`Next::run`], or answers without the method. A method that the app does not implement is called too,
/// and so are [`unknown`](crate::CallbackHandler::unknown) and [`undecodable`](crate::CallbackHandler::undecodable).
///
/// An error, a panic and the deadline are those of the method: [`OnFailure`](crate::OnFailure) gives the answer.
///
/// ```
/// use tencent_im_callback::{
///     CallbackHandler, Context, Endpoint, HandlerLayer, MethodAnswer, Next, Outcome, Phase, Result, async_trait,
/// };
/// use tokio::sync::Semaphore;
///
/// /// Lets ten methods run at once. While ten run, *before* callbacks are refused and other callbacks wait.
/// struct TenAtOnce(Semaphore);
///
/// #[async_trait]
/// impl HandlerLayer for TenAtOnce {
///     async fn call(&self, ctx: &Context, next: Next<'_>) -> Result<MethodAnswer> {
///         let is_before = ctx.callback().is_some_and(|callback| callback.phase == Phase::Before);
///         let permit = match self.0.try_acquire() {
///             Ok(permit) => permit,
///             Err(_) if is_before => return next.refuse(),
///             Err(_) => self.0.acquire().await?,
///         };
///         let method = next.method();
///         let answer = next.run().await?;
///         drop(permit);
///         if answer.outcome() == Outcome::Refuse {
///             println!("{method} has refused a callback of application {}", ctx.app_id());
///         }
///         Ok(answer)
///     }
/// }
///
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App)
///     .app(1_400_000_001, "the token")
///     .layer(TenAtOnce(Semaphore::new(10)))
///     .build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[cfg_attr(not(doc), async_trait::async_trait)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer: it does not implement `HandlerLayer`",
    note = "layers of `tower` wrap HTTP services: add them to the router"
)]
pub trait HandlerLayer: Send + Sync + 'static {
    /// Called in place of a handler method.
    async fn call(&self, ctx: &Context, next: Next<'_>) -> Result<MethodAnswer>;
}

/// A method before its call, and the answers that a layer can give in its place.
pub(crate) struct PendingMethod<'a> {
    pub(crate) name: &'static str,
    /// The identity of the event, without the application.
    pub(crate) identity: Option<Identity>,
    pub(crate) allowed: WireResponse,
    /// `None` where nothing can be refused.
    pub(crate) refused: Option<WireResponse>,
    pub(crate) call: Box<dyn FnOnce() -> BoxFuture<'a, Result<WireResponse>> + Send + 'a>,
}

/// The rest of the call of a handler method: the layers that follow, and the method.
#[must_use = "the method is called by `run`"]
pub struct Next<'a> {
    ctx: &'a Context,
    layers: &'a [DynLayer],
    pending: PendingMethod<'a>,
}

impl<'a> Next<'a> {
    pub(crate) const fn new(ctx: &'a Context, layers: &'a [DynLayer], pending: PendingMethod<'a>) -> Self {
        Self { ctx, layers, pending }
    }

    /// The name of the method in [`CallbackHandler`](crate::CallbackHandler): `group_before_send_msg`, `unknown`.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        self.pending.name
    }

    /// The identity of the event, as [`Context::identity`] gives it; `None` also for `unknown` and `undecodable`.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.pending.identity.as_ref().map(|identity| identity.with_app_id(self.ctx.app_id()))
    }

    /// Calls the layers that follow, and the method.
    pub async fn run(self) -> Result<MethodAnswer> {
        match self.layers.split_first() {
            Some((layer, layers)) => call_layer(layer, self.ctx, Self { layers, ..self }).await,
            None => (self.pending.call)().await.map(MethodAnswer),
        }
    }

    /// Allows the callback without its method: a *before* callback is allowed, an *after* callback is acknowledged.
    pub fn allow(self) -> MethodAnswer {
        MethodAnswer(self.pending.allowed)
    }

    /// Refuses a *before* callback with its plain refusal, without its method.
    ///
    /// Fails for a callback that cannot be refused: *after* callbacks and requests for data. The
    /// error of a layer is answered by [`OnFailure`](crate::OnFailure).
    pub fn refuse(self) -> Result<MethodAnswer> {
        let name = self.pending.name;
        let refused = self.pending.refused.map(MethodAnswer);
        refused.ok_or_else(|| format!("a layer refused `{name}`, which cannot be refused").into())
    }
}

fn call_layer<'a>(layer: &'a DynLayer, ctx: &'a Context, next: Next<'a>) -> BoxFuture<'a, Result<MethodAnswer>> {
    layer.call(ctx, next)
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("method", &self.method()).finish_non_exhaustive()
    }
}

/// The answer of a method, of any type, as a [`HandlerLayer`] gets it.
#[derive(Debug, Clone)]
#[must_use = "a layer returns the answer"]
pub struct MethodAnswer(pub(crate) WireResponse);

impl MethodAnswer {
    /// What the answer does: [`Outcome::Allow`], [`Outcome::Refuse`] and so on.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.0.summary().outcome
    }

    /// The `ErrorCode` of the answer: 0 if it allows or acknowledges.
    #[must_use]
    pub const fn code(&self) -> u32 {
        self.0.summary().code
    }
}
