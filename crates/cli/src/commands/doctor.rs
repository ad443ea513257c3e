//! `im-callback doctor`

mod authenticity;
mod finding;
mod genuine;
mod probe;
mod time;
mod tolerance;

use std::{io::Write as _, num::NonZeroUsize, sync::Arc, time::Duration};

use clap::{Args, builder::PossibleValuesParser};
use tencent_im_callback::{Callback, Event, alert};
use tencent_im_callback_testkit::near_miss;

use self::{
    finding::{Finding, Report, State},
    probe::{TestedReceiver, run_all},
};
use crate::{
    body,
    cli_error::{CliError, ExitStatus},
    client::{Client, NoAnswer},
    command_word::Word,
    credentials::{AppOption, TokenOption, required},
    json, number,
    runtime::block_on,
    target::Target,
    when::parse_duration,
};

/// Checks whether an endpoint is right, and says what to do where it is not
#[derive(Args, Debug)]
#[command(after_long_help = "\
It sends genuine callbacks and others that must be refused: forged, stale, foreign, too large. All
are `Alert.RequestOverLimit`, the alarm that every app gets, and so do no harm; with --command a
sample of that callback is sent too, and does at the endpoint whatever such a callback does.

Exit status: 0 if nothing has failed, 1 if something has (with --strict, a warning too), 3 if the
endpoint cannot be reached.

Examples:
  im-callback doctor :8080/callback
  im-callback doctor https://im.example.com/callback --json | jq '.findings[] | select(.state == \"failed\")'
  im-callback doctor :8080/callback --strict --skip get --skip head
  im-callback doctor :8080/callback --command Group.CallbackBeforeSendMsg")]
pub(crate) struct Doctor {
    /// The endpoint; `:8080/callback` is short for `http://127.0.0.1:8080/callback`
    url: Target,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
    /// Sends a sample of this callback too
    #[arg(long, value_name = "COMMAND", value_parser = Word, hide_possible_values = true)]
    command: Vec<&'static Callback>,
    /// How many callbacks to measure the time with
    #[arg(long, value_name = "N", default_value = "50", value_parser = number::count)]
    requests: NonZeroUsize,
    /// Leaves out a check
    #[arg(long, value_name = "CHECK", value_parser = PossibleValuesParser::new(CHECKS), hide_possible_values = true)]
    skip: Vec<String>,
    /// Plays all near misses that the library itself is tested with; what is answered otherwise is a warning
    #[arg(long)]
    near_misses: bool,
    /// Takes warnings for failures
    #[arg(long)]
    strict: bool,
    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "5s")]
    timeout: Duration,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// All checks, by name.
const CHECKS: [&str; 36] = [
    "signed",
    "answer",
    "headers",
    "clock",
    "forged",
    "unsigned",
    "stale",
    "early",
    "milliseconds",
    "digits",
    "foreign",
    "no-app",
    "doubled",
    "put",
    "get",
    "head",
    "secrets",
    "unknown-command",
    "console-check",
    "old",
    "ahead",
    "upper-case",
    "content-type",
    "bare-keys",
    "order",
    "encoded",
    "decoded-once",
    "unknown-key",
    "long-query",
    "unknown-field",
    "large-body",
    "huge-body",
    "broken-body",
    "latency",
    "burst",
    "keep-alive",
];

impl Doctor {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let (app, tokens) = required(&self.app, &self.token)?;
        let (signer, token) = (tokens[0].signer(), tokens[0].expose().to_owned());
        let command = alert::RequestOverLimit::COMMAND;
        let sample = body::sample_of(command, None)?.to_string().into();
        let fresh = Client::without_keeping(self.url.clone(), self.timeout).map_err(CliError::Usage)?;
        let tested = Arc::new(TestedReceiver::new(self.client()?, fresh, app, signer, token, command, sample));
        let mut findings = block_on(self.examine(&tested))??;
        findings.retain(|finding| !self.skips(finding.check));
        let report = Report::new(self.url.to_string(), app, findings);
        let mut out = anstream::stdout();
        if self.json {
            writeln!(out, "{}", json::indented(&report)?)?;
        } else {
            writeln!(out, "{report}")?;
        }
        Ok(ExitStatus::met_if(report.failed == 0 && (!self.strict || report.warnings == 0)))
    }

    fn client(&self) -> Result<Client, CliError> {
        Client::new(self.url.clone(), self.timeout).map_err(CliError::Usage)
    }

    fn skips(&self, check: &str) -> bool {
        self.skip.iter().any(|skipped| skipped == check)
    }

    async fn examine(&self, tested: &Arc<TestedReceiver>) -> Result<Vec<Finding>, CliError> {
        let genuine = genuine::check(tested).await?;
        let mut findings = genuine.findings;
        if !genuine.is_taken {
            let rest = "no other check makes sense for an endpoint that does not accept genuine callbacks";
            findings.push(Finding::skipped("others", "all other checks", rest));
            return Ok(findings);
        }
        let mut probes = authenticity::probes(tested);
        let authenticity = probes.len();
        probes.extend(tolerance::probes(tested));
        probes.retain(|probe| !self.skips(probe.check));
        let seen = run_all(tested, probes).await?;
        let leak = authenticity::leak(tested, &seen);
        let mut of_probes: Vec<_> = seen.into_iter().map(|probed| probed.finding).collect();
        // With what it is about, if any of that was left out.
        let place = of_probes.iter().rposition(|finding| finding.group == leak.group).map_or(0, |place| place + 1);
        of_probes.insert(place.min(authenticity), leak);
        findings.extend(of_probes);
        if !self.skips("latency") {
            findings.push(time::latency(tested, self.requests.get()).await);
        }
        if !self.skips("burst") {
            findings.push(time::burst(tested).await?);
        }
        if !self.skips("keep-alive") {
            findings.push(time::keep_alive(tested, self.client()?).await);
        }
        for callback in &self.command {
            findings.push(time::command(tested, callback).await?);
        }
        if self.near_misses {
            findings.extend(near_misses(tested).await);
        }
        Ok(findings)
    }
}

/// The tests whose answer differs from the library's.
async fn near_misses(tested: &TestedReceiver) -> Vec<Finding> {
    const GROUP: &str = "near misses";
    let receiver = near_miss::Receiver::default().foreign_app(tested.foreign_app());
    let misses = receiver.near_misses(&tested.request());
    let mut findings = Vec::new();
    let mut played = 0;
    for miss in &misses {
        // The others are bytes for a connection, which no client sends.
        let Some(request) = miss.request() else { continue };
        played += 1;
        let found = match tested.send(request).await {
            Ok(exchange) => miss.fault(&exchange.answer),
            // The end of the connection is as right there.
            Err(NoAnswer::Broken(_)) if miss.open().is_some() => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(found) = found {
            let found = format!("{}: {found}", miss.name());
            findings.push(Finding::new("near-miss", GROUP, State::Warning, found));
        }
    }
    let summary = format!("{} of {played} are answered as by the library", played - findings.len());
    findings.push(Finding::ok("near-miss", GROUP, summary));
    findings
}
