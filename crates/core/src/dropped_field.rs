//! A field of a body that is missing in its event.

/// A field of a body that does not have the shape that its event expects, and is missing in the event.
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
