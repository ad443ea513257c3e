//! `im-callback replay`

mod report;

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use clap::{Args, ValueEnum};
use tencent_im_callback_testkit::{
    Signer,
    recording::{Reader, Recorded, Replayed},
};
use tokio::task::JoinHandle;

use self::report::Report;
use crate::{
    cli_error::{CliError, ExitStatus, say},
    client::{Client, NoAnswer},
    credentials::{AppOption, TokenOption},
    exchange::Exchange,
    number,
    paint::WARN,
    progress::Progress,
    runtime::block_on,
    target::Target,
    untrusted_text::plain,
    when::parse_duration,
};

/// Plays recorded callbacks again, signed anew
#[derive(Args, Debug)]
#[command(after_long_help = "\
Recordings are made by `im-callback listen --record`. What came unsigned is sent unsigned, and so
is what was answered with 401: what was wrong with its signature is not recorded.

Exit status: 0 if every callback got an answer, with --diff the same as before, and with --strict
has no unread field; 1 if not; 3 if no callback got an answer.

Examples:
  im-callback replay today.jsonl :8080/callback
  im-callback replay today.jsonl :8080/callback --diff
  im-callback replay today.jsonl :8080/callback --speed original --filter SendMsg")]
pub(crate) struct Replay {
    /// The recording; `-` is standard input
    file: PathBuf,
    /// The endpoint; `:8080/callback` is short for `http://127.0.0.1:8080/callback`
    url: Target,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
    /// How fast to send them
    #[arg(long, value_enum, default_value_t = Speed::Max)]
    speed: Speed,
    /// How many to send at a time; with the original speed, at most
    #[arg(long, value_name = "N", value_parser = number::count)]
    parallel: Option<NonZeroUsize>,
    /// Shows the answers that are others than they were
    #[arg(long)]
    diff: bool,
    /// Does not compare what is at this JSON pointer in the answers, or below it
    #[arg(long, value_name = "/POINTER", requires = "diff")]
    ignore: Vec<String>,
    /// Lists the fields of each body that this version does not read; they count as a difference
    #[arg(long)]
    strict: bool,
    /// Only callbacks with one of these words in their command
    #[arg(long, value_name = "WORD")]
    filter: Vec<String>,
    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10s")]
    timeout: Duration,
    /// A JSON object on a line for each callback
    #[arg(long)]
    json: bool,
}

type Lines = Reader<Box<dyn BufRead>>;

/// How fast a recording is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Speed {
    /// As fast as they are answered
    Max,
    /// With the time between them that was between them
    Original,
}

