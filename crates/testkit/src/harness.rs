//! Calling a handler in process, by itself or with all that an endpoint does around it.

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Response;
use tencent_im_callback::{CALLBACKS, Callback, CallbackHandler, Context, Endpoint, EndpointBuilder};

use crate::{
    Answer, Call, FixedClock, Recording, Request, Sample,
    recording::{Recorded, Replay},
    request::{APP_ID, TOKEN},
    watched::{Callable, Notes, Watched, caught},
};

/// A handler under test.
///
/// [`call`](Self::call) calls its method, and the answer is what the method returned. [`send`](Self::send)
/// goes the whole way of a request, with signature, decoding, deadline and failure policy, and the
/// answer is what the service would get. Both can be asserted in the same words.
///
/// ```
/// use tencent_im_callback::{CallbackHandler, Context, Decision, GroupCode, Result, async_trait, group};
/// use tencent_im_callback_testkit::{Harness, sample};
///
/// const NO_SPAM: GroupCode = GroupCode::new(10_123);
///
/// struct App;
///
/// #[async_trait]
/// impl CallbackHandler for App {
///     async fn group_before_create_topic(
///         &self,
///         _ctx: &Context,
///         event: group::BeforeCreateTopic,
///     ) -> Result<Decision<GroupCode>> {
///         Ok(match event.name.contains("spam") {
///             true => Decision::refuse_with(NO_SPAM, "no spam"),
///             false => Decision::Allow,
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let harness = Harness::new(App);
/// let answer = harness.call(sample::<group::BeforeCreateTopic>().set("/Name", "spam")).await;
/// answer.assert_refused_with(10_123).assert_text("no spam");
///
/// let answer = harness.send(sample::<group::BeforeCreateTopic>().request().forged()).await;
/// answer.assert_status(401).assert_unhandled();
/// # }
/// ```
///
/// It has no type parameter, so that helpers of tests take `&Harness`. A test that looks at the handler afterwards keeps
/// it in an `Arc`: see [`shared`](Self::shared).
///
/// It works in every tokio runtime. Outside of one there are [`call_blocking`](Self::call_blocking) and
/// [`send_blocking`](Self::send_blocking).
pub struct Harness {
    watched: Watched,
    endpoint: Endpoint,
    clock: FixedClock,
}

impl Harness {
    /// A harness for this handler, with an endpoint in its usual settings.
    #[must_use]
    pub fn new(handler: impl CallbackHandler) -> Self {
        Self::shared(Arc::new(handler))
    }

    /// A harness for a handler that the test keeps a hold of.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
    /// # use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, state};
    /// # use tencent_im_callback_testkit::{Harness, sample};
    /// #[derive(Default)]
    /// struct Counting(AtomicUsize);
    ///
    /// #[async_trait]
    /// impl CallbackHandler for Counting {
    ///     async fn state_state_change(&self, _ctx: &Context, _event: state::StateChange) -> Result<()> {
    ///         self.0.fetch_add(1, Ordering::Relaxed);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let handler = Arc::new(Counting::default());
    /// let harness = Harness::shared(Arc::clone(&handler));
    /// harness.send_blocking(sample::<state::StateChange>().request());
    /// assert_eq!(handler.0.load(Ordering::Relaxed), 1);
    /// ```
    #[must_use]
    pub fn shared(handler: Arc<impl CallbackHandler>) -> Self {
        Self::of(handler, |endpoint| endpoint)
    }

    /// A harness whose endpoint has other settings.
    ///
    /// The application [`APP_ID`] with the token [`TOKEN`] and the harness's clock are set already.
    /// A handler that an app is given of its own is not watched: its calls are in no answer.
    ///
    /// # Panics
    /// When the settings cannot work.
    #[must_use]
    #[track_caller]
    pub fn configured(
        handler: impl CallbackHandler,
        settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder,
    ) -> Self {
        Self::of(Arc::new(handler), settings)
    }

