//! Enums of the vendor's texts and numbers. The vendor adds values, so each enum keeps a value that it does not know.

use std::fmt;

/// A text of the vendor's that this version does not know: the payload of the variant `Other` of enums such as
/// [`Platform`](crate::Platform).
///
/// It can be matched and read, and not made. To make a value of such an enum use `From<&str>`, which finds the known
/// variant when there is one, so that equal texts are equal values:
///
/// ```
/// use tencent_im_callback::Platform;
///
/// assert_eq!(Platform::from("Web"), Platform::Web);
/// let Platform::Other(text) = Platform::from("Fridge") else { unreachable!() };
/// assert_eq!(text.as_str(), "Fridge");
/// # assert_eq!(format!("{:?}", Platform::from("Fridge")), r#"Other("Fridge")"#);
/// ```
///
/// ```compile_fail,E0277
/// # use tencent_im_callback::Platform;
/// let web = Platform::Other("Web".into());
/// ```
/// ```compile_fail,E0423
/// # use tencent_im_callback::{OtherText, Platform};
/// let web = Platform::Other(OtherText("Web".into()));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OtherText(Box<str>);

impl OtherText {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OtherText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of the vendor's that this version does not know: the payload of the variant `Other` of enums such as
/// [`ExtensionOperation`](crate::message::ExtensionOperation).
///
/// It can be matched and read, and not made. To make a value of such an enum use `From<i64>`, which finds the known
/// variant when there is one:
///
/// ```
/// use tencent_im_callback::message::ExtensionOperation;
///
/// assert_eq!(ExtensionOperation::from(1), ExtensionOperation::Set);
/// let ExtensionOperation::Other(number) = ExtensionOperation::from(99) else { unreachable!() };
/// assert_eq!(number.code(), 99);
/// ```
///
/// ```compile_fail,E0308
/// # use tencent_im_callback::message::ExtensionOperation;
/// let set = ExtensionOperation::Other(1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OtherCode(i64);

impl OtherCode {
    pub(crate) const fn new(code: i64) -> Self {
        Self(code)
    }

    /// The number as it was sent.
    #[must_use]
    pub const fn code(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for OtherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes an enum of the vendor's texts.
///
/// ```text
/// string_enum! {
///     /// How the user is reached.
///     pub enum Channel {
///         /// By mail.
///         Mail = "Mail" | "E-Mail",
///         /// By telephone.
///         Phone = "Phone",
///     }
/// }
/// ```
///
/// becomes
///
/// ```text
/// /// How the user is reached.
/// #[non_exhaustive]
/// pub enum Channel { Mail, Phone, Other(OtherText) }
/// ```
///
/// with `as_str`, `Display` and `Serialize`, which write the first text of a variant, and with `From<&str>` and
/// `Deserialize`, which read each text of a variant. Reading ignores ASCII case, because the pages of one command do
/// not always agree on it.
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
            /// A text that this version does not know.
            Other(crate::OtherText),
        }

        impl $Name {
            /// The vendor's text; for [`Other`](Self::Other) the text that was sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$Variant => $word, )*
                    Self::Other(other) => other.as_str(),
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
                Self::Other(crate::OtherText::new(word))
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

/// Makes an enum of the vendor's numbers.
///
/// ```text
/// int_enum! {
///     /// How the call ended.
///     pub enum CallEnd {
///         /// A participant ended it.
///         Ended = 1,
///         /// No participant answered.
///         Missed = 2,
///     }
/// }
/// ```
///
/// becomes
///
/// ```text
/// /// How the call ended.
/// #[non_exhaustive]
/// pub enum CallEnd { Ended, Missed, Other(OtherCode) }
/// ```
///
/// with `code` and `Serialize`, which write the number, and with `From<i64>` and `Deserialize`, which read it.
/// `Deserialize` accepts the number in each form of [`lenient::int`](crate::wire::lenient::int).
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
            Other(crate::OtherCode),
        }

        impl $Name {
            /// The vendor's number; for [`Other`](Self::Other) the number that was sent.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $( Self::$Variant => $code, )*
                    Self::Other(other) => other.code(),
                }
            }
        }

        impl From<i64> for $Name {
            fn from(code: i64) -> Self {
                match code {
                    $( $code => Self::$Variant, )*
                    _ => Self::Other(crate::OtherCode::new(code)),
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

/// Reads a text by reference, so that a known text is not copied.
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
