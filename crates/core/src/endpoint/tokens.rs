//! The types that tokens are given as, and the check of tokens.

use crate::{BuildError, endpoint::signature::Token};

/// Seals [`IntoTokens`]: no type outside this crate can implement it.
pub(crate) trait Sealed {
    /// The tokens, one by one.
    fn into_texts(self) -> Vec<String>;
}

/// One token or several: what [`EndpointBuilder::app`](crate::EndpointBuilder::app) takes.
///
/// A `&str`, a `String` or a `&String` is one token. An array, a slice or a `Vec` of those, or a reference to one,
/// is several.
///
/// ```
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let from_settings: Vec<String> = "the new token,the old token".split(',').map(str::to_owned).collect();
///
/// let one = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
/// let two = Endpoint::builder(App).app(1_400_000_001, ["the new token", "the old token"]).build()?;
/// let same = Endpoint::builder(App).app(1_400_000_001, &from_settings).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// Nothing else is a token. An iterator of characters is not: each of them would be a token of one letter.
///
/// ```compile_fail,E0277
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token".chars()).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// ```compile_fail,E0277
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, ['t', 'o', 'k', 'n']).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// ```compile_fail,E0277
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App).app_with(1_400_000_001, 't', App).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// An iterator is collected first:
///
/// ```compile_fail,E0277
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "new token,old token".split(',')).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// ```
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let tokens: Vec<_> = "new token,old token".split(',').collect();
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, tokens).build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a token nor a list of tokens",
    label = "expected one token, a `&str` or `String`, or several in an array, a slice or a `Vec`",
    note = "one token: `.app(app_id, \"the token\")`",
    note = "several tokens: `.app(app_id, [\"the new token\", \"the old token\"])`"
)]
#[expect(private_bounds, reason = "only text and lists of text are tokens")]
pub trait IntoTokens: Sealed {}

/// Implements the trait for a type of text and for every list of it. Written out, so that one error message names them
/// all.
macro_rules! tokens {
    ($($text:ty),*) => {
        $(
            one!($text);
            several!(Vec<$text>, &Vec<$text>, &[$text]);

            impl<const N: usize> Sealed for [$text; N] {
                fn into_texts(self) -> Vec<String> {
                    self.into_iter().map(Into::into).collect()
                }
            }

            impl<const N: usize> Sealed for &[$text; N] {
                fn into_texts(self) -> Vec<String> {
                    self.iter().map(|text| text.to_owned().into()).collect()
                }
            }

            impl<const N: usize> IntoTokens for [$text; N] {}
            impl<const N: usize> IntoTokens for &[$text; N] {}
        )*
    };
}

macro_rules! one {
    ($text:ty) => {
        impl Sealed for $text {
            fn into_texts(self) -> Vec<String> {
                vec![self.into()]
            }
        }

        impl IntoTokens for $text {}
    };
}

macro_rules! several {
    ($($list:ty),*) => {
        $(
            impl Sealed for $list {
                fn into_texts(self) -> Vec<String> {
                    self.iter().map(|text| text.to_owned().into()).collect()
                }
            }

            impl IntoTokens for $list {}
        )*
    };
}

tokens!(&str, String, &String);

/// The fewest characters of a token. A shorter one is guessed too easily.
const SHORTEST: usize = 4;

/// The tokens of an application, ready to verify; or the fault of one of them.
pub(super) fn checked(app_id: u64, tokens: &[String]) -> Result<Box<[Token]>, BuildError> {
    if tokens.is_empty() {
        return Err(BuildError::NoToken { app_id });
    }
    tokens.iter().map(|token| check(app_id, token).map(|()| Token::new(token))).collect()
}

fn check(app_id: u64, token: &str) -> Result<(), BuildError> {
    if token.is_empty() {
        return Err(BuildError::EmptyToken { app_id });
    }
    if token.trim() != token {
        return Err(BuildError::PaddedToken { app_id });
    }
    if ['"', '\''].into_iter().any(|quote| token.starts_with(quote) && token.ends_with(quote)) {
        return Err(BuildError::QuotedToken { app_id });
    }
    if token.chars().count() < SHORTEST {
        return Err(BuildError::ShortToken { app_id });
    }
    Ok(())
}
