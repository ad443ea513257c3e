//! `im-callback listen`

mod again;
mod answer;
mod forward;
mod next_answers;
mod seen;
mod server;

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, Response, StatusCode, Uri, request::Parts};
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::{
    Answer,
    recording::{Recorded, Writer},
};
use tokio::sync::Notify;

pub(crate) use self::next_answers::NextAnswers;
use self::{
    again::Keys,
    answer::{Rule, answer, vendor, with_body},
    forward::forward,
    seen::{Output, Seen},
    server::{Answerer, BEGINNING, Body, Storage, bind, serve},
};
use crate::{
    cli_error::{CliError, ExitStatus, say},
    client::Client,
    credentials::{AppOption, Token, TokenOption},
    decode::{callback_of, decode},
    diagnosis::diagnose,
    inspector::{Feed, Inspector, Observed, Origin, Receiver, Settings, Socket, Source, is_own},
    number,
    paint::{FAINT, STRONG, WARN},
    reference::{Reference, ReferenceAnswer},
    runtime::block_on,
    target::Target,
    untrusted_text::plain,
    when::parse_duration,
};

/// Receives callbacks and shows them; answers them, or forwards them to a receiver of yours
#[derive(Args, Debug)]
#[command(after_long_help = "\
With --ui there is a page beside the list, on a port of its own, which only this machine can open:
with it a callback is sent again or changed, and the next answer is set.

With a token, what is not authentic is answered as the library does it, and the reason is shown.
Without one everybody is believed. Bodies of up to 8 MiB are read; of one that is not authentic the
first 64 KiB are shown and recorded. With --forward-to the receiver there decides, and sees the
request as it came; through `listen` you see both. On a terminal, Enter sends the last callback to
the receiver again, with a new signature.

What can be answered, with --answer, to all callbacks or to the one that is named before a colon:
  allow                 the default; for after callbacks an acknowledgement
  refuse                refused, where that can be said
  refuse=10123,no spam  refused with a code and a text, where the code is one of the command's range
  discard               dropped silently, where that can be said
  status=503            an HTTP status, to see what becomes of failures
  {JSON} or @FILE       a body of your own

A recording holds what users wrote, and no signatures. Callbacks are added at the end of the file.

Examples:
  im-callback listen --ui
  im-callback listen --output full
  im-callback listen 0.0.0.0:9000 --forward-to :8080/callback --record today.jsonl
  im-callback listen --answer Group.CallbackBeforeSendMsg:refuse=10123,'no spam' --answer State.StateChange:status=503
  im-callback listen --filter SendMsg --output json | jq .body.MsgBody")]
pub(crate) struct Listen {
    /// Where to listen: a port, or an address with one; port 0 takes a free one
    #[arg(value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
    /// What to answer, to all callbacks or to one
    #[arg(long, value_name = "[COMMAND:]ANSWER", conflicts_with = "forward_to")]
    answer: Vec<Rule>,
    /// Opens a page that shows all callbacks, on this port or on 8079; port 0 takes a free one
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "8079")]
    ui: Option<u16>,
    /// How long to wait before answering
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    delay: Option<Duration>,
    /// The receiver to pass everything on to, and whose answers go back
    #[arg(long, value_name = "URL")]
    forward_to: Option<Target>,
    /// The file to record callbacks and answers in, as JSON Lines
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Shows and records only callbacks with one of these words in their command; all are answered
    #[arg(long, value_name = "WORD")]
    filter: Vec<String>,
    /// Lists the fields of each body that this version does not read; ends with status 1 if there were any
    #[arg(long)]
    strict: bool,
    /// How to show callbacks
    #[arg(long, value_enum, default_value_t = Output::Compact)]
    output: Output,
    /// Ends after so many callbacks that were shown
    #[arg(long, value_name = "N", value_parser = number::count)]
    count: Option<NonZeroUsize>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    text.replace("localhost", "127.0.0.1").parse().map_err(|_| "it is a port, or an IP address with a port".to_owned())
}

impl Listen {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let forward = match &self.forward_to {
            // Longer than the service waits, so that it is seen how long a late answer takes.
            Some(target) => Some(Client::new(target.clone(), Duration::from_secs(30)).map_err(CliError::Usage)?),
            None => None,
        };
        let tokens = self.token.tokens()?;
        // A fault of a token is reported before the first request.
        Reference::new(self.app.app.unwrap_or_default(), &tokens, None)
            .map_err(|error| CliError::usage(error.to_string()))?;
        let recorder = self.record.as_deref().map(open).transpose()?;
        let address = self.address;
        // A port that cannot be had is reported before the first request too.
        let page = self.ui.map(Socket::bind).transpose()?;
        let listener = Arc::new(Listener {
            tokens,
            forward,
            next: Arc::default(),
            page: OnceLock::new(),
            progress: Mutex::new(Progress { recorder, shown: 0, last: None, has_unread: false, failed: None }),
            done: Notify::new(),
            options: self,
        });
        block_on(listener.run(address, page))?
    }
}

