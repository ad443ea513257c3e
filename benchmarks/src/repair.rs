//! What a body costs that has to be repaired, to a good one of the same size: the worst bodies of every event.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tencent_im_callback::{Callback, CallbackHandler, Endpoint};
use tencent_im_callback_testkit::sample;
use tokio::runtime::{Builder, Runtime};

use crate::{Options, callgrind, data::scratch};

/// The word by which this program runs itself under valgrind.
pub(crate) const CHILD: &str = "repaired";

/// What a body may cost to a good one of the same size, in instructions.
const MOST: f64 = 4.5;
/// The same for a list of entries that cannot be read. They are shorter than good entries, so that there are more of
/// them.
const MOST_FOR_ENTRIES: f64 = 9.0;
const ENTRIES: &str = "entries that cannot be read";
/// The size of the bodies whose instructions are counted.
const COUNTED: usize = 16 * 1024;
/// The size of the bodies that are timed.
const TIMED: usize = 256 * 1024;

/// A body that has to be repaired, and a good one that is like it.
struct Pair {
    callback: &'static Callback,
    shape: &'static str,
    odd: Bytes,
    good: Bytes,
}

/// All pairs of about this size: every shape of every event that can have it.
fn pairs(size: usize) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut last = "";
    for (callback, _, text) in sample::all() {
        // One sample of each event is enough.
        if callback.command == last {
            continue;
        }
        last = callback.command;
        let sample: Value = serde_json::from_str(text).expect("samples are JSON");
        for (shape, odd, good) in shapes(&sample, size) {
            pairs.push(Pair { callback, shape, odd: odd.into(), good: good.into() });
        }
    }
    pairs
}

/// Repeats `piece` until there are `size` bytes of it.
fn repeated(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 64);
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&piece(number));
    }
    text
}

