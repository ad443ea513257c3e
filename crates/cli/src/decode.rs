//! A callback's body, read into its event as a receiver reads it.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{Callback, Command, Context, DroppedField, Event, each_callback, unread_fields};

/// What is known of a body that could be read.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    /// The fields that are missing in the event.
    pub(crate) dropped: Vec<DroppedField>,
    /// The JSON paths of the fields that the event does not have.
    pub(crate) unread: Vec<String>,
    /// The identity of the event.
    pub(crate) identity: Option<String>,
}

/// The callback that a request turns out to be: the body's word wins over the query's.
pub(crate) fn callback_of(command: &str, body: &[u8]) -> Option<&'static Callback> {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(rename = "CallbackCommand")]
        command: Command,
    }

    let named: Result<Named, _> = serde_json::from_slice(body);
    named.ok().and_then(|named| named.command.callback()).or_else(|| Callback::find(command))
}

/// Reads `body` into the event of `callback`; the error says where the fault is.
pub(crate) fn decode(callback: &Callback, app_id: u64, body: &Bytes) -> Result<Decoded, String> {
    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => read::<$event>(app_id, body),)*
                other => Err(format!("`{other}` has no event")),
            }
        };
    }
    each_callback!(by_command)
}

fn read<E: Event>(app_id: u64, body: &Bytes) -> Result<Decoded, String> {
    // Of the context only the dropped fields and the application are looked at.
    let (ctx, event) = Context::unchecked::<E>(app_id, Request::new(body.clone()), Duration::ZERO)
        .map_err(|error| error.to_string())?;
    Ok(Decoded {
        dropped: ctx.dropped_fields().to_vec(),
        unread: unread_fields(E::callback(), body),
        identity: ctx.identity(&event).map(String::from),
    })
}

#[cfg(test)]
mod tests {
    use tencent_im_callback_testkit::sample;

    use super::*;

    #[test]
    fn every_sample_decodes_and_nothing_of_it_is_dropped_or_unread() {
        for (callback, variant, body) in sample::all() {
            let decoded = decode(callback, 1, &Bytes::from_static(body.as_bytes()));
            let decoded = decoded.unwrap_or_else(|error| panic!("{callback:?} {variant}: {error}"));
            assert_eq!(decoded.dropped, [], "{callback:?} {variant}");
            assert_eq!(decoded.unread, [""; 0], "{callback:?} {variant}");
        }
    }

    #[test]
    fn the_body_says_what_it_is() {
        let body = br#"{"CallbackCommand": "State.StateChange"}"#;
        assert_eq!(callback_of("Group.CallbackAfterSendMsg", body).unwrap().command, "State.StateChange");
        assert_eq!(callback_of("Push.OfflinePush", b"{}").unwrap().command, "Push.OfflinePush");
        assert_eq!(callback_of("Unknown.Command", b""), None);
    }
}
