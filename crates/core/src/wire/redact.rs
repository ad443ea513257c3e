//! `Debug` for events that hold what people wrote: all but that.

/// Implements `Debug` for a type, with only the lengths of some fields.
///
/// All fields are named, so that a new one does not compile before it is decided where it belongs.
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

/// What has no place in logs, apart from how much of it there is.
pub(crate) trait Redacted {
    /// `None` for what is absent.
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

impl<T: Redacted> Redacted for Option<T> {
    fn length(&self) -> Option<usize> {
        self.as_ref().and_then(T::length)
    }
}
