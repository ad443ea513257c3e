//! What the operator of a program sets, in its environment.

use std::{env, ffi::OsString, fmt, str::FromStr};

use anyhow::{Context as _, Result, anyhow};

/// The settings of a receiver.
///
/// | variable | meaning |
/// | --- | --- |
/// | `SDK_APP_ID` | the `SDKAppID` of the application, from the console |
/// | `CALLBACK_TOKEN` | the token that is set in the console next to the callback URL |
/// | `CALLBACK_TOKEN_PREVIOUS` | the one before it, while the token is being changed |
/// | `LISTEN` | where to listen: `127.0.0.1:8080` by default |
/// | `FORBIDDEN_WORDS` | what no topic's name may contain, divided by commas |
/// | `TOPICS_PER_CREATOR` | how many topics one user may have created: 20 by default |
pub struct Settings {
    /// `SDK_APP_ID`
    pub app_id: u64,
    /// `CALLBACK_TOKEN`, and `CALLBACK_TOKEN_PREVIOUS` if it is set.
    pub tokens: Vec<String>,
    /// `LISTEN`
    pub listen: String,
    /// `FORBIDDEN_WORDS`
    pub forbidden_words: Vec<String>,
    /// `TOPICS_PER_CREATOR`
    pub topics_per_creator: usize,
}

impl Settings {
    /// Reads the environment, and says which variable is missing or wrong.
    pub fn from_env() -> Result<Self> {
        Self::read(|name| env::var_os(name))
    }

    fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        // Where variables are declared for a whole service, those not wanted are often set to nothing.
        let text = |name| variable(name).filter(|value| !value.is_empty()).map(|value| utf8(name, value)).transpose();
        let required = |name| text(name)?.with_context(|| format!("{name} is not set"));
        let words = text("FORBIDDEN_WORDS")?.unwrap_or_default();
        Ok(Self {
            app_id: number("SDK_APP_ID", &required("SDK_APP_ID")?)?,
            tokens: [Some(required("CALLBACK_TOKEN")?), text("CALLBACK_TOKEN_PREVIOUS")?]
                .into_iter()
                .flatten()
                .collect(),
            listen: text("LISTEN")?.unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            forbidden_words: words
                .split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect(),
            topics_per_creator: match text("TOPICS_PER_CREATOR")? {
                Some(limit) => number("TOPICS_PER_CREATOR", &limit)?,
                None => 20,
            },
        })
    }
}

impl fmt::Debug for Settings {
    // By hand: the tokens are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_id", &self.app_id)
            .field("listen", &self.listen)
            .field("forbidden_words", &self.forbidden_words)
            .field("topics_per_creator", &self.topics_per_creator)
            .finish_non_exhaustive()
    }
}

// `env::var` would quote the value in its error, and the value may be the token.
fn utf8(name: &str, value: OsString) -> Result<String> {
    value.into_string().map_err(|_| anyhow!("{name} is not UTF-8"))
}

fn number<T: FromStr>(name: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| anyhow!("{name} is not a whole number: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings> {
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_application_and_its_token_are_all_that_must_be_set() {
        let settings = read(&[("SDK_APP_ID", "1400000001"), ("CALLBACK_TOKEN", "a token")]).unwrap();
        assert_eq!(settings.app_id, 1_400_000_001);
        assert_eq!(settings.tokens, ["a token"]);
        assert_eq!(settings.listen, "127.0.0.1:8080");
        assert!(settings.forbidden_words.is_empty());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let error = read(&[("SDK_APP_ID", "1400000001")]).unwrap_err();
        assert_eq!(error.to_string(), "CALLBACK_TOKEN is not set");
        let error = read(&[("SDK_APP_ID", "mine"), ("CALLBACK_TOKEN", "a token")]).unwrap_err();
        assert_eq!(error.to_string(), "SDK_APP_ID is not a whole number: mine");
    }

    #[test]
    fn a_token_is_never_shown() {
        let variables = [("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", "hush"), ("CALLBACK_TOKEN_PREVIOUS", "hush too")];
        let settings = read(&variables).unwrap();
        assert_eq!(settings.tokens.len(), 2);
        assert!(!format!("{settings:?}").contains("hush"));
    }

    #[test]
    fn words_are_divided_by_commas() {
        let variables = [("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", "t"), ("FORBIDDEN_WORDS", "casino, lottery,,")];
        assert_eq!(read(&variables).unwrap().forbidden_words, ["casino", "lottery"]);
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let variables = [("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", "t"), ("CALLBACK_TOKEN_PREVIOUS", "")];
        assert_eq!(read(&variables).unwrap().tokens, ["t"]);
        let error = read(&[("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", "")]).unwrap_err();
        assert_eq!(error.to_string(), "CALLBACK_TOKEN is not set");
    }
}
