//! What a request says beside its event: application, client, platform, time left.

use std::{
    borrow::Cow,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Extensions, Request};

use crate::{
    Attempt, Callback, DroppedField, Event, Identity, Platform, Result,
    endpoint::{InFlightPermit, Spawned},
    error::BoxError,
    wire::decode::decode,
    wire::query::{Malformed, Parameter, Query, QueryIndex, RawQuery, without_sign},
};

/// What a callback says beside its event.
///
/// Every method of [`CallbackHandler`](crate::CallbackHandler) gets it. The signature does not cover the address and
/// the platform of the client, nor the body: it proves only that the request was made by the service, or by someone who
/// has seen a signature within the last minute.
///
/// ```
/// use std::time::Duration;
///
/// use tencent_im_callback::{C2cCode, CallbackHandler, Context, MessageDecision, Platform, Result, async_trait, c2c};
///
/// struct App;
///
/// #[async_trait]
/// impl CallbackHandler for App {
///     async fn c2c_before_send_msg(
///         &self,
///         ctx: &Context,
///         _event: c2c::BeforeSendMsg,
///     ) -> Result<MessageDecision<C2cCode>> {
///         // Messages of the app's own backend are not moderated.
///         if ctx.platform() == Some(Platform::RestApi) {
///             return Ok(MessageDecision::Allow);
///         }
///         println!("application {}, address {:?}", ctx.app_id(), ctx.client_ip());
///         let is_harmless = ctx.time_left() > Duration::from_millis(500); // Ask a moderation service here.
///         Ok(if is_harmless { MessageDecision::Allow } else { MessageDecision::Refuse })
///     }
/// }
/// ```
#[non_exhaustive]
pub struct Context {
    query: RawQuery,
    values: QueryIndex,
    /// The callback of the command in the query, until the body has named another.
    pub(crate) callback: Option<&'static Callback>,
    app_id: u64,
    body: Bytes,
    extensions: Extensions,
    received_at: Instant,
    deadline: Instant,
    dropped: Box<[DroppedField]>,
    unhandled: AtomicBool,
    attempt: Option<Box<Attempt>>,
    /// `None` without an endpoint. The last field, so that all others are dropped while the callback is in flight.
    permit: Option<InFlightPermit>,
}

impl Context {
    pub(crate) fn new(
        app_id: u64,
        (query, values): (RawQuery, QueryIndex),
        callback: Option<&'static Callback>,
        extensions: Extensions,
        (received_at, deadline): (Instant, Instant),
        permit: Option<InFlightPermit>,
    ) -> Self {
        Self {
            query,
            values,
            callback,
            app_id,
            body: Bytes::new(),
            extensions,
            received_at,
            deadline,
            dropped: Box::default(),
            unhandled: AtomicBool::new(false),
            attempt: None,
            permit,
        }
    }

    pub(crate) fn with_attempt(self, attempt: Attempt) -> Self {
        Self { attempt: Some(Box::new(attempt)), ..self }
    }

    /// The query as it was sent, without `Sign`.
    pub(crate) fn query_without_sign(&self) -> String {
        without_sign(self.query.as_str())
    }

    /// The context and the event of a request that is not verified, to call a method without an endpoint.
    ///
    /// For the testkit. It may change with any version.
    #[doc(hidden)]
    pub fn unchecked<E: Event>(
        app_id: u64,
        request: Request<Bytes>,
        time_left: Duration,
    ) -> Result<(Self, E), BoxError> {
        let (parts, body) = request.into_parts();
        let query = RawQuery::from(parts.uri);
        let values = QueryIndex::parse(query.as_str())
            .map_err(|Malformed { parameter, reason }| format!("the parameter {parameter} is {reason}"))?;
        let decoded = decode(&body)?;
        let now = Instant::now();
        let callback = Callback::find(Query::new(query.as_str(), &values).command());
        let mut ctx = Self::new(app_id, (query, values), callback, parts.extensions, (now, now + time_left), None);
        ctx.set_body(body);
        ctx.note_dropped(E::callback(), decoded.dropped);
        Ok((ctx, decoded.event))
    }

