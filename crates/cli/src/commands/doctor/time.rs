//! How long answers take, and what becomes of connections.

use std::{sync::Arc, time::Duration};

use tencent_im_callback::Callback;
use tokio::task::JoinSet;

use super::{
    finding::{Finding, State},
    probe::{Reaction, TestedReceiver, in_short},
};
use crate::{
    cli_error::CliError,
    client::{Client, NoAnswer},
    exchange::{BUDGET, Exchange},
    statistics::Times,
    when::Took,
};

const GROUP: &str = "time and connections";
/// Above this there is little left for the way there and back on a bad day.
const SLOW: Duration = Duration::from_secs(1);
const AT_ONCE: usize = 16;
const TOO_SLOW: &str =
    "answer first and do the work afterwards, or set a deadline: the service waits 2 s, and asks once";
const CLOSED: &str = "answer with `Connection: close` before the endpoint closes a connection, or keep it open: the service \
                      sends a callback once, and one on its way to a connection that closes is lost";

/// One callback after the other.
pub(super) async fn latency(tested: &TestedReceiver, requests: usize) -> Finding {
    let mut durations = Vec::with_capacity(requests);
    for _ in 0..requests {
        let sent = match tested.request().build() {
            Ok(built) => Exchange::run(&tested.client, tested.command, built).await,
            Err(error) => Err(NoAnswer::broken(&error)),
        };
        let exchange = match sent {
            Ok(exchange) => exchange,
            Err(error @ NoAnswer::Broken(_)) => {
                return Finding::new("latency", GROUP, State::Failed, format!("a callback gets {error}")).fix(CLOSED);
            }
            Err(error) => {
                return Finding::new("latency", GROUP, State::Failed, format!("a callback gets {error}")).fix(TOO_SLOW);
            }
        };
        durations.push(exchange.took);
        // The result is known by now, so the rest is not waited for.
        if durations.len() >= 2 && exchange.is_late() {
            break;
        }
    }
    finding("latency", durations)
}

/// Many callbacks at once, as a message to a busy group causes them.
pub(super) async fn burst(tested: &Arc<TestedReceiver>) -> Result<Finding, CliError> {
    let mut running = JoinSet::new();
    for _ in 0..AT_ONCE {
        let tested = Arc::clone(tested);
        running.spawn(async move {
            let request = tested.request();
            let built = request.build().map_err(|error| NoAnswer::broken(&error))?;
            // Above the usual limit, because they have to arrive at once.
            Exchange::run(&tested.client, tested.command, built).await
        });
    }
    let mut durations = Vec::with_capacity(AT_ONCE);
    while let Some(sent) = running.join_next().await {
        let sent = sent.map_err(|error| CliError::usage(format!("a check has failed itself: {error}")))?;
        match (Reaction::of(&sent), sent) {
            (Reaction::Taken, Ok(exchange)) => durations.push(exchange.took),
            (reaction, _) => {
                let found = format!("of {AT_ONCE} callbacks at once one {}", reaction.found());
                return Ok(Finding::new("burst", GROUP, State::Failed, found)
                    .fix("handle several callbacks at a time: the service does not queue them"));
            }
        }
    }
    Ok(finding("burst", durations))
}

fn finding(check: &'static str, durations: Vec<Duration>) -> Finding {
    let count = durations.len();
    let Some(times) = Times::of(durations) else { return Finding::skipped(check, GROUP, "nothing was sent") };
    let what = if check == "burst" { format!("{count} at once") } else { format!("{count} one by one") };
    let found = format!("{what}: {times}");
    if times.max > BUDGET {
        return Finding::new(check, GROUP, State::Failed, format!("{found}; the service waits 2 s")).fix(TOO_SLOW);
    }
    if times.p99 > SLOW {
        return Finding::new(check, GROUP, State::Warning, format!("{found}; the service waits 2 s")).fix(TOO_SLOW);
    }
    Finding::ok(check, GROUP, found)
}

/// Whether a connection can be used again, after a request that was refused too.
pub(super) async fn keep_alive(tested: &TestedReceiver, client: Client) -> Finding {
    let failed = |found: String| {
        Finding::new("keep-alive", GROUP, State::Failed, found)
            .fix("read or close what is left of a request that is refused: on this connection others follow")
    };
    let refused = tested.request().forged().padded(64 * 1024);
    for request in [tested.request(), refused, tested.request()] {
        let sent = match request.build() {
            Ok(built) => client.send(built).await,
            Err(error) => Err(NoAnswer::broken(&error)),
        };
        if let Err(error) = sent {
            return failed(format!("a second request over one connection gets {error}"));
        }
    }
    match client.connections() {
        1 => Finding::ok("keep-alive", GROUP, "one connection serves several requests, refused ones included"),
        _ => Finding::new("keep-alive", GROUP, State::Warning, "connections are closed after a request")
            .fix("keep connections: the service does, and each new one costs time out of the 2 s"),
    }
}

/// Whether a sample of another callback is taken.
pub(super) async fn command(tested: &TestedReceiver, callback: &'static Callback) -> Result<Finding, CliError> {
    let body = crate::body::sample_of(callback.command, None)?.to_string();
    let sent = tested.send(&tested.request_of(callback.command, body)).await;
    let name = callback.command;
    Ok(match &sent {
        Ok(exchange) if exchange.is_taken() => {
            let found = format!("{name}: {}, {}", exchange.answer.effect(), in_short(exchange));
            Finding::ok("command", GROUP, found)
        }
        Ok(exchange) if exchange.is_late() => {
            Finding::new("command", GROUP, State::Failed, format!("{name} takes {}", Took(exchange.took))).fix(TOO_SLOW)
        }
        Ok(exchange) => {
            let found = format!("{name}: {}", exchange.answer.effect());
            let fix = "`im-callback list` says what it can be answered with; nothing else is understood";
            Finding::new("command", GROUP, State::Failed, found).fix(fix)
        }
        Err(error) => Finding::new("command", GROUP, State::Failed, format!("{name} gets {error}")).fix(TOO_SLOW),
    })
}