    #[track_caller]
    fn of(handler: Arc<dyn CallbackHandler>, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Self {
        let watched = Watched(handler);
        let clock = FixedClock::new();
        let builder = Endpoint::builder(watched.clone()).app(APP_ID, [TOKEN]).clock(clock.reader());
        let endpoint = settings(builder).build().unwrap_or_else(|error| panic!("no such endpoint: {error}"));
        Self { watched, endpoint, clock }
    }

    /// The endpoint, as an adapter would be given it.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The clock that signatures are made by and compared with. It does not move until it is moved.
    #[must_use]
    pub const fn clock(&self) -> &FixedClock {
        &self.clock
    }

    /// Calls the method of an event, which is given as such or as a [`Sample`].
    ///
    /// Nothing is between the test and the method: no signature is checked and no time runs out. A method
    /// that fails or panics is answered as an endpoint in its usual settings answers it, with status 500.
    ///
    /// # Panics
    /// When the sample was changed so that it cannot be read. What a handler makes of that is seen with
    /// [`send`](Self::send).
    pub async fn call<I: Input>(&self, event: I) -> Called<<I::Event as tencent_im_callback::Event>::Answer> {
        self.call_with(event, |request| request).await
    }

    /// [`call`](Self::call) with another context: another platform, client address, extension or parameter.
    ///
    /// ```
    /// # use tencent_im_callback::{CallbackHandler, group};
    /// # use tencent_im_callback_testkit::{Harness, sample};
    /// # struct App;
    /// # impl CallbackHandler for App {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let harness = Harness::new(App);
    /// let topic = sample::<group::BeforeCreateTopic>();
    /// harness.call_with(topic, |request| request.platform("RESTAPI")).await.assert_allowed();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the sample was changed so that it cannot be read, or the request so that it is none.
    pub async fn call_with<I: Input>(
        &self,
        event: I,
        change: impl FnOnce(Request) -> Request,
    ) -> Called<<I::Event as tencent_im_callback::Event>::Answer> {
        let request = change(event.into_sample().request()).or(APP_ID, TOKEN, self.clock.now());
        let (command, app_id) = (request.command().to_owned(), request.effective_app_id());
        let notes = Notes::default();
        let request = built(&request.extension(notes.clone()));
        let (ctx, event): (Context, I::Event) =
            Context::unchecked(app_id, request, TIME_LEFT).unwrap_or_else(|error| panic!("{command}: {error}"));
        let given = match caught(event.call(&self.watched, &ctx)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) | Err(_) => None,
        };
        let response = given.clone().map_or_else(deferred, <I::Event as tencent_im_callback::Event>::response);
        Called { answer: Answer::read(command, response).with_calls(notes.calls()), given }
    }

    /// Sends a request to the endpoint: an event or a [`Sample`] as the service would send it, or a
    /// [`Request`] that is wrong in some way.
    ///
    /// # Panics
    /// When the request was changed so that it is none.
    pub async fn send(&self, request: impl Into<Request>) -> Answer {
        let request = request.into().or(APP_ID, TOKEN, self.clock.now());
        self.send_http(request.command(), built(&request)).await
    }

    /// Sends the endpoint an HTTP request as it is; `command` says what its answer is read as.
    pub async fn send_http(&self, command: &str, mut request: http::Request<Bytes>) -> Answer {
        let notes = Notes::default();
        request.extensions_mut().insert(notes.clone());
        let response = self.endpoint.handle(request).await;
        let calls = notes.calls();
        // The body may have named another callback than the query, and has been believed then.
        let command = answered_as(&calls).map_or(command, |callback| callback.command);
        Answer::read(command, response).with_calls(calls)
    }

