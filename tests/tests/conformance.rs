//! All adapters keep the contract, and keep it alike.

use std::{
    io::{self, Write},
    sync::{LazyLock, Mutex},
    thread,
};

use tencent_im_callback_testkit::{
    Signer,
    conformance::{self, Adapter, Report, TOKENS},
    sample,
};
use tests::servers;
use tracing_subscriber::fmt::format::FmtSpan;

/// The report of each adapter. The suites run at the same time, because most of a suite is waiting.
static REPORTS: LazyLock<[Report; 3]> = LazyLock::new(|| {
    catch_log();
    silence_panics();
    let players = servers::all().map(|adapter| thread::spawn(move || play(&adapter)));
    players.map(|player| player.join().expect("the suite itself does not fail"))
});

/// Everything that the library has written to the log.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[test]
fn axum_keeps_the_contract() {
    check("axum");
}

#[test]
fn actix_web_keeps_the_contract() {
    check("actix-web");
}

#[test]
fn hyper_keeps_the_contract() {
    check("hyper");
}

#[test]
fn all_adapters_answer_alike() {
    let [first, others @ ..] = &*REPORTS;
    assert!(first.answers.len() > 200, "{}", first.answers.len());
    for other in others {
        for (name, answer) in &first.answers {
            assert_eq!(other.answers.get(name), Some(answer), "{} and {}: {name}", first.adapter, other.adapter);
        }
    }
}

#[test]
fn every_sample_reaches_its_method_through_every_adapter() {
    let name = |command, variant| format!("the_sample_{command}_{variant}_reaches_its_method");
    let names: Vec<_> = sample::all().map(|(callback, variant, _)| name(callback.command, variant)).collect();
    assert!(names.len() >= 158, "only {} samples", names.len());
    for report in &*REPORTS {
        for name in &names {
            // Only a case that has passed has an answer in the report.
            assert!(report.answers.contains_key(name), "{}: {name}", report.adapter);
        }
    }
}

#[test]
fn no_log_line_holds_a_token_or_a_signature() {
    LazyLock::force(&REPORTS);
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    assert!(log.contains("not authenticated"), "the log was not caught");
    for line in log.lines() {
        for token in TOKENS {
            assert!(!line.contains(token), "{line}");
        }
        assert_eq!(Signer::find(line), None, "something like a signature in {line}");
    }
}

fn play(adapter: &Adapter) -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(conformance::run(adapter));
    print!("{report}");
    report
}

fn check(adapter: &str) {
    let report = REPORTS.iter().find(|report| report.adapter == adapter).expect("it was played");
    report.assert_passed();
    assert!(report.played >= 460, "only {} cases and scenarios", report.played);
}

fn catch_log() {
    struct Log;

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    tracing_subscriber::fmt()
        .with_env_filter("tencent_im_callback=trace")
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(|| Log)
        .init();
}

/// A failed case is in the report with its text, and the handler panics on purpose.
fn silence_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_server = |name: &str| name.starts_with("tokio") || name.starts_with("actix");
        if !std::thread::current().name().is_some_and(is_server) {
            print(panic);
        }
    }));
}
