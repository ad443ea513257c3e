//! `Debug` for events that hold what people wrote: all but that.

/// Implements `Debug` for a type, with only the lengths of some fields.
///
/// All fields are named, so that a new one does not compile before it is decided where it belongs.
macro_rules! discreet_debug {
    ($Type:ident, hidden: [$($hidden:ident),+ $(,)?], shown: [$($shown:ident),+ $(,)?]) => {
        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($hidden,)+ $($shown,)+ } = self;
                f.debug_struct(stringify!($Type))
                    $( .field(stringify!($shown).trim_start_matches("r#"), $shown) )+
                    $( .field(concat!(stringify!($hidden), "_length"), &crate::discreet::Hidden::length($hidden)) )+
                    .finish()
            }
        }
    };
}

pub(crate) use discreet_debug;

/// What has no place in logs, apart from how much of it there is.
pub(crate) trait Hidden {
    /// `None` for what is absent.
    fn length(&self) -> Option<usize>;
}

impl Hidden for String {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl Hidden for Vec<String> {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Hidden> Hidden for Option<T> {
    fn length(&self) -> Option<usize> {
        self.as_ref().and_then(T::length)
    }
}
