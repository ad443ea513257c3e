//! Every event: a strict parse, the tolerant one, and what arrives through an endpoint agree.

use std::{str::from_utf8, sync::LazyLock, time::Duration};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    CALLBACKS, Callback, Command, Context, DecodeError, DroppedField, Endpoint, Event, each_callback,
};

use crate::{
    handle::ready,
    probe::{Probe, Script},
    seeds::WORDS,
};

static ENDPOINT: LazyLock<Endpoint> =
    LazyLock::new(|| Endpoint::builder(Probe).unverified_app(1).build().expect("the settings work"));

/// The first byte picks the callback, the rest is the body.
pub fn decode(input: &[u8]) {
    let Some((&pick, body)) = input.split_first() else { return };
    let callback = &CALLBACKS[usize::from(pick) % CALLBACKS.len()];

    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => check::<$event>(body),)*
                other => panic!("no event for {other}"),
            }
        };
    }
    each_callback!(by_command);
}

fn check<E: Event>(body: &[u8]) {
    let tolerant = Context::unchecked::<E>(1, request(E::COMMAND, body), Duration::from_secs(1));
    let tolerant = tolerant.map(|(ctx, event)| (ctx.dropped_fields().to_vec(), event));
    match (strict::<E>(body), &tolerant) {
        (Ok(strict), Ok((dropped, event))) => {
            let is_content = |field: &DroppedField| field.path().starts_with("MsgBody[");
            assert!(dropped.iter().all(is_content), "{dropped:?} was dropped although the body reads");
            assert_eq!(written(&strict), written(event));
        }
        (Ok(_), Err(error)) => panic!("the body reads, and is lost all the same: {error}"),
        (Err(fault), Ok((dropped, _))) => {
            let is_odd_text = from_utf8(body).is_err() || body.starts_with(b"\xef\xbb\xbf");
            assert!(!dropped.is_empty() || is_odd_text, "nothing is reported, but: {fault}");
            dropped.iter().for_each(told);
        }
        (Err(_), Err(error)) => {
            let error: &DecodeError = error.downcast_ref().expect("the query is good");
            assert_eq!(error.command(), E::COMMAND);
            assert!(!error.path().is_empty(), "{error}");
            quotes_no_text(error.reason());
        }
    }
    if let Ok((_, event)) = &tolerant {
        reads_again(event);
    }
    let event = tolerant.as_ref().ok().map(|(dropped, event)| (dropped.as_slice(), event));
    arrives(body, event);
}

fn strict<E: Event>(body: &[u8]) -> Result<E, String> {
    let text = from_utf8(body).map_err(|fault| fault.to_string())?;
    if text.trim_ascii_start().starts_with('[') {
        return Err("a list".to_owned());
    }
    serde_json::from_str(text).map_err(|fault| fault.to_string())
}

fn told(field: &DroppedField) {
    quotes_no_text(field.reason());
    let counts_the_rest = field.reason().ends_with("more fields could not be read");
    assert!(field.path() != "." || counts_the_rest, "a whole body cannot be dropped");
}

fn quotes_no_text(reason: &str) {
    assert!(!reason.is_empty() && !reason.contains(WORDS), "{reason}");
}

/// What an event writes is an event again, and the same one.
fn reads_again<E: Event>(event: &E) {
    let text = written(event);
    let again: E = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}: {text}", E::COMMAND));
    assert_eq!(text, written(&again));
    assert_eq!(event.identity(), again.identity());
    assert_eq!(event.callback_command(), again.callback_command());
}

/// The event reaches its method; or its body has named another callback, and that decides.
fn arrives<E: Event>(body: &[u8], event: Option<(&[DroppedField], &E)>) {
    let script = Script::default();
    let mut request = request(E::COMMAND, body);
    request.extensions_mut().insert(script.clone());
    let response = ready(ENDPOINT.handle(request));
    assert_eq!(response.status(), 200);
    let calls = script.calls();
    let [call] = &calls[..] else { panic!("{} calls", calls.len()) };
    assert_eq!(call.command_of_query, E::COMMAND);
    match event {
        Some((dropped, event)) => {
            let named = event.callback_command().and_then(Command::callback).unwrap_or_else(E::callback);
            assert_eq!(call.command, named.command);
            if named == E::callback() {
                assert_eq!(call.method, named.method);
                assert_eq!(call.event, written(event));
                assert_eq!(call.dropped, dropped);
            }
        }
        None if call.command == E::COMMAND => assert_eq!(call.method, "undecodable"),
        None => {
            let word = call.command;
            assert!(Callback::find(word).is_some(), "{word} is no callback");
        }
    }
}

fn request(command: &str, body: &[u8]) -> Request<Bytes> {
    let uri = format!("/callback?SdkAppid=1&CallbackCommand={command}");
    Request::post(uri).body(Bytes::copy_from_slice(body)).expect("the query is good")
}

fn written(event: &impl Event) -> String {
    serde_json::to_string(event).expect("an event can be written")
}
