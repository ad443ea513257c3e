//! The callbacks of the protocol as data: command word, method, event and answer of each.

use std::fmt;

mod lookup;

/// When a callback is sent, and so what its answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before something happens: the answer decides whether and how.
    Before,
    /// After it happened: the answer is an acknowledgement, and nothing can be refused.
    After,
    /// A request for data: the answer carries it.
    Reply,
}

impl Phase {
    /// The word for it in logs and tables: `before`, `after` or `reply`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Reply => "reply",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One callback of the protocol, as data: a row of the table that [`CallbackHandler`](crate::CallbackHandler) is made
/// from.
///
/// All of them are in [`CALLBACKS`](crate::CALLBACKS).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Callback {
    /// The vendor's command word, as the query has it: `Group.CallbackBeforeCreateTopic`.
    pub command: &'static str,
    /// The vendor's English title of the callback; `None` where no page has one.
    pub title: Option<&'static str>,
    /// The vendor's Chinese title of the callback; `None` where no page has one.
    pub title_zh: Option<&'static str>,
    /// The method of [`CallbackHandler`](crate::CallbackHandler) that is called for it.
    pub method: &'static str,
    /// The method's parameter, as a path in this crate: `group::BeforeCreateTopic`.
    pub event: &'static str,
    /// What the method answers with, as in its signature: `Decision<GroupCode>`.
    pub answer: &'static str,
    /// Whether it is sent before or after the fact.
    pub phase: Phase,
    /// The documentation of the method, in Markdown.
    pub docs: &'static str,
    pub(crate) index: usize,
}

impl Callback {
    /// The callback with this command word, spelled exactly so; `None` for a word that this version does not know.
    ///
    /// Four callbacks are also found by an alias, which some page of the vendor has:
    ///
    /// | word | callback |
    /// | --- | --- |
    /// | `Live.CallbackAfterCloudRecordingChanged` | `Follow.CallbackAfterCloudRecordingChanged` |
    /// | `Live.CallbackMemberStateChanged` | `Live.CallbackAfterMemberStateChanged` |
    /// | `Room.CallbackUpdateRoomInfo` | `Room.CallbackAfterUpdateRoomInfo` |
    /// | `ChatBot.OnAssignAgent` | `ChatBot.OnAssignHuman` |
    #[must_use]
    pub fn find(command: &str) -> Option<&'static Self> {
        Self::named(command).or_else(|| Self::by_alias(command).map(|(_, callback)| callback))
    }

    /// The callback with exactly this command word.
    pub(crate) fn named(command: &str) -> Option<&'static Self> {
        lookup::find(command)
    }

    /// The callback that has this alias, and the alias.
    pub(crate) fn by_alias(command: &str) -> Option<(&'static str, &'static Self)> {
        let (word, own) = ALIASES.iter().find(|(word, _)| *word == command)?;
        Some((word, Self::named(own)?))
    }
}

impl PartialEq for Callback {
    fn eq(&self, other: &Self) -> bool {
        self.command == other.command
    }
}

impl Eq for Callback {}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("command", &self.command)
            .field("method", &self.method)
            .field("event", &self.event)
            .field("answer", &self.answer)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// Aliases of command words, each with the command that is meant.
static ALIASES: [(&str, &str); 4] = [
    // Recording has nothing to do with following: 647/78428 looks copied from the page of another callback.
    ("Live.CallbackAfterCloudRecordingChanged", "Follow.CallbackAfterCloudRecordingChanged"),
    // In the parameters of 647/64424, whose body has the whole word.
    ("Live.CallbackMemberStateChanged", "Live.CallbackAfterMemberStateChanged"),
    // In two lists of the vendor; the page of the callback has the other.
    ("Room.CallbackUpdateRoomInfo", "Room.CallbackAfterUpdateRoomInfo"),
    // In another edition of the page, 1047/63270.
    ("ChatBot.OnAssignAgent", "ChatBot.OnAssignHuman"),
];
