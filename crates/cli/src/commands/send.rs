//! `im-callback send`

mod expect;
mod report;

use std::{io::Write as _, num::NonZeroUsize, path::PathBuf, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use clap::Args;
use serde_json::Value;
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::{Request, Signer};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::{expect::Expect, report::Summary};
use crate::{
    body::{self, Changes},
    cli_error::{CliError, ExitStatus, say},
    client::{Client, NoAnswer},
    command_word::{self, AnyWord},
    credentials::{AppOption, Token, TokenOption, required},
    exchange::Exchange,
    fresh::freshen,
    json, number,
    paint::{BAD, HINT, WARN},
    progress::Progress,
    runtime::block_on,
    target::Target,
    untrusted_text::plain,
    when::{When, parse_duration},
};

/// Signs a callback now, posts it, and shows what was decided
#[derive(Args, Debug)]
#[command(after_long_help = "\
Each request has new ids, keys and times, as those of the service have, so that a receiver that
removes repetitions takes each for a new one. --as-is sends the sample with its own.

What can be expected, with --expect:
  ok         any answer that the service accepts; this is the default
  allow, refuse, refuse=10123, partial, discard, modify, ack, data
             what was decided, with the code that the app gave
  failed     what the service takes for a failure: a status other than 200, or a body that is no JSON
  undefined  an answer that no document gives a meaning to
  late       no answer within the 2 s that the service waits
  status=401 the HTTP status

Exit status: 0 if all answers are as expected, 1 if one is not, 3 if the endpoint cannot be reached.

Examples:
  im-callback send :8080/callback Group.CallbackBeforeCreateTopic
  im-callback send :8080/callback Group.CallbackBeforeCreateTopic --set /Name='free spam' --expect refuse=10123
  im-callback send :8080/callback --body message.json
  im-callback send :8080/callback State.StateChange --unsigned --expect status=401
  im-callback send :8080/callback State.StateChange --time -61s --expect status=401
  im-callback send :8080/callback State.StateChange --repeat 1000 --parallel 8")]
pub(crate) struct Send {
    /// The endpoint; `:8080/callback` is short for `http://127.0.0.1:8080/callback`
    url: Target,
    /// The callback: its command word, method or event; with --body any word, or the one in the body
    #[arg(required_unless_present = "body", value_parser = AnyWord, hide_possible_values = true)]
    command: Option<String>,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
    /// A body of your own instead of the sample; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "variant")]
    body: Option<PathBuf>,
    /// The sample with this name instead of the plainest
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    #[command(flatten)]
    changes: Changes,
    /// The sample with its own ids, keys and times; without this each request has new ones
    #[arg(long, conflicts_with = "body")]
    as_is: bool,
    /// Where the client is that caused it, `ClientIP` in the query
    #[arg(long, value_name = "ADDRESS")]
    client_ip: Option<String>,
    /// What the client runs on, `OptPlatform` in the query
    #[arg(long, value_name = "WORD")]
    platform: Option<String>,
    /// The id of the request, `RequestID` in the query: a new UUID for each request by default, none if it is empty
    #[arg(long, value_name = "ID", value_parser = request_id)]
    request_id: Option<String>,
    /// The time to sign for: Unix seconds, or from now as in `-90s` and `+2m`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time: Option<When>,
    /// Without `Sign` and `RequestTime`
    #[arg(long, conflicts_with_all = ["time", "token_file"])]
    unsigned: bool,
    /// What the answer has to be
    #[arg(long, value_name = "ANSWER")]
    expect: Option<Expect>,
    /// How many times to send it
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true, value_parser = number::count)]
    repeat: NonZeroUsize,
    /// How many to send at a time
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true, value_parser = number::count)]
    parallel: NonZeroUsize,
    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10s")]
    timeout: Duration,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// An id that needs no encoding in a query.
fn request_id(text: &str) -> Result<String, String> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.~".contains(char);
    if text.chars().all(is_plain) { Ok(text.to_owned()) } else { Err("it has letters, digits and `-_.~` only".into()) }
}