    /// Plays a recording again and compares the answers with those of before.
    ///
    /// Whatever application the recorded callbacks were for, they are for that of the harness now; only
    /// those that were refused as another application's stay that.
    pub async fn replay(&self, recording: &Recording) -> Replay {
        let replay = recording.replay_with(async |request, recorded| {
            let was_foreign = recorded.answer().is_some_and(|answer| answer.status == 403);
            let is_changed = !was_foreign && Recorded::app_id(recorded).is_some();
            let request = if is_changed { request.set("SdkAppid", APP_ID.to_string()) } else { request };
            Ok::<_, std::convert::Infallible>(self.send(request).await)
        });
        replay.await
    }

    /// [`call`](Self::call) for a test that is not `async`.
    ///
    /// # Panics
    /// Within an asynchronous runtime, where it would block the others' thread.
    #[track_caller]
    pub fn call_blocking<I: Input>(&self, event: I) -> Called<<I::Event as tencent_im_callback::Event>::Answer> {
        blocking(self.call(event))
    }

    /// [`send`](Self::send) for a test that is not `async`.
    ///
    /// # Panics
    /// Within an asynchronous runtime, where it would block the others' thread.
    #[track_caller]
    pub fn send_blocking(&self, request: impl Into<Request>) -> Answer {
        blocking(self.send(request))
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("endpoint", &self.endpoint).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// What a method that is called by itself finds as its time left: that of an endpoint's usual settings.
const TIME_LEFT: Duration = Duration::from_millis(1_700);

/// What a method can be called with: an event, or a [`Sample`] of one.
pub trait Input {
    /// The event.
    type Event: Callable;

    /// The body that the event is read from.
    fn into_sample(self) -> Sample<Self::Event>;
}

impl<E: Callable> Input for E {
    type Event = E;

    fn into_sample(self) -> Sample<E> {
        let body = serde_json::to_value(&self).unwrap_or_else(|error| panic!("{}: {error}", E::COMMAND));
        Sample::of(body)
    }
}

impl<E: Callable> Input for Sample<E> {
    type Event = E;

    fn into_sample(self) -> Self {
        self
    }
}

impl<E: Callable> From<E> for Request {
    fn from(event: E) -> Self {
        event.into_sample().request()
    }
}

/// What a method answered.
///
/// It can be asserted as an [`Answer`], and [`answer`](Self::answer) is what the method returned.
#[derive(Debug, Clone)]
pub struct Called<A> {
    answer: Answer,
    given: Option<A>,
}

impl<A> Called<A> {
    /// What the method returned.
    ///
    /// # Panics
    /// When it returned an error or panicked; its text is in the message.
    #[track_caller]
    pub fn answer(&self) -> &A {
        let Some(given) = &self.given else { panic!("{} got no answer\n{}", self.answer.command(), self.answer) };
        given
    }

    /// What the method returned, to be had.
    ///
    /// # Panics
    /// When it returned an error or panicked; its text is in the message.
    #[track_caller]
    pub fn into_answer(self) -> A {
        let Some(given) = self.given else { panic!("{} got no answer\n{}", self.answer.command(), self.answer) };
        given
    }
}

impl<A> From<Called<A>> for Answer {
    fn from(called: Called<A>) -> Self {
        called.answer
    }
}

impl<A> Deref for Called<A> {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

/// The answer of an endpoint in its usual settings to a method that failed.
fn deferred() -> Response<Bytes> {
    let body = r#"{"ActionStatus":"FAIL","ErrorInfo":"not processed","ErrorCode":500}"#;
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// The callback whose method was called.
fn answered_as(calls: &[Call]) -> Option<&'static Callback> {
    let call = calls.first()?;
    CALLBACKS.iter().find(|callback| callback.method == call.method)
}

fn built(request: &Request) -> http::Request<Bytes> {
    request.build().unwrap_or_else(|error| panic!("{}: no such request: {error}", request.command()))
}

#[track_caller]
fn blocking<T>(work: impl Future<Output = T>) -> T {
    assert!(
        tokio::runtime::Handle::try_current().is_err(),
        "this test runs in an asynchronous runtime already: use the method without `_blocking`, and await it"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.unwrap_or_else(|error| panic!("no runtime: {error}")).block_on(work)
}