/// A body with these fields, which end in a comma, before the sample's own, and with this word as its command at the
/// end, so that a fault there is found when all else has been read.
fn body(sample: &Value, fields: &str, command: &str) -> Vec<u8> {
    let mut sample = sample.clone();
    sample.as_object_mut().expect("samples are objects").remove("CallbackCommand");
    let text = sample.to_string();
    let own = &text[1..text.len() - 1];
    let comma = if own.is_empty() { "" } else { "," };
    format!(r#"{{{fields}{own}{comma}"CallbackCommand":{command}}}"#).into_bytes()
}

/// Name, odd body and good body.
fn shapes(sample: &Value, size: usize) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let odd_at_the_end = |fields: &str| (body(sample, fields, "{}"), body(sample, fields, "null"));
    let mut shapes = Vec::new();
    let mut add = |shape, (odd, good)| shapes.push((shape, odd, good));

    add("unknown fields", odd_at_the_end(&repeated(size, |number| format!(r#""n{number}":1,"#))));
    add("unknown fields with escaped names", odd_at_the_end(&repeated(size, |_| r#""\n":1,"#.into())));
    add("an unknown field of many values", odd_at_the_end(&format!(r#""n":[{}1],"#, repeated(size, |_| "1,".into()))));
    add(
        "an unknown field very deep",
        odd_at_the_end(&format!(r#""n":{}{},"#, "[".repeat(size / 2), "]".repeat(size / 2))),
    );
    add("a known field over and over", {
        let fields = |name: &str| repeated(size, |_| format!(r#""{name}":1,"#));
        (body(sample, &fields("CallbackCommand"), "{}"), body(sample, &fields("CallbackCommanb"), "null"))
    });
    add("halves of pairs", {
        let text = |escape: &str| format!("\"{}\"", repeated(size, |_| escape.into()));
        (body(sample, "", &text(r"\ud83d")), body(sample, "", &text(r"\u4e0d")))
    });
    add("bytes that are no UTF-8", {
        // The most chunks: a byte that begins a character, and another character.
        let (good, mut odd) = (body(sample, "", &format!("\"{}\"", "\u{4e2d}".repeat(size / 3))), Vec::new());
        odd.extend_from_slice(&good[..good.len() - 2 - size / 3 * 3]);
        odd.extend(b"\xc3x".iter().cycle().take(size / 3 * 3));
        odd.extend_from_slice(b"\"}");
        (odd, good)
    });
    if let Some((name, list)) = first_list(sample) {
        let entry = list[0].to_string();
        let list = |entry: &str, end: &str| {
            let mut odd = sample.clone();
            odd[name] = json!("LIST");
            let list = format!("[{}{end}]", repeated(size, |_| format!("{entry},")));
            let text = String::from_utf8(body(&odd, "", "null")).expect("it was text");
            text.replace("\"LIST\"", &list).into_bytes()
        };
        add(ENTRIES, (list(r#"{"\n":[]}"#, r#"{"\n":[]}"#), list(&entry, &entry)));
        add("one entry that cannot be read", (list(&entry, "[[]]"), list(&entry, &entry)));
    }
    if sample.get("MsgBody").is_some_and(Value::is_array) {
        let message = |content: &str| {
            let mut odd = sample.clone();
            odd["MsgBody"] = json!("MESSAGE");
            let text = String::from_utf8(body(&odd, "", "null")).expect("it was text");
            let element = format!(r#"[{{"MsgType":"TIMCustomElem","MsgContent":{{{content}}}}}]"#);
            text.replace("\"MESSAGE\"", &element).into_bytes()
        };
        let names = |name: &str| repeated(size, |_| format!(r#""{name}":1,"#));
        add("contents that cannot be read", {
            let elements = |content: &str| {
                let element = format!(r#"{{"MsgType":"TIMTextElem","MsgContent":{content}}},"#);
                let mut odd = sample.clone();
                odd["MsgBody"] = json!("MESSAGE");
                let text = String::from_utf8(body(&odd, "", "null")).expect("it was text");
                let list = repeated(size, |_| element.clone());
                text.replace("\"MESSAGE\"", &format!("[{}]", list.trim_end_matches(','))).into_bytes()
            };
            (elements("{}"), elements(r#"{"Text":"a"}"#))
        });
        add("names in a content", {
            (message(&format!(r#"{}"Data":{{}}"#, names(r"\n"))), message(&format!(r#"{}"Data":"d""#, names("n"))))
        });
        add("a field of a content over and over", {
            (message(&format!(r#"{}"Desc":"d""#, names("Data"))), message(&format!(r#"{}"Desc":"d""#, names("Datb"))))
        });
        add("halves of pairs in a content", {
            let text = |escape: &str| format!(r#""Data":"{}""#, repeated(size, |_| escape.into()));
            (message(&text(r"\ud83d")), message(&text(r"\u4e0d")))
        });
        add("elements of a content that are no elements", {
            let elements =
                |element: &str| format!(r#""Data":"d","MsgList":[{}1]"#, repeated(size, |_| format!("{element},")));
            (message(&format!(r#"{},"Ext":{{}}"#, elements("{}"))), message(&elements("{}")))
        });
    }
    shapes
}

/// The first list at the top of a sample that has an entry, and its name.
fn first_list(sample: &Value) -> Option<(&str, &Vec<Value>)> {
    let fields = sample.as_object()?.iter();
    fields
        .filter(|(name, _)| *name != "MsgBody")
        .find_map(|(name, value)| value.as_array().filter(|list| !list.is_empty()).map(|list| (name.as_str(), list)))
}

/// Answers bodies at once.
struct Receiver {
    endpoint: Endpoint,
    runtime: Runtime,
}

impl Receiver {
    fn new() -> Result<Self, Box<dyn Error>> {
        struct App;

        impl CallbackHandler for App {}

        let endpoint = Endpoint::builder(App).unverified_app(1).deadline(Duration::from_secs(3_600));
        let endpoint = endpoint.body_limit(usize::MAX / 8).build()?;
        Ok(Self { endpoint, runtime: Builder::new_current_thread().enable_time().build()? })
    }

    fn request(callback: &Callback, body: &Bytes) -> Request<Bytes> {
        let uri = format!("/?SdkAppid=1&CallbackCommand={}", callback.command);
        Request::post(uri).body(body.clone()).expect("the query is good")
    }

    fn time(&self, callback: &Callback, body: &Bytes) -> Duration {
        let once = |_| {
            let request = Self::request(callback, body);
            let begin = Instant::now();
            measured(self, request);
            begin.elapsed()
        };
        (0..5).map(once).min().expect("it is run five times")
    }
}

/// Counting is switched on when this is entered and off when it is left, so it has to be there by name, and must not
/// end with a jump.
#[inline(never)]
fn measured(receiver: &Receiver, request: Request<Bytes>) -> u8 {
    black_box(receiver.runtime.block_on(receiver.endpoint.handle(request)));
    black_box(0)
}

/// Reads every pair once: the good body, then the odd one.
pub(crate) fn child() -> Result<(), Box<dyn Error>> {
    let receiver = Receiver::new()?;
    // What is done once is done before.
    for round in [0, 1] {
        for Pair { callback, odd, good, .. } in pairs(COUNTED) {
            let (good, odd) = (Receiver::request(callback, &good), Receiver::request(callback, &odd));
            if round == 1 {
                measured(&receiver, good);
                measured(&receiver, odd);
            } else {
                receiver.runtime.block_on(receiver.endpoint.handle(good));
            }
        }
    }
    Ok(())
}

/// How much an odd body takes to its good one.
struct Compared {
    command: &'static str,
    shape: &'static str,
    ratio: f64,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    if cfg!(debug_assertions) {
        return Err("this is about optimised code: run it with --release".into());
    }
    let receiver = Receiver::new()?;
    let times = pairs(TIMED).into_iter().map(|Pair { callback, shape, odd, good }| {
        let [good, odd] = [good, odd].map(|body| receiver.time(callback, &body).as_secs_f64());
        Compared { command: callback.command, shape, ratio: odd / good }
    });
    println!("{}", table("time", &times.collect::<Vec<_>>()));
    if let Err(reason) = callgrind::is_there() {
        println!("instructions are skipped: {reason}");
        return Ok(ExitCode::SUCCESS);
    }
    let counted = counted()?;
    println!("{}", table("instructions", &counted));
    let mut is_broken = false;
    for Compared { command, shape, ratio } in &counted {
        let most = if *shape == ENTRIES { MOST_FOR_ENTRIES } else { MOST };
        if *ratio > most {
            println!("BROKEN: {command}, {shape}: {ratio:.2} times a good body, at most {most}");
            is_broken = true;
        }
    }
    Ok(if options.check && is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn counted() -> Result<Vec<Compared>, Box<dyn Error>> {
    let folder = scratch("repair");
    fs::create_dir_all(&folder)?;
    let totals =
        callgrind::totals(&env::current_exe()?, &[CHILD], "benchmarks::repair::measured", &folder.join("callgrind"))?;
    fs::remove_dir_all(folder)?;
    let pairs = pairs(COUNTED);
    if totals.len() != 2 * pairs.len() {
        return Err(format!("{} counts of {} bodies", totals.len(), 2 * pairs.len()).into());
    }
    let ratios = pairs.iter().zip(totals.chunks(2)).map(|(Pair { callback, shape, .. }, totals)| {
        #[expect(clippy::cast_precision_loss, reason = "it is some millions")]
        let ratio = totals[1] as f64 / totals[0] as f64;
        Compared { command: callback.command, shape, ratio }
    });
    Ok(ratios.collect())
}

/// The worst and the median event of each shape.
fn table(unit: &str, ratios: &[Compared]) -> String {
    let mut table = format!(
        "| {unit} of a body that is repaired, to a good one of the same size | events | median | worst | which |\n\
         | --- | --- | --- | --- | --- |\n"
    );
    let mut shapes: Vec<_> = ratios.iter().map(|ratio| ratio.shape).collect();
    shapes.sort_unstable();
    shapes.dedup();
    for shape in shapes {
        let mut of_shape: Vec<_> = ratios.iter().filter(|ratio| ratio.shape == shape).collect();
        of_shape.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let (median, worst) = (of_shape[of_shape.len() / 2], of_shape[of_shape.len() - 1]);
        let _ = writeln!(
            table,
            "| {shape} | {} | {:.2} | {:.2} | `{}` |",
            of_shape.len(),
            median.ratio,
            worst.ratio,
            worst.command
        );
    }
    table
}
