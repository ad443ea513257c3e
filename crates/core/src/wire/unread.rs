//! The fields of a body that are in no event: what the vendor has added since this version.

use crate::{
    CALLBACKS, Callback, Event,
    wire::{
        decode::BodyText,
        repair::{self, Findings},
    },
};

/// The fields of `body` that the event of `callback` does not have, as JSON paths such as `MemberList[0].NickName`.
///
/// They are fields that this version does not know: the vendor sends them without documenting them, or has added them
/// since. They are in [`Context::body`](crate::Context::body) only. An open issue with the paths helps to add them. The
/// contents of the event's own message are included. At most 256 fields are listed. Where the body cannot be read into
/// the event, the fields before the fault are listed.
///
/// The body is read a second time for this. The endpoint does that for every callback while the level `debug` of the
/// target `tencent_im_callback::unread` is enabled, and logs how many fields there are.
///
/// The names are text of the body: do not log them where a stranger must not write into the log.
///
/// ```
/// use tencent_im_callback::{Callback, unread_fields};
///
/// let callback = Callback::find("Group.CallbackAfterGroupDestroyed").expect("it is known");
/// let body = br#"{"GroupId":"@TGS#1","Reason":"empty","MemberList":[{"Member_Account":"a","NickName":"A"}]}"#;
/// assert_eq!(unread_fields(callback, body), ["Reason", "MemberList[0].NickName"]);
/// ```
#[must_use]
pub fn unread_fields(callback: &Callback, body: &[u8]) -> Vec<String> {
    UNREAD[callback.index](body)
}

fn unread_of<E: Event>(body: &[u8]) -> Vec<String> {
    let text = BodyText::new(body);
    let findings = Findings::with_unread(text.is_lossy());
    if let Ok(event) = repair::read::<E>(text.as_str(), ".", &findings) {
        for (index, element) in event.message().iter().enumerate() {
            element.check_content(&format_args!("MsgBody[{index}].MsgContent"), &findings);
        }
    }
    findings.into_unread()
}

macro_rules! unread_table {
    ($($command:literal $method:ident $Event:ty;)*) => {
        /// In the order of [`CALLBACKS`].
        static UNREAD: [fn(&[u8]) -> Vec<String>; CALLBACKS.len()] = [$(unread_of::<$Event>),*];
    };
}

each_callback! { unread_table }
