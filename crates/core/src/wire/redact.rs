//! `Debug` for events with texts of users: the texts are left out.

use std::collections::BTreeMap;

/// Implements `Debug` for a type, with only the lengths of some fields.
///
/// ```text
/// redacted_debug!(
///     Extension,
///     hidden: [value],
///     shown: [key, seq]
/// );
/// ```
///
/// writes `Extension { key: "colour", seq: Some(1), value_length: Some(3) }`. All fields have to be in one of the lists,
/// so a new field does not compile until it is in one of them.
macro_rules! redacted_debug {
    ($Type:ident, hidden: [$($hidden:ident),+ $(,)?], shown: [$($shown:ident),+ $(,)?]) => {
        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($hidden,)+ $($shown,)+ } = self;
                f.debug_struct(stringify!($Type))
                    $( .field(stringify!($shown).trim_start_matches("r#"), $shown) )+
                    $( .field(concat!(stringify!($hidden), "_length"), &crate::wire::redact::Redacted::length($hidden)) )+
                    .finish()
            }
        }
    };
}

pub(crate) use redacted_debug;

/// A value that logs show only the length of.
pub(crate) trait Redacted {
    /// `None` for an absent value.
    fn length(&self) -> Option<usize>;
}

impl Redacted for String {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl Redacted for Vec<String> {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T> Redacted for BTreeMap<String, T> {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Redacted> Redacted for Option<T> {
    fn length(&self) -> Option<usize> {
        self.as_ref().and_then(T::length)
    }
}
