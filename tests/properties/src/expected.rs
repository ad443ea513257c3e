//! What a query should lead to: the contract in the simplest words, without regard to speed, and
//! without a line of the library's.

use tencent_im_callback::Callback;
use tencent_im_callback_testkit::Signer;

use crate::signing::{APPS, NOW};

/// The parameters of the protocol, in the order of [`Parameters::known`].
const KNOWN: [&str; 8] =
    ["SdkAppid", "CallbackCommand", "WebhookCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"];

/// What should become of a request with this query.
pub(crate) enum Expected {
    /// 400.
    Malformed,
    /// 403.
    WrongApp,
    /// 401.
    Unauthenticated,
    /// 200, and no method is called.
    Check,
    /// The handler is asked.
    Admitted(Box<Parameters>),
}

/// A query, taken apart.
#[derive(Default)]
pub(crate) struct Parameters {
    known: [Option<String>; KNOWN.len()],
    /// The others, decoded where they can be.
    pub(crate) others: Vec<(String, String)>,
}

impl Parameters {
    fn parse(query: &str) -> Option<Self> {
        let mut parameters = Self::default();
        for piece in query.split('&').filter(|piece| !piece.is_empty()) {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            let decoded_key = percent_decoded(key).unwrap_or_else(|| key.to_owned());
            if let Some(place) = KNOWN.iter().position(|known| known.eq_ignore_ascii_case(&decoded_key)) {
                if parameters.known[place].replace(percent_decoded(value)?).is_some() {
                    return None;
                }
            } else {
                let value = percent_decoded(value).unwrap_or_else(|| value.to_owned());
                parameters.others.push((decoded_key, value));
            }
        }
        Some(parameters)
    }

    /// A parameter by its name; empty is the same as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let place = KNOWN.iter().position(|known| *known == name).expect("a parameter of the protocol");
        self.known[place].as_deref().filter(|value| !value.is_empty())
    }

    pub(crate) fn command(&self) -> &str {
        self.get("CallbackCommand").or_else(|| self.get("WebhookCommand")).unwrap_or_default()
    }

    fn is_signed_with(&self, tokens: &[&str]) -> bool {
        let (Some(sign), Some(time)) = (self.get("Sign"), self.get("RequestTime")) else { return false };
        let signs = |token: &&str| Signer::new(*token).sign(time) == sign.to_ascii_lowercase();
        // Zeros in front might as well be the end of the token.
        let Some(at) = number(time).filter(|at| at.to_string() == time) else { return false };
        at.abs_diff(NOW) <= 60 && tokens.iter().any(signs)
    }
}

impl Expected {
    pub(crate) fn on(query: &str) -> Self {
        let Some(parameters) = Parameters::parse(query) else { return Self::Malformed };
        let id = parameters.get("SdkAppid");
        let app = id.and_then(number).and_then(|id| APPS.into_iter().find(|app| app.0 == id));
        let is_signed = |(_, tokens): (u64, &[&str])| parameters.is_signed_with(tokens);
        match app {
            Some(app) if is_signed(app) => Self::Admitted(parameters.into()),
            Some(_) => Self::Unauthenticated,
            None if id.is_none()
                && Callback::find(parameters.command()).is_none()
                && APPS.into_iter().any(is_signed) =>
            {
                Self::Check
            }
            None => Self::WrongApp,
        }
    }
}

/// A number that is written with digits and nothing else.
fn number(text: &str) -> Option<u64> {
    if text.chars().all(|char| char.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}
