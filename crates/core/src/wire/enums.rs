//! Sets of words and of numbers that look closed and are not: what is unknown is kept as it came.

/// Makes an enum of known words, each with the spellings it has been seen in, and `Other` for the rest.
///
/// Words are compared ignoring case: the pages of one command do not always agree on it.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $word:literal $(| $alias:literal)* ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* $Variant, )*
            /// A word that this version does not know, as it came.
            Other(Box<str>),
        }

        impl $Name {
            /// The vendor's word; for [`Other`](Self::Other) the word that came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$Variant => $word, )*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $Name {
            fn from(word: &str) -> Self {
                $(
                    if word.eq_ignore_ascii_case($word) $(|| word.eq_ignore_ascii_case($alias))* {
                        return Self::$Variant;
                    }
                )*
                Self::Other(word.into())
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::wire::enums::WordVisitor(std::marker::PhantomData))
            }
        }
    };
}

/// Makes an enum of known numbers, and `Other` for the rest.
macro_rules! int_enum {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $code:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $( $(#[$variant_meta])* $Variant, )*
            /// A number that this version does not know.
            Other(i64),
        }

        impl $Name {
            /// The number that stands for it.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $( Self::$Variant => $code, )*
                    Self::Other(code) => code,
                }
            }
        }

        impl From<i64> for $Name {
            fn from(code: i64) -> Self {
                match code {
                    $( $code => Self::$Variant, )*
                    _ => Self::Other(code),
                }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::wire::lenient::int::<D, i64>(deserializer).map(Self::from)
            }
        }
    };
}

pub(crate) use int_enum;
pub(crate) use string_enum;

/// Reads a word without keeping it where it is known.
pub(crate) struct WordVisitor<T>(pub(crate) std::marker::PhantomData<T>);

impl<T: for<'a> From<&'a str>> serde::de::Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
        Ok(word.into())
    }
}