fn open(path: &Path) -> Result<Writer<File>, CliError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    // It holds users' messages.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(Writer::new).map_err(|error| CliError::file(path, error))
}

struct Listener {
    options: Listen,
    tokens: Vec<Token>,
    forward: Option<Client>,
    /// The answers that are set on the page.
    next: Arc<NextAnswers>,
    /// Set before the first request, if there is a page.
    page: OnceLock<Feed>,
    progress: Mutex<Progress>,
    /// Notified when all callbacks are shown.
    done: Notify,
}

struct Progress {
    recorder: Option<Writer<File>>,
    shown: usize,
    /// What Enter sends again.
    last: Option<Recorded>,
    /// Whether a body had a field that this version does not read.
    has_unread: bool,
    failed: Option<CliError>,
}

impl Listener {
    async fn run(self: Arc<Self>, address: SocketAddr, page: Option<Socket>) -> Result<ExitStatus, CliError> {
        let (socket, address) =
            bind(address).await.map_err(|error| CliError::usage(format!("cannot listen on {address}: {error}")))?;
        say(format_args!("{STRONG}listening{STRONG:#} on http://{address}/, on every path"));
        if self.tokens.is_empty() {
            say(format_args!("{WARN}note{WARN:#} signatures are not checked: no token is given"));
        }
        if let Some(client) = &self.forward {
            say(format_args!("{FAINT}forwarding to {}{FAINT:#}", plain(&client.target().to_string())));
        }
        if let Some(socket) = page {
            self.open_page(socket, address)?;
        }
        let keys = if self.forward.is_some() { Keys::of_terminal() } else { Keys::none() };
        tokio::select! {
            () = serve(socket, Arc::clone(&self)) => {}
            () = self.done.notified() => {}
            () = self.send_again(keys) => {}
            () = interrupted() => {}
        }
        let Ok(mut progress) = self.progress.lock() else { return Ok(ExitStatus::Met) };
        match progress.failed.take() {
            Some(fault) => Err(fault),
            None => Ok(ExitStatus::met_if(!(self.options.strict && progress.has_unread))),
        }
    }

    fn open_page(&self, socket: Socket, address: SocketAddr) -> Result<(), CliError> {
        let receiver = match &self.options.forward_to {
            Some(target) if is_own(target, socket.port()) => {
                return Err(CliError::usage("--forward-to is the page itself"));
            }
            Some(target) if is_own(target, address.port()) => {
                return Err(CliError::usage("--forward-to is the address that is listened on"));
            }
            Some(target) => Receiver::at(target.clone()),
            None => Receiver::listener(address, socket.mark()),
        };
        let settings = Settings {
            app: self.options.app.app,
            tokens: self.tokens.clone(),
            receiver: Some(receiver.map_err(CliError::Usage)?),
            answers: Some(Arc::clone(&self.next)),
            source: format!("http://{address}/"),
        };
        let feed = Inspector::start(socket, settings, Source::Nothing)?;
        say(format_args!("{STRONG}page{STRONG:#} at {}", feed.url()));
        // It is not set before.
        let _ = self.page.set(feed);
        Ok(())
    }

    /// Sends the last callback again at each key. It ends with `run` only.
    async fn send_again(&self, mut keys: Keys) {
        loop {
            keys.pressed().await;
            let last = self.progress.lock().ok().and_then(|progress| progress.last.clone());
            let request = match last.map(|last| again::request(&last, &self.tokens)) {
                Some(Ok(request)) => request,
                Some(Err(error)) => {
                    say(format_args!("{WARN}note{WARN:#} the last callback cannot be sent again: {error}"));
                    continue;
                }
                None => {
                    say(format_args!("{WARN}note{WARN:#} there is no callback yet to send again"));
                    continue;
                }
            };
            self.answer(request).await;
        }
    }

    /// What the library makes of the request; of the application that it names, if none was given.
    async fn expected(&self, method: &Method, uri: &Uri, body: Bytes) -> Option<ReferenceAnswer> {
        let recorded = Recorded::new(SystemTime::now(), uri.query().unwrap_or_default(), Bytes::new());
        let app = self.options.app.app.or(recorded.app_id()).unwrap_or_default();
        let reference = Reference::new(app, &self.tokens, None).ok()?;
        let mut asked = Request::new(body);
        *asked.method_mut() = method.clone();
        *asked.uri_mut() = uri.clone();
        Some(reference.answer(asked).await)
    }

