//! Instructions as valgrind's callgrind counts them: the same on every machine, whatever else runs there.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Whether valgrind can be run, and if not, why.
pub(crate) fn is_there() -> Result<(), String> {
    match Command::new("valgrind").arg("--version").stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("valgrind does not work: {status}")),
        Err(error) => Err(format!("valgrind is missing: {error}")),
    }
}

/// Instructions, as a whole and by the part of the program that they belong to.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) total: u64,
    /// Empty if the program does not say where its code comes from.
    pub(crate) parts: BTreeMap<&'static str, u64>,
}

/// Runs a program and counts what is done within the functions that `pattern` names.
pub(crate) fn profile(
    program: &Path,
    words: &[&str],
    pattern: &str,
    scratch: &Path,
) -> Result<Profile, Box<dyn Error>> {
    run(program, words, &[format!("--toggle-collect={pattern}")], scratch)?;
    let profile = parse(&fs::read_to_string(scratch)?);
    if profile.total == 0 {
        return Err(format!("nothing is called {pattern}").into());
    }
    Ok(profile)
}

/// Runs a program and counts what is done within each call of `function`, call by call.
pub(crate) fn totals(
    program: &Path,
    words: &[&str],
    function: &str,
    scratch: &Path,
) -> Result<Vec<u64>, Box<dyn Error>> {
    // Found by trial: the one option wants a `*` before the name, and the other takes no `*` there.
    let options = [format!("--toggle-collect=*{function}*"), format!("--dump-after={function}*")];
    run(program, words, &options, scratch)?;
    let mut totals = Vec::new();
    for number in 1.. {
        let Ok(dump) = fs::read_to_string(format!("{}.{number}", scratch.display())) else { break };
        let total = dump.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("a dump without its total")?;
        totals.push(total.trim().parse()?);
    }
    Ok(totals)
}

fn run(program: &Path, words: &[&str], options: &[String], out: &Path) -> Result<(), Box<dyn Error>> {
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .args(options)
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args(words)
        .output()?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned().into());
    }
    Ok(())
}