impl Send {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let content = self.content()?;
        let (app, signer) = if self.unsigned {
            (self.app.required()?, None)
        } else {
            let (app, tokens) = required(&self.app, &self.token)?;
            (app, tokens.first().map(Token::signer))
        };
        let client = Client::new(self.url.clone(), self.timeout).map_err(CliError::Usage)?;
        let content = Content { app, signer, ..content };
        if self.repeat.get() == 1 {
            return block_on(self.once(&client, &content.command, &self.request(&content)?))?;
        }
        let summary = block_on(self.many(client, &content))??;
        let mut out = anstream::stdout();
        if self.json {
            writeln!(out, "{}", json::line(&summary.json()))?;
        } else {
            write!(out, "{summary}")?;
        }
        Ok(ExitStatus::met_if(summary.is_met()))
    }

    /// The command word and the body that goes with it.
    fn content(&self) -> Result<Content, CliError> {
        let content = |command: &str, body| Content { command: command.into(), body, app: 0, signer: None };
        let Some(path) = &self.body else {
            let word = self.command.as_deref().unwrap_or_default();
            let callback = command_word::find(word).ok_or_else(|| unknown(word))?;
            let sample = body::sample_of(callback.command, self.variant.as_deref())?;
            // A change that cannot be made is reported before the first request.
            self.changes.make(Some(callback), &mut sample.clone())?;
            return Ok(content(callback.command, Body::Sample(callback, sample)));
        };
        let bytes = body::read(path)?;
        let parsed: Result<Value, _> = serde_json::from_slice(&bytes);
        let command = match (&self.command, &parsed) {
            (Some(word), _) => command_word::find(word).map_or_else(
                || {
                    let shown = plain(word);
                    say(format_args!("{HINT}note:{HINT:#} no callback has the command `{shown}`; it is sent as it is"));
                    word.clone()
                },
                |callback| callback.command.to_owned(),
            ),
            (None, Ok(body)) => {
                let named = body.get("CallbackCommand").and_then(Value::as_str);
                named
                    .ok_or_else(|| CliError::usage("the body names no `CallbackCommand`\ngive the command too"))?
                    .to_owned()
            }
            (None, Err(error)) => {
                return Err(CliError::usage(format!(
                    "the body is not JSON: {error}\ngive the command to send it all the same"
                )));
            }
        };
        if self.changes.is_empty() {
            return Ok(content(&command, Body::Bytes(bytes.into())));
        }
        let mut value = parsed.map_err(|error| CliError::usage(format!("the body is not JSON: {error}")))?;
        self.changes.make(command_word::find(&command), &mut value)?;
        Ok(content(&command, Body::Bytes(value.to_string().into())))
    }

    /// A request with what is new in each: ids, keys and times, and the signature, which a long run outlives.
    fn request(&self, content: &Content) -> Result<Request, CliError> {
        let body = match &content.body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::Sample(callback, sample) => {
                let mut sample = sample.clone();
                if !self.as_is {
                    freshen(callback, &mut sample);
                }
                self.changes.make(Some(callback), &mut sample)?;
                sample.to_string().into()
            }
        };
        let mut request = Request::new(&*content.command, body).app_id(content.app);
        if let Some(client_ip) = &self.client_ip {
            request = request.client_ip(client_ip);
        }
        if let Some(platform) = &self.platform {
            request = request.platform(platform);
        }
        Ok(signed(self.with_id(request), content.signer.as_ref(), self.time))
    }

    /// The request with the id that the service gives to each.
    fn with_id(&self, request: Request) -> Request {
        match self.request_id.as_deref() {
            Some("") => request,
            Some(id) => request.with("RequestID", id),
            None => request.with("RequestID", Uuid::new_v4().to_string()),
        }
    }

    async fn once(&self, client: &Client, command: &str, request: &Request) -> Result<ExitStatus, CliError> {
        let exchange = exchange(client, command, request).await;
        let expect = self.expect.unwrap_or(Expect::Taken);
        let is_met = expect.is_met(&exchange);
        if let Err(error @ (NoAnswer::Unreachable(_) | NoAnswer::Broken(_))) = &exchange {
            return Err(CliError::Unreachable(error.to_string()));
        }
        let mut out = anstream::stdout();
        if self.json {
            writeln!(out, "{}", json::line(&report::json(command, &exchange, is_met)))?;
        } else {
            writeln!(out, "{}", report::Shown { command, exchange: &exchange })?;
        }
        if !is_met && self.expect.is_some() {
            say(format_args!("{BAD}unexpected:{BAD:#} {expect} was expected"));
        }
        Ok(ExitStatus::met_if(is_met))
    }

    async fn many(&self, client: Client, content: &Content) -> Result<Summary, CliError> {
        let (command, total) = (&content.command, self.repeat.get());
        let mut summary = Summary::new(command, self.expect.unwrap_or(Expect::Taken), self.parallel.get());
        let mut progress = Progress::new(Some(total));
        let mut running = JoinSet::new();
        let mut begun = 0;
        let mut interrupted = pin!(tokio::signal::ctrl_c());
        loop {
            while begun < total && running.len() < self.parallel.get() {
                let (client, command, request) = (client.clone(), Arc::clone(command), self.request(content)?);
                running.spawn(async move { exchange(&client, &command, &request).await });
                begun += 1;
            }
            let ended = tokio::select! {
                // Without signals Ctrl-C ends the process by itself.
                Ok(()) = &mut interrupted => {
                    progress.clear();
                    say(format_args!("{WARN}interrupted{WARN:#} after {} of {total} requests", summary.count()));
                    return summary.interrupted();
                }
                ended = running.join_next() => ended,
            };
            match ended {
                Some(Ok(exchange)) => summary.add(exchange),
                Some(Err(error)) => return Err(CliError::usage(format!("a request has failed itself: {error}"))),
                None => break,
            }
            progress.done(summary.count());
        }
        progress.clear();
        summary.finish()
    }
}

/// What is sent.
struct Content {
    command: Arc<str>,
    body: Body,
    app: u64,
    signer: Option<Signer>,
}

enum Body {
    /// The user's own.
    Bytes(Bytes),
    Sample(&'static Callback, Value),
}

/// The request, signed for `time` or now.
fn signed(request: Request, signer: Option<&Signer>, time: Option<When>) -> Request {
    let Some(signer) = signer else { return request.unsigned() };
    let request = request.signed_by(signer);
    match time {
        Some(time) => request.at(time.to_system_time()),
        None => request,
    }
}

async fn exchange(client: &Client, command: &str, request: &Request) -> Result<Exchange, NoAnswer> {
    let request = request.build().map_err(|error| NoAnswer::broken(&error))?;
    Exchange::run(client, command, request).await
}

fn unknown(word: &str) -> CliError {
    let hint = match command_word::near(word).as_slice() {
        [] => "'im-callback list' shows all of them".to_owned(),
        near => format!("did you mean {}?", near.join(", ")),
    };
    CliError::usage(format!("no callback has the command `{word}`\n{hint}"))
}
