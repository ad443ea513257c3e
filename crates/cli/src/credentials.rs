//! The token and the application: from the environment or a file, so that no secret stands in a
//! command line, where other users of the machine and the shell's history see it.

use std::{env, fs, path::PathBuf};

use clap::Args;
use tencent_im_callback_testkit::Signer;

use crate::{cli_error::CliError, number};

const VARIABLE: &str = "IM_CALLBACK_TOKEN";
/// What to do with a token in quotes.
pub(crate) const REMOVE_QUOTES: &str =
    "remove the quotes: a shell removes them, `docker --env-file` and a token file keep them as a part of the token";

/// Which application it is about.
#[derive(Args, Debug)]
pub(crate) struct AppOption {
    /// The application, `SdkAppid` in the query
    #[arg(long, value_name = "ID", env = "IM_CALLBACK_APP", hide_env_values = true, value_parser = number::app)]
    pub(crate) app: Option<u64>,
}

impl AppOption {
    pub(crate) fn required(&self) -> Result<u64, CliError> {
        self.app.ok_or_else(|| CliError::usage(format!("no application is given\n{APP_HINT}")))
    }
}

/// Where the token is.
#[derive(Args, Debug)]
pub(crate) struct TokenOption {
    /// A file with the token, several lines for several tokens, in place of [env: `IM_CALLBACK_TOKEN`]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl TokenOption {
    /// The tokens, in the order of the file; none if there is neither a file nor the variable.
    pub(crate) fn tokens(&self) -> Result<Vec<Token>, CliError> {
        let (tokens, place) = self.read()?;
        if let Some(quote) = tokens.iter().find_map(Token::quote) {
            return Err(CliError::usage(format!("{place}: a token begins and ends with {quote}\n{REMOVE_QUOTES}")));
        }
        Ok(tokens)
    }

    /// The tokens also if they are in quotes, for a command that says what is wrong with them.
    pub(crate) fn required_even_in_quotes(&self) -> Result<Vec<Token>, CliError> {
        let (tokens, _) = self.read()?;
        if tokens.is_empty() { Err(no_token()) } else { Ok(tokens) }
    }

    /// The tokens, and where they are from.
    fn read(&self) -> Result<(Vec<Token>, String), CliError> {
        let (text, place) = match &self.token_file {
            Some(path) => {
                let text = fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
                (text, path.display().to_string())
            }
            None => match env::var(VARIABLE) {
                Ok(text) => (text, VARIABLE.to_owned()),
                Err(env::VarError::NotPresent) => return Ok((Vec::new(), VARIABLE.to_owned())),
                Err(env::VarError::NotUnicode(_)) => return Err(CliError::usage(format!("{VARIABLE}: not UTF-8"))),
            },
        };
        let tokens = text.lines().filter(|line| !line.is_empty()).map(|line| Token::new(line, &place));
        let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
        if tokens.is_empty() {
            return Err(CliError::usage(format!("{place}: there is no token in it")));
        }
        Ok((tokens, place))
    }

    /// The token to sign with: the first.
    pub(crate) fn signer(&self) -> Result<Option<Signer>, CliError> {
        Ok(self.tokens()?.first().map(Token::signer))
    }

    pub(crate) fn required_signer(&self) -> Result<Signer, CliError> {
        self.signer()?.ok_or_else(no_token)
    }
}

/// The application and the tokens. The error names both if both are missing.
pub(crate) fn required(app: &AppOption, token: &TokenOption) -> Result<(u64, Vec<Token>), CliError> {
    match (app.app, token.tokens()?) {
        (None, tokens) if tokens.is_empty() => {
            Err(CliError::usage(format!("neither an application nor a token is given\n{APP_HINT}\n{}", token_hint())))
        }
        (_, tokens) if tokens.is_empty() => Err(no_token()),
        (_, tokens) => Ok((app.required()?, tokens)),
    }
}

const APP_HINT: &str = "use `--app ID`, or set IM_CALLBACK_APP";

fn token_hint() -> String {
    format!("set {VARIABLE}, or name a file that holds the token with `--token-file FILE`")
}

fn no_token() -> CliError {
    CliError::usage(format!("no token is given\n{}", token_hint()))
}

/// A token. It cannot be printed: it has neither `Debug` nor `Display`.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    fn new(text: &str, place: &str) -> Result<Self, CliError> {
        // A receiver refuses such a token when it is built: it never fits what the console has.
        if text.trim() != text {
            return Err(CliError::usage(format!("{place}: a token begins or ends with white space")));
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn signer(&self) -> Signer {
        Signer::new(self.0.as_str())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The token without quotes around it, if there are any.
    pub(crate) fn unquoted(&self) -> Option<Self> {
        let quote = self.quote()?;
        let inner = self.0.strip_prefix(quote).and_then(|text| text.strip_suffix(quote))?;
        Some(Self(inner.to_owned()))
    }

    /// The quote that the token begins and ends with.
    fn quote(&self) -> Option<char> {
        ['"', '\''].into_iter().find(|quote| self.0.len() > 1 && self.0.starts_with(*quote) && self.0.ends_with(*quote))
    }
}