/// Reads callgrind's own format, of which only the cost of each function itself is of interest.
fn parse(text: &str) -> Profile {
    let mut profile = Profile::default();
    let (mut objects, mut files, mut functions) = (Names::default(), Names::default(), Names::default());
    let (mut object, mut own_file, mut file, mut function) = ("", "", "", "");
    let mut lines = text.lines();
    let mut has_lines = false;
    while let Some(line) = lines.next() {
        if let Some((key, name)) = line.split_once('=') {
            match key {
                "ob" => object = objects.get(name),
                "fl" => {
                    own_file = files.get(name);
                    file = own_file;
                }
                "fi" | "fe" => file = files.get(name),
                "fn" => function = functions.get(name),
                // Names stand in full where they come first, which may be here.
                "cob" => _ = objects.get(name),
                "cfi" | "cfl" => _ = files.get(name),
                "cfn" => _ = functions.get(name),
                // The line behind it is the cost of what was called.
                "calls" => _ = lines.next(),
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            profile.total += cost;
            has_lines |= file.contains("/src/") && !file.contains("/library/");
            *profile.parts.entry(part(object, file, own_file, function)).or_default() += cost;
        }
    }
    if !has_lines {
        profile.parts.clear();
    }
    profile
}

/// Names that stand in full once and by number from then on.
#[derive(Default)]
struct Names<'a>(HashMap<&'a str, &'a str>);

impl<'a> Names<'a> {
    fn get(&mut self, text: &'a str) -> &'a str {
        match text.split_once(' ') {
            Some((number, name)) => {
                self.0.insert(number, name);
                name
            }
            None => self.0.get(text).copied().unwrap_or(text),
        }
    }
}

/// By what a path contains; the first that fits decides.
const BY_FILE: &[(&str, &str)] = &[
    ("crates/core/src/endpoint/signature.rs", SIGNATURE),
    ("/sha2-", SIGNATURE),
    ("/digest-", SIGNATURE),
    ("/block-buffer-", SIGNATURE),
    ("/crypto-common-", SIGNATURE),
    ("/hybrid-array-", SIGNATURE),
    ("/constant_time_eq-", SIGNATURE),
    ("/subtle-", SIGNATURE),
    ("/hex-", SIGNATURE),
    ("crates/core/src/wire/query.rs", QUERY),
    ("/memchr-", QUERY),
    ("/serde_urlencoded-", QUERY),
    ("/form_urlencoded-", QUERY),
    ("/percent-encoding-", QUERY),
    ("crates/core/src/wire/response.rs", ANSWER),
    ("crates/core/src/answer", ANSWER),
    ("crates/core/src/endpoint", WAY),
    ("crates/core/src/handler.rs", WAY),
    ("crates/core/src/context.rs", WAY),
    ("crates/core/src/observe.rs", WAY),
    ("benchmarks/src/ours.rs", WAY),
    ("benchmarks/src/hand.rs", WAY),
    ("benchmarks/src/case.rs", WAY),
    ("crates/core/src/", JSON),
    ("/serde_json-", JSON),
    ("/serde_core-", JSON),
    ("/serde-", JSON),
    ("/itoa-", JSON),
    ("/zmij-", JSON),
    ("/http-", HTTP),
    ("/bytes-", HTTP),
    ("/http-body", HTTP),
    ("/tracing", TRACING),
    ("/tokio-", RUNTIME),
    ("malloc/", ALLOCATOR),
    ("/library/std/src/time", CLOCK),
];

const SIGNATURE: &str = "signature";
const QUERY: &str = "query";
const ANSWER: &str = "answer";
const WAY: &str = "the way: context, dispatch, panic guard, deadline, report";
const JSON: &str = "body into its event";
const HTTP: &str = "header map, URI, shared bytes";
const TRACING: &str = "tracing without a subscriber";
const RUNTIME: &str = "tokio";
const ALLOCATOR: &str = "allocator";
const CLOCK: &str = "clock";
const MEMORY: &str = "copying and comparing memory";
const LIBRARY: &str = "standard library, not told apart";

fn part(object: &str, file: &str, own_file: &str, function: &str) -> &'static str {
    if object.contains("libc") {
        return match function {
            _ if function.contains("mem") || function.contains("str") => MEMORY,
            _ if function.contains("clock") => CLOCK,
            _ => ALLOCATOR,
        };
    }
    if function.contains("clock_gettime") || function.contains("SystemTime") || object.contains("vdso") {
        return CLOCK;
    }
    // Code of the standard library is counted for the file that it is compiled into.
    for file in [file, own_file] {
        if let Some((_, part)) = BY_FILE.iter().find(|(piece, _)| file.contains(piece)) {
            return part;
        }
    }
    BY_FUNCTION.iter().find(|(piece, _)| function.contains(piece)).map_or(LIBRARY, |(_, part)| part)
}

/// By what the name of a function contains, where the file is the standard library's.
const BY_FUNCTION: &[(&str, &str)] = &[
    ("sha2::", SIGNATURE),
    ("auth::", SIGNATURE),
    ("hex::", SIGNATURE),
    ("memchr::", QUERY),
    ("query::", QUERY),
    ("urlencoded", QUERY),
    ("percent_encoding", QUERY),
    ("benchmarks::hand::Query", QUERY),
    ("try_map", QUERY),
    ("serde", JSON),
    ("decode", JSON),
    ("from_utf8", JSON),
    ("::group::", JSON),
    ("tracing", TRACING),
    ("http::", HTTP),
    ("bytes::", HTTP),
    ("reply::", ANSWER),
    ("endpoint::", WAY),
    ("table::", WAY),
    ("context::", WAY),
    ("running::", WAY),
    ("at_once", WAY),
    ("time", CLOCK),
    ("Time", CLOCK),
    ("alloc", ALLOCATOR),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_called_is_counted_where_it_was_done_and_once() {
        let profile = parse(
            "events: Ir\n\
             fl=(1) crates/core/src/endpoint.rs\n\
             fn=(1) handle\n\
             10 100\n\
             cfl=(2) crates/core/src/wire/query.rs\n\
             cfn=(2) parse\n\
             calls=1 20\n\
             11 900\n\
             fi=(3) /rustc/x/library/core/src/slice.rs\n\
             +2 7\n\
             fe=(1)\n\
             * 5\n\
             \n\
             fl=(2)\n\
             fn=(2)\n\
             20 900\n\
             totals: 1012\n",
        );
        assert_eq!(profile.total, 1_012);
        assert_eq!(profile.parts, BTreeMap::from([(WAY, 112), (QUERY, 900)]));
    }
}