    /// The application that the callback is for: `SdkAppid`, one of those that the endpoint was built with.
    #[must_use]
    #[doc(alias = "SdkAppid")]
    pub const fn app_id(&self) -> u64 {
        self.app_id
    }

    /// A key that identifies this event among all events of all applications, and is the same when the vendor repeats
    /// it.
    ///
    /// Its text begins with the [application's id](Self::app_id) and a `|`; [`Event::identity`], which is
    /// the rest, is the same for two applications whose groups, accounts and messages have the same names.
    /// `None` where that is `None`.
    ///
    /// ```
    /// use std::collections::HashSet;
    /// use std::sync::Mutex;
    ///
    /// use tencent_im_callback::{CallbackHandler, Context, Identity, Result, async_trait, group};
    ///
    /// struct App {
    ///     seen: Mutex<HashSet<Identity>>,
    /// }
    ///
    /// #[async_trait]
    /// impl CallbackHandler for App {
    ///     async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
    ///         if let Some(identity) = ctx.identity(&event) {
    ///             assert!(identity.as_str().starts_with(&format!("{}|", ctx.app_id())));
    ///             if !self.seen.lock().unwrap().insert(identity) {
    ///                 return Ok(()); // A repetition.
    ///             }
    ///         }
    ///         // Count the message, forward it, ...
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// A batch of push events has no identity. Each event in it has one:
    /// `event.identity().map(|identity| identity.with_app_id(ctx.app_id()))`.
    #[must_use]
    #[doc(alias = "dedup")]
    #[doc(alias = "idempotent")]
    #[doc(alias = "duplicate")]
    pub fn identity(&self, event: &impl Event) -> Option<Identity> {
        event.identity().map(|identity| identity.with_app_id(self.app_id))
    }

    /// The command word of the query; empty where the query has none.
    ///
    /// When the body names another command, the command of the body is used.
    #[must_use]
    pub fn command(&self) -> &str {
        self.query().command()
    }

