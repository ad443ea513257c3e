//! `im-callback verify`

use std::{
    fmt,
    io::{Read as _, Write as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, Uri};
use serde::Serialize;

use crate::{
    body::on_terminal,
    cli_error::{CliError, ExitStatus},
    credentials::{AppOption, Token, TokenOption},
    diagnosis::{Finding, State, WINDOW, diagnose},
    json, layout,
    paint::{BAD, FAINT, GOOD, WARN},
    reference::Reference,
    runtime::block_on,
    untrusted_text::plain,
    when::When,
};

/// Checks whether a request's query proves that the service sent it, and if not, why
#[derive(Args, Debug)]
#[command(after_long_help = "\
It takes a query string, a URL, or a line of an access log, and exits with 1 if a receiver would
refuse the request. Several lines in the token file are several tokens, as while one is changed.

Examples:
  im-callback verify 'SdkAppid=1400000001&CallbackCommand=State.StateChange&Sign=17..&RequestTime=1669872112'
  im-callback verify --time 1669872112 \"$(im-callback sign --time 1669872112)\"
  grep callback access.log | tail -1 | im-callback verify -")]
pub(crate) struct Verify {
    /// The query, the URL or the log line; `-` reads it from standard input
    #[arg(value_name = "QUERY", default_value = "-", hide_default_value = true)]
    query: String,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
    /// What the receiver's clock shows: Unix seconds, or from now as in `-90s` and `+2m`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time: Option<When>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    authentic: bool,
    status: u16,
    findings: &'a [Finding],
}

impl Verify {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let tokens = self.token.required_even_in_quotes()?;
        let text = self.text()?;
        let query = query_of(&text);
        let now = self.time.map_or_else(SystemTime::now, When::to_system_time);
        let mut findings = diagnose(query, self.app.app, &tokens, now);
        // An application that was not named is believed.
        let app = self.app.app.or_else(|| app_in(query)).unwrap_or_default();
        // No receiver is built with a token in quotes: the token within them is used here.
        let (quoted, plain): (Vec<_>, Vec<_>) = tokens.iter().cloned().partition(|token| token.unquoted().is_some());
        let is_quoted = plain.is_empty();
        let tokens = if is_quoted { quoted.iter().filter_map(Token::unquoted).collect() } else { plain };
        let reference = Reference::new(app, &tokens, Some(now)).map_err(|error| CliError::usage(error.to_string()))?;
        let mut request = Request::new(Bytes::from_static(b"{}"));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri(query)?;
        let expected = block_on(reference.answer(request))?;
        let authentic = expected.is_authentic() && !is_quoted;
        if authentic {
            // A receiver ignores these findings, so they are notes.
            findings
                .iter_mut()
                .filter(|finding| finding.state == State::Bad)
                .for_each(|finding| finding.state = State::Note);
        }
        // Until then the line is as good as a password.
        if let Some(seconds) = left(query, now).filter(|_| authentic) {
            findings.push(Finding::warning(seconds));
        }
        let status = match expected.response.status().as_u16() {
            _ if authentic => 200,
            // Only the quotes are wrong.
            _ if expected.is_authentic() => 401,
            status => status,
        };
        let mut out = anstream::stdout();
        if self.json {
            let report = Report { authentic, status, findings: &findings };
            writeln!(out, "{}", json::indented(&report)?)?;
            return Ok(ExitStatus::met_if(authentic));
        }
        for finding in &findings {
            writeln!(out, "{}", Line(finding))?;
        }
        if authentic {
            writeln!(out, "{GOOD}authentic{GOOD:#}: a receiver takes it")?;
        } else {
            writeln!(out, "{BAD}not authentic{BAD:#}: a receiver answers with status {status}")?;
        }
        Ok(ExitStatus::met_if(authentic))
    }

    fn text(&self) -> Result<String, CliError> {
        if self.query != "-" {
            return Ok(self.query.clone());
        }
        on_terminal("a query, a URL or a line of an access log");
        let mut text = String::new();
        let stdin = &mut std::io::stdin().lock();
        stdin.read_to_string(&mut text).map_err(|error| CliError::usage(format!("standard input: {error}")))?;
        Ok(text)
    }
}

/// The query within a URL or a log line.
fn query_of(text: &str) -> &str {
    let text = text.trim();
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let end = query.find(|char: char| char.is_whitespace() || matches!(char, '"' | '#' | '\'')).unwrap_or(query.len());
    &query[..end]
}

fn app_in(query: &str) -> Option<u64> {
    let mut pieces = query.split('&').filter_map(|piece| piece.split_once('='));
    pieces.find(|(key, _)| key.eq_ignore_ascii_case("SdkAppid")).and_then(|(_, value)| value.parse().ok())
}

fn uri(query: &str) -> Result<Uri, CliError> {
    format!("/?{query}")
        .parse()
        .map_err(|error| CliError::usage(format!("no HTTP request can have this query: {error}")))
}

/// For how many seconds more the signature of a query is good, by the real clock too.
fn left(query: &str, now: SystemTime) -> Option<u64> {
    let mut pieces = query.split('&').filter_map(|piece| piece.split_once('='));
    let (_, time) = pieces.find(|(key, _)| key.eq_ignore_ascii_case("RequestTime"))?;
    let end = UNIX_EPOCH.checked_add(Duration::from_secs(time.parse::<u64>().ok()?.checked_add(WINDOW)?))?;
    end.duration_since(now.max(SystemTime::now())).ok().map(|left| left.as_secs())
}

/// Where the third column begins.
const MARGIN: usize = 23;

/// A finding as people read it.
pub(crate) struct Line<'a>(pub(crate) &'a Finding);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { about, state, found, cause } = self.0;
        let (style, word) = match state {
            State::Ok => (GOOD, "ok"),
            State::Note => (WARN, "note"),
            State::Bad => (BAD, "bad"),
        };
        let wrapped = |text: &str| layout::wrapped(&plain(text), MARGIN, layout::width());
        write!(f, "{style}{word:4}{style:#}  {about:15}  {}", wrapped(found))?;
        match cause {
            Some(cause) => write!(f, "\n{:MARGIN$}{FAINT}{}{FAINT:#}", "", wrapped(cause)),
            None => Ok(()),
        }
    }
}
