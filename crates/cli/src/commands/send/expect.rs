//! What an answer is expected to be.

use std::{fmt, str::FromStr};

use crate::{client::NoAnswer, exchange::Exchange};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// Anything that the service understands, in time.
    Taken,
    /// This word for what was decided.
    Word(&'static str),
    /// A refusal with this code, of the whole or of every account.
    Code(u32),
    Status(u16),
}

const WORDS: [&str; 9] = ["allow", "refuse", "partial", "discard", "modify", "ack", "data", "failed", "undefined"];

impl Expect {
    pub(super) fn is_met(self, exchange: &Result<Exchange, NoAnswer>) -> bool {
        let exchange = match exchange {
            Ok(exchange) => exchange,
            Err(NoAnswer::Late(_)) => return self == Self::Word("late"),
            Err(_) => return false,
        };
        match self {
            Self::Taken => exchange.is_taken(),
            Self::Word(word) => exchange.word() == word,
            Self::Code(code) => exchange.word() == "refuse" && exchange.codes().all(|found| found == code),
            Self::Status(status) => exchange.answer.status().as_u16() == status,
        }
    }
}

impl FromStr for Expect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |what: &str, value: &str| format!("`{value}` is no {what}");
        if let Some(code) = text.strip_prefix("refuse=") {
            return code.parse().map(Self::Code).map_err(|_| number("code", code));
        }
        if let Some(status) = text.strip_prefix("status=") {
            return match status.parse() {
                Ok(status @ 100..=999) => Ok(Self::Status(status)),
                _ => Err(number("HTTP status", status)),
            };
        }
        match text {
            "ok" => Ok(Self::Taken),
            "late" => Ok(Self::Word("late")),
            _ => WORDS
                .into_iter()
                .find(|word| *word == text)
                .map(Self::Word)
                .ok_or_else(|| format!("it is one of: ok, {}, late, refuse=CODE, status=STATUS", WORDS.join(", "))),
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("ok"),
            Self::Word(word) => f.write_str(word),
            Self::Code(code) => write!(f, "refuse={code}"),
            Self::Status(status) => write!(f, "status={status}"),
        }
    }
}
