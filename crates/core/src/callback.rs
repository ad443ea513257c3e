//! The callbacks of the protocol as data: command word, method, event and answer of each.

use std::fmt;

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