impl Replay {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let signer = self.token.signer()?;
        let client = Client::new(self.url.clone(), self.timeout).map_err(CliError::Usage)?;
        let (recording, total) = self.open()?;
        block_on(self.play(recording, total, &client, signer.as_ref()))?
    }

    /// The recording, and how many lines it has if that can be said beforehand.
    fn open(&self) -> Result<(Lines, Option<usize>), CliError> {
        if self.file == Path::new("-") {
            return Ok((Reader::new(Box::new(BufReader::new(io::stdin()))), None));
        }
        let open = || File::open(&self.file).map(BufReader::new).map_err(|error| CliError::file(&self.file, error));
        let lines = open()?.split(b'\n').map_while(Result::ok).filter(|line| !line.trim_ascii().is_empty()).count();
        Ok((Reader::new(Box::new(open()?)), Some(lines)))
    }

    async fn play(
        &self,
        recording: Lines,
        total: Option<usize>,
        client: &Client,
        signer: Option<&Signer>,
    ) -> Result<ExitStatus, CliError> {
        let usual = match self.speed {
            Speed::Max => 1,
            Speed::Original => 256,
        };
        let at_a_time = self.parallel.map_or(usual, NonZeroUsize::get);
        let mut report = Report::new(self.diff, self.strict, self.json);
        let mut progress = Progress::new(total);
        let mut schedule = None;
        // In the order of the recording, so that the report is in that order too.
        let mut running = VecDeque::with_capacity(at_a_time);
        // What is added meanwhile is not played: the endpoint may be what records into this very file.
        for (place, recorded) in recording.take(total.unwrap_or(usize::MAX)).enumerate() {
            let recorded = match recorded {
                Ok(recorded) if self.is_wanted(&recorded) => recorded,
                Ok(_) => continue,
                Err(error) => {
                    progress.clear();
                    say(format_args!("{WARN}skipped{WARN:#} {}", plain(&error.to_string())));
                    report.skipped += 1;
                    continue;
                }
            };
            if recorded.is_signed() && signer.is_none() {
                return Err(self.token.required_signer().err().unwrap_or_else(|| CliError::usage("no token is given")));
            }
            if self.speed == Speed::Original {
                let schedule = *schedule.get_or_insert_with(|| Schedule::new(&recorded));
                tokio::time::sleep_until(schedule.of(&recorded).into()).await;
            }
            if running.len() >= at_a_time {
                self.finish(&mut running, &mut report, &mut progress).await?;
            }
            running.push_back(self.start(place + 1, recorded, client, signer));
        }
        while !running.is_empty() {
            self.finish(&mut running, &mut report, &mut progress).await?;
        }
        progress.clear();
        report.finish()
    }

    fn is_wanted(&self, recorded: &Recorded) -> bool {
        let command = recorded.command().to_lowercase();
        self.filter.is_empty() || self.filter.iter().any(|word| command.contains(&word.to_lowercase()))
    }

    fn start(&self, place: usize, recorded: Recorded, client: &Client, signer: Option<&Signer>) -> Running {
        let mut request = recorded.request();
        // What was for another application then shall be for another now.
        let was_foreign = recorded.answer().is_some_and(|answer| answer.status == 403);
        if let Some(app) = self.app.app.filter(|_| recorded.app_id().is_some() && !was_foreign) {
            request = request.set("SdkAppid", app.to_string());
        }
        if let Some(signer) = signer {
            request = request.signed_by(signer).at(SystemTime::now());
        }
        let client = client.clone();
        let task = tokio::spawn(async move {
            let request = request.build().map_err(|error| NoAnswer::broken(&error))?;
            Exchange::run(&client, &recorded.command(), request).await.map(|exchange| (exchange, recorded))
        });
        Running { place, task }
    }

    /// Waits for the first request in flight, and returns its result.
    async fn finish(
        &self,
        running: &mut VecDeque<Running>,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<(), CliError> {
        let Some(Running { place, task }) = running.pop_front() else { return Ok(()) };
        let Ok(ended) = task.await else { return Ok(()) };
        let result = match ended {
            Ok((exchange, recorded)) => {
                let replayed = Replayed::new(&recorded, Ok(exchange.answer.clone()), exchange.took);
                let differences = replayed.differences().iter();
                let differences = differences.filter(|found| !self.is_ignored(&found.at)).cloned().collect();
                report.answered(place, &recorded, &exchange, differences, progress)
            }
            Err(error) => report.unanswered(place, error.to_string(), progress),
        };
        progress.done(report.count());
        result
    }

    fn is_ignored(&self, at: &str) -> bool {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.ignore.iter().any(|pointer| at.strip_prefix(pointer.as_str()).is_some_and(is_below))
    }
}

/// A callback under way.
struct Running {
    place: usize,
    task: JoinHandle<Result<(Exchange, Recorded), NoAnswer>>,
}

/// When to send what, at the original speed.
#[derive(Clone, Copy)]
struct Schedule {
    first: SystemTime,
    started: Instant,
}

impl Schedule {
    fn new(first: &Recorded) -> Self {
        Self { first: first.at(), started: Instant::now() }
    }

    fn of(&self, recorded: &Recorded) -> Instant {
        self.started + recorded.at().duration_since(self.first).unwrap_or_default()
    }
}