    async fn respond(
        &self,
        request: Request<Bytes>,
        callback: Option<&'static Callback>,
        expected: Option<ReferenceAnswer>,
    ) -> Result<Response<Bytes>, String> {
        if let Some(delay) = self.options.delay {
            tokio::time::sleep(delay).await;
        }
        if expected.as_ref().is_some_and(ReferenceAnswer::is_answered_by_handler)
            && let Some((answer, delay)) = self.next.take(callback)
        {
            tokio::time::sleep(delay).await;
            return Ok(answer.response(callback, request.body()));
        }
        if let Some(client) = &self.forward {
            return forward(client, request).await;
        }
        match expected {
            Some(expected) if !expected.is_answered_by_handler() => Ok(expected.response),
            _ => Ok(answer(&self.options.answer, callback, request.body())),
        }
    }

    fn is_wanted(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let filter = &self.options.filter;
        filter.is_empty() || filter.iter().any(|word| name.contains(&word.to_lowercase()))
    }

    /// Shows and records what was seen.
    fn show(&self, seen: &Seen) {
        if !self.is_wanted(&seen.name()) {
            return;
        }
        let Ok(mut progress) = self.progress.lock() else { return };
        let shown = writeln!(anstream::stdout(), "{}", seen.show(self.options.output)).map_err(CliError::from);
        let recorded = match &mut progress.recorder {
            Some(recorder) => recorder
                .write(&seen.recorded)
                .map_err(|error| CliError::file(self.options.record.as_deref().unwrap_or(Path::new("")), error)),
            None => Ok(()),
        };
        progress.last = Some(seen.recorded.clone());
        progress.shown += 1;
        progress.has_unread |= !seen.unread().is_empty();
        if let Err(fault) = shown.and(recorded) {
            progress.failed = Some(fault);
            self.done.notify_one();
        }
        if self.options.count.is_some_and(|count| progress.shown >= count.get()) {
            self.done.notify_one();
        }
    }
}

impl Answerer for Listener {
    async fn storage(&self, head: &Parts) -> Storage {
        // Whether a request is authentic does not depend on its body.
        let expected = self.expected(&head.method, &head.uri, Bytes::from_static(b"{}")).await;
        match expected {
            Some(expected) if expected.is_authentic() => Storage::Authentic,
            _ if self.forward.is_some() => Storage::Whole,
            _ => Storage::Beginning,
        }
    }

    fn unread(&self, status: StatusCode, why: &str) {
        say(format_args!("{WARN}note{WARN:#} a request is answered with status {}: {why}", status.as_u16()));
    }

    async fn answer(&self, request: Request<Body>) -> Response<Bytes> {
        let (at, started) = (SystemTime::now(), Instant::now());
        let body_length = request.body().length;
        let (head, body) = request.into_parts();
        let is_from_page = self.page.get().is_some_and(|page| page.has_sent(&head));
        let request = Request::from_parts(head, body.bytes);
        let (method, body) = (request.method().clone(), request.body().clone());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let recorded = Recorded::new(at, &query, body.clone()).method(method.as_str());
        let callback = callback_of(&recorded.command(), &body);
        let expected = self.expected(&method, request.uri(), body.clone()).await;
        let is_authentic = expected.as_ref().is_some_and(ReferenceAnswer::is_authentic);
        let findings = diagnose(&query, self.options.app.app, &self.tokens, at);
        let app_id = self.options.app.app.or(recorded.app_id()).unwrap_or_default();
        let response = self.respond(request, callback, expected).await;
        let took = started.elapsed();
        let (response, answer) = match response {
            Ok(response) => {
                let command = recorded.command().into_owned();
                let answer =
                    Answer::read(callback.map_or(command, |callback| callback.command.into()), response.clone());
                (response, Ok(answer))
            }
            Err(error) => (with_body(StatusCode::BAD_GATEWAY, vendor("FAIL", 502, "not forwarded")), Err(error)),
        };
        let recorded = recorded.answered(response.status().as_u16(), response.body().clone(), took);
        if let Some(page) = self.page.get() {
            if is_from_page {
                // The page has it already, as its own.
                return response;
            }
            page.offer(Observed {
                recorded: recorded.clone(),
                body_length,
                is_authentic: (!self.tokens.is_empty()).then_some(is_authentic),
                findings: findings.clone(),
                error: answer.as_ref().err().cloned(),
                origin: Origin::Live,
            });
        }
        self.show(&Seen {
            at,
            method,
            recorded,
            callback,
            // A refused body must cost no work.
            decoded: callback.filter(|_| is_authentic).map(|callback| decode(callback, app_id, &body)),
            body: if is_authentic { body } else { body.slice(..body.len().min(BEGINNING)) },
            body_length,
            is_authentic,
            is_checked: !self.tokens.is_empty(),
            findings,
            lists_unread: self.options.strict,
            answer,
            took,
        });
        response
    }
}

/// Ready when the program is asked to end.
pub(super) async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    // Where signals cannot be listened to, they end the process by themselves.
    if let Err(io::Error { .. }) = tokio::signal::ctrl_c().await {
        std::future::pending::<()>().await;
    }
}
