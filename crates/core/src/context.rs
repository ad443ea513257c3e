//! What a request says beside its event: who, from where, and how much time is left.

use std::{
    borrow::Cow,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Extensions, Request};

use crate::{
    Callback, Event, Identity,
    error::BoxError,
    wire::decode::decode,
    wire::enums::string_enum,
    wire::query::{Malformed, Parameter, Query, Text, Values},
};

string_enum! {
    /// The platform of the client that caused a callback.
    ///
    /// The vendor's spellings of one platform differ between pages and callbacks; they are one value
    /// here. The text that came is [`Context::platform_text`].
    pub enum Platform {
        /// The RESTful API: an administrator, usually the app's own backend.
        RestApi = "RESTAPI",
        /// The web SDK.
        Web = "Web",
        /// Android.
        Android = "Android",
        /// iPhone; `IOS` in `State.StateChange`.
        Ios = "iOS",
        /// Windows.
        Windows = "Windows",
        /// A Mac; `Mac` on the Chinese page, `macOS` on the English one.
        Mac = "Mac" | "macOS",
        /// iPad.
        Ipad = "iPad",
        /// Linux.
        Linux = "Linux",
        /// A device that the service did not recognise.
        Unknown = "Unknown" | "Unkown",
    }
}

/// What a callback says beside its event.
///
/// It is handed to every method of [`CallbackHandler`](crate::CallbackHandler). Client address and
/// platform are the service's words about its client: the signature does not cover them.
#[non_exhaustive]
pub struct Context {
    query: Text,
    values: Values,
    /// What the command means: that of the query, until the body has named another.
    pub(crate) callback: Option<&'static Callback>,
    app_id: u64,
    body: Bytes,
    extensions: Extensions,
    received_at: Instant,
    deadline: Instant,
    dropped: Box<[DroppedField]>,
    unhandled: AtomicBool,
}

impl Context {
    pub(crate) fn new(
        app_id: u64,
        (query, values): (Text, Values),
        callback: Option<&'static Callback>,
        extensions: Extensions,
        (received_at, deadline): (Instant, Instant),
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
        }
    }

    /// The context and the event of a request that nobody checks, for calling a method without an endpoint.
    ///
    /// It is here for the testkit and may change with any version.
    #[doc(hidden)]
    pub fn unchecked<E: Event>(
        app_id: u64,
        request: Request<Bytes>,
        time_left: Duration,
    ) -> Result<(Self, E), BoxError> {
        let (parts, body) = request.into_parts();
        let query = Text::from(parts.uri);
        let values = Values::parse(query.as_str())
            .map_err(|Malformed { parameter, reason }| format!("the parameter {parameter} is {reason}"))?;
        let decoded = decode(&body)?;
        let now = Instant::now();
        let callback = Callback::find(Query::new(query.as_str(), &values).command());
        let mut ctx = Self::new(app_id, (query, values), callback, parts.extensions, (now, now + time_left));
        ctx.set_body(body);
        ctx.note_dropped(E::callback(), decoded.dropped);
        Ok((ctx, decoded.event))
    }

    /// The application that the callback is for: `SdkAppid`, one of those that the endpoint was built with.
    #[must_use]
    pub const fn app_id(&self) -> u64 {
        self.app_id
    }

    /// What tells this event from every other of all applications, and is the same when the vendor sends it again.
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
    ///         // Count the message, tell others of it, ...
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// A batch of push events has no identity. Each event in it has one:
    /// `event.identity().map(|identity| identity.with_app_id(ctx.app_id()))`.
    #[must_use]
    pub fn identity(&self, event: &impl Event) -> Option<Identity> {
        event.identity().map(|identity| identity.with_app_id(self.app_id))
    }

    /// The command word as it stands in the query; empty where the query has none.
    ///
    /// A body may name another one, and is believed then.
    #[must_use]
    pub fn command(&self) -> &str {
        self.query().command()
    }

    /// The address of the client that caused the callback, as it came: dotted IPv4 in all documents.
    ///
    /// `None` where the service knows no client, as for pushes and moderation results.
    #[must_use]
    pub fn client_ip(&self) -> Option<&str> {
        self.query().get(Parameter::ClientIp)
    }

    /// The platform of the client that caused the callback; `None` where the service names none.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        self.platform_text().map(Platform::from)
    }

    /// The word behind [`platform`](Self::platform), as it came.
    #[must_use]
    pub fn platform_text(&self) -> Option<&str> {
        self.query().get(Parameter::OptPlatform)
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

    /// The body as it came.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The HTTP request's extensions: where a middleware leaves data for the handler.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// When the request came in, which is when its time began to run.
    #[must_use]
    pub const fn received_at(&self) -> Instant {
        self.received_at
    }

    /// How long the answer may still take; zero once the failure policy has answered.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The fields of the body that could not be read and are therefore missing in the event, and the texts in which U+FFFD
    /// is in place of what is not Unicode.
    ///
    /// The contents of the event's own message are included: `MsgBody[0].MsgContent.Ext`. At most 16 fields and texts are
    /// named. A body with more fields that cannot be read is undecodable; more texts are counted in one last entry.
    #[must_use]
    pub fn dropped_fields(&self) -> &[DroppedField] {
        &self.dropped
    }

    fn query(&self) -> Query<'_> {
        Query::new(self.query.as_str(), &self.values)
    }

    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The body comes after the rest.
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
    // By hand: `Sign` stands in the query, and users' messages in the body.
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

/// A field of a body that had another shape than its event expects, and was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedField {
    path: String,
    reason: String,
}

impl DroppedField {
    pub(crate) const fn new(path: String, reason: String) -> Self {
        Self { path, reason }
    }

    /// Where it is in the body, as a JSON path such as `MemberList` or `RoomInfo.RoomName`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was wrong with it, or with something in it: never with text from the body, though it may name a number.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
