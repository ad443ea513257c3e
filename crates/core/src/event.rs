//! What every event has in common.

use std::{fmt, fmt::Write as _};

use bytes::Bytes;
use http::Response;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Callback, Command, Key, message::Element};

pub(crate) trait Sealed {}

/// The event of a callback: the body of its request, typed.
///
/// The parameter of every method of [`CallbackHandler`](crate::CallbackHandler) is an event. An event
/// reads with any JSON reader of serde and writes the vendor's field names again, so it can be put
/// on a queue as it is, alone or in an envelope of any shape: a field of a struct, an enum with an outer or inner tag,
/// without a tag, or flattened. Within an inner tag, without a tag and flattened serde reads from a buffer. Then the
/// contents of message elements are the same JSON with their names in alphabetical order; in every other shape they are
/// the same text.
///
/// Fields that this version does not know are not in an event. To forward a callback to another program, forward
/// [`Context::body`](crate::Context::body) and not the event.
///
/// Its `Debug` can go into a log: of messages and other words that people wrote it shows only the lengths.
#[expect(private_bounds, reason = "only the callbacks of the table are events")]
pub trait Event: Sealed + DeserializeOwned + Serialize + Clone + fmt::Debug + Send + Sync + 'static {
    /// The command word of its callback.
    const COMMAND: &'static str;

    /// What its method answers with: `()`, a [`Decision`](crate::Decision) or one of its kin.
    type Answer: Clone + PartialEq + fmt::Debug + Send + Sync + 'static;

    /// The response that the service gets for an answer. For the testkit.
    #[doc(hidden)]
    fn response(answer: Self::Answer) -> Response<Bytes>;

    /// The row of the table that it belongs to.
    #[must_use]
    fn callback() -> &'static Callback {
        Callback::find(Self::COMMAND).expect("every event has a row in the table")
    }

    /// The command that the body named, if it did.
    #[must_use]
    fn callback_command(&self) -> Option<&Command>;

    /// A key that identifies this event, and is the same when the vendor repeats it.
    ///
    /// `None` for *before* callbacks, each of which waits for its own answer, and for events without a field that
    /// identifies them.
    ///
    /// The application is not part of it: two applications may have groups, accounts and messages of the
    /// same names. To find repetitions use [`Context::identity`](crate::Context::identity).
    #[must_use]
    #[doc(alias = "dedup")]
    #[doc(alias = "idempotent")]
    fn identity(&self) -> Option<Identity>;

    /// The subject of the event, which a journal keeps the order for.
    ///
    /// `None` for events whose order does not matter, and for all but *after* callbacks. The application is not part of it.
    #[must_use]
    fn key(&self) -> Option<Key>;

    /// The elements of the message that the event is about; none where the event is about no message.
    #[must_use]
    fn message(&self) -> &[Element];
}

/// The elements of an event without a message.
pub(crate) trait NoMessage {
    fn elements(&self) -> &[Element] {
        &[]
    }
}

impl<E> NoMessage for E {}

/// A key for remembering which events were seen: equal for two deliveries of one event.
///
/// That of [`Context::identity`](crate::Context::identity) begins with the application's id and then
/// has the command word, that of [`Event::identity`] begins with the command word. The parts are divided
/// by `|`, and a `|` or `\` within a part has a `\` before it: `1400000001|Group.CallbackAfterSendMsg|..`.
/// Remember it for as long as the vendor may repeat a callback, which no document bounds; a few minutes
/// are usual.
///
/// ```
/// use tencent_im_callback::{Event, group};
///
/// let body = r#"{"GroupId":"@TGS#1","From_Account":"a","MsgSeq":7,"MsgTime":1490686222,"MsgBody":[]}"#;
/// let message: group::AfterSendMsg = serde_json::from_str(body)?;
/// let identity = message.identity().expect("a message has an identity").with_app_id(1_400_000_001);
/// assert_eq!(identity.as_str(), "1400000001|Group.CallbackAfterSendMsg|@TGS#1||7");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[doc(alias = "dedup")]
#[doc(alias = "idempotent")]
pub struct Identity(String);

impl Identity {
    /// The identity of an event, from the parts that identify it among the events of its command.
    pub(crate) fn of<E: Event>(parts: &[&dyn fmt::Display]) -> Self {
        let mut key = Escaped(E::COMMAND.to_owned());
        for part in parts {
            key.0.push('|');
            write!(key, "{part}").expect("writing to a string does not fail");
        }
        Self(key.0)
    }

    /// An identity that was written as text before.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same event in this application: its id and a `|` are put before the text.
    ///
    /// It is for the events in a batch, as in [`push::OfflinePush::events`](crate::push::OfflinePush::events).
    /// For all others there is [`Context::identity`](crate::Context::identity).
    #[must_use]
    pub fn with_app_id(&self, app_id: u64) -> Self {
        Self(format!("{app_id}|{}", self.0))
    }

    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Identity {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Identity> for String {
    fn from(identity: Identity) -> Self {
        identity.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Escapes `|` in a part, so that it does not end the part.
struct Escaped(String);

impl fmt::Write for Escaped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if matches!(char, '|' | '\\') {
                self.0.push('\\');
            }
            self.0.push(char);
        }
        Ok(())
    }
}
