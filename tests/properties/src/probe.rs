//! The handler behind every endpoint: it does as the request's [`Script`] says, and notes what it was given.

use std::{
    convert::Infallible,
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, DroppedField, Event, Result, UnknownAnswer, async_trait,
    each_callback,
};

use crate::answers::{Choice, Choose};

/// What a method does before it answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Act {
    #[default]
    Answer,
    /// Lets go of its thread once.
    Wait,
    Fail,
    Panic,
    /// Answers when the time is up.
    Dawdle,
}

/// What the handler does with a request, and what it has noted; it goes along in the request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) act: Act,
    pub(crate) choice: Choice,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// A call of one of the handler's methods.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// Of the event, or of the error.
    pub(crate) command: &'static str,
    /// The event as it writes itself.
    pub(crate) event: String,
    pub(crate) dropped: Vec<DroppedField>,
    pub(crate) command_of_query: String,
    pub(crate) client_ip: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
    /// It has given an answer, whether in time or not.
    pub(crate) has_answered: bool,
}

impl Script {
    pub(crate) fn new(act: Act, choice: Choice) -> Self {
        Self { act, choice, calls: Arc::default() }
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(crate) struct Probe;

impl Probe {
    async fn run<A>(ctx: &Context, mut call: Call, answer: impl FnOnce(Choice) -> Result<A>) -> Result<A> {
        let script = ctx.extensions().get::<Script>().expect("every request has a script");
        call.dropped = ctx.dropped_fields().to_vec();
        ctx.command().clone_into(&mut call.command_of_query);
        call.client_ip = ctx.client_ip().map(str::to_owned);
        call.platform = ctx.platform_text().map(str::to_owned);
        call.parameters = ctx.parameters().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        script.calls().push(call);
        match script.act {
            Act::Answer => {}
            Act::Wait => tokio::task::yield_now().await,
            Act::Fail => Err("told to fail")?,
            // Without the hook, which a fuzzer takes for the end.
            Act::Panic => resume_unwind(Box::new("told to panic")),
            Act::Dawdle => tokio::time::sleep(Duration::from_secs(5)).await,
        }
        let answer = answer(script.choice)?;
        for call in script.calls().iter_mut() {
            call.has_answered = true;
        }
        Ok(answer)
    }
}

fn call(method: &'static str, command: &'static str, event: String) -> Call {
    Call {
        method,
        command,
        event,
        dropped: Vec::new(),
        command_of_query: String::new(),
        client_ip: None,
        platform: None,
        parameters: Vec::new(),
        has_answered: false,
    }
}

macro_rules! probe {
    ($($command:literal $method:ident $event:path;)*) => {
        #[async_trait]
        impl CallbackHandler for Probe {
            $(
                async fn $method(&self, ctx: &Context, event: $event) -> Result<<$event as Event>::Answer> {
                    let written = serde_json::to_string(&event).expect("an event can be written");
                    let call = call(stringify!($method), $command, written);
                    Self::run(ctx, call, |choice| Choose::choose(choice, &event)).await
                }
            )*

            async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
                Self::run(ctx, call("unknown", "", String::new()), |_| Ok(UnknownAnswer::acknowledge())).await
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
                Self::run(ctx, call("undecodable", error.command(), String::new()), |_| Ok(Decision::Allow)).await
            }
        }
    };
}

each_callback!(probe);