    /// The callback whose method is called; `None` for a command that this version does not know.
    ///
    /// When the body names another command than the query, it is the callback of the body.
    #[must_use]
    pub const fn callback(&self) -> Option<&'static Callback> {
        self.callback
    }

    /// The address of the client that caused the callback, as it was sent: dotted IPv4 in all documents.
    ///
    /// `None` where there is no client, as for pushes and moderation results.
    #[must_use]
    #[doc(alias = "ClientIP")]
    pub fn client_ip(&self) -> Option<&str> {
        self.query().get(Parameter::ClientIp)
    }

    /// The platform of the client that caused the callback; `None` where the service names none.
    #[must_use]
    #[doc(alias = "OptPlatform")]
    pub fn platform(&self) -> Option<Platform> {
        self.platform_text().map(Platform::from)
    }

    /// The text of [`platform`](Self::platform), as it was sent.
    #[must_use]
    pub fn platform_text(&self) -> Option<&str> {
        self.query().get(Parameter::OptPlatform)
    }

    /// The id of the HTTP request, `RequestID`: a UUID in all captured requests; `None` where the service sends none.
    ///
    /// The page of Desk's callbacks says that it is the same when a callback is sent again. No other page mentions it, and
    /// the signature does not cover it: use it to find a request in the logs of both sides, and
    /// [`identity`](Self::identity) to find repetitions.
    #[must_use]
    #[doc(alias = "RequestID")]
    pub fn request_id(&self) -> Option<Cow<'_, str>> {
        self.parameter("RequestID").filter(|id| !id.is_empty())
    }

    /// A query parameter that the protocol does not know, by its name in any case: one of the
    /// configured URL, or one that the vendor has added.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All query parameters that the protocol does not know, percent-decoded where they can be.
    pub fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.query().others()
    }

    /// The attempt of a journal that the method is called in; `None` for a call without a journal.
    ///
    /// A journal calls a method again after an error, and after the process has ended in it. Use
    /// [`Attempt::id`](crate::Attempt::id) to find out that the effects of a method are there already.
    #[must_use]
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempt.as_deref()
    }

    /// The body as it was sent.
    #[must_use]
    #[doc(alias = "payload")]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The HTTP request's extensions: where a middleware leaves data for the handler.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// When the request was received. The deadline is counted from this moment.
    #[must_use]
    pub const fn received_at(&self) -> Instant {
        self.received_at
    }

    /// The time until the deadline; zero after the deadline.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The fields of the body that could not be read and are missing in the event, and the texts in which U+FFFD
    /// replaces what is not Unicode.
    ///
    /// The contents of the event's own message are included: `MsgBody[0].MsgContent.Ext`. At most 16 fields and texts
    /// are named. A body with more fields that cannot be read is undecodable; more texts are counted in one last entry.
    #[must_use]
    pub fn dropped_fields(&self) -> &[DroppedField] {
        &self.dropped
    }

    /// Runs a future that continues after the answer, in a task of its own.
    ///
    /// The future is in flight until it has ended: [`Endpoint::drain`](crate::Endpoint::drain) waits for it, as it does
    /// not for `tokio::spawn`, and it counts in [`Endpoint::in_flight`](crate::Endpoint::in_flight) and
    /// [`in_flight_limit`](crate::EndpointBuilder::in_flight_limit), which refuses further requests but never a future.
    /// It has no deadline. Its error and its panic are logged within the span of the callback. It ends with the
    /// process: what must not be lost has to be stored before the answer.
    ///
    /// To answer all callbacks of a kind before their methods are called, see
    /// [`EndpointBuilder::acknowledge`](crate::EndpointBuilder::acknowledge).
    ///
    /// ```
    /// use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};
    /// # async fn store(_: &group::AfterSendMsg) -> Result<()> { Ok(()) }
    /// # async fn notify(_: group::AfterSendMsg) -> Result<()> { Ok(()) }
    ///
    /// struct App;
    ///
    /// #[async_trait]
    /// impl CallbackHandler for App {
    ///     async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
    ///         store(&event).await?;
    ///         ctx.spawn(notify(event)); // It may take minutes.
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    /// Outside of a tokio runtime, as `tokio::spawn` does.
    pub fn spawn(&self, future: impl Future<Output = Result<()>> + Send + 'static) {
        let task = Spawned::new(Box::pin(future), self.permit.as_ref());
        // The task ends by itself, and logs how.
        drop(tokio::spawn(task));
    }

    fn query(&self) -> Query<'_> {
        Query::new(self.query.as_str(), &self.values)
    }

    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The body is read after the context is made.
    pub(crate) fn set_body(&mut self, body: Bytes) {
        self.body = body;
    }

    pub(crate) fn note_dropped(&mut self, callback: &Callback, dropped: Vec<DroppedField>) {
        for field in &dropped {
            tracing::warn!(
                command = callback.command,
                path = field.path(),
                reason = field.reason(),
                "a field of a callback could not be read and was dropped"
            );
        }
        self.dropped = dropped.into();
    }

    /// Notes that the app has no method of its own for this callback.
    pub(crate) fn mark_unhandled(&self) {
        self.unhandled.store(true, Ordering::Relaxed);
    }

    /// Whether the app has no method of its own for this callback, known once the default has run.
    #[doc(hidden)]
    pub fn is_unhandled(&self) -> bool {
        self.unhandled.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Context {
    // By hand: the query has `Sign`, and the body has messages of users.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("app_id", &self.app_id)
            .field("command", &self.command())
            .field("client_ip", &self.client_ip())
            .field("platform", &self.platform_text())
            .field("body_length", &self.body.len())
            .field("dropped_fields", &self.dropped)
            .finish_non_exhaustive()
    }
}
