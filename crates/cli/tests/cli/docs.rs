//! Runs the commands of the guide in a shell, and compares the output.
//!
//! In a `console` block a line after `$` is a command and the others are its output; the lines in
//! place of which there is `...` can be any. A block that says `background` runs beside those after it.
//! Figures are not compared: most are times.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tencent_im_callback::{CallbackHandler, Endpoint};

use crate::{
    program::{APP, TOKEN, finish},
    server::{App, Server, builder},
};

struct Lenient;

impl CallbackHandler for Lenient {}

/// A shell in a folder of its own, in which the guide's ports are others.
struct Shell {
    folder: tempfile::TempDir,
    ports: Vec<(&'static str, String)>,
}

impl Shell {
    fn command(&self, line: &str) -> Command {
        let line = with_ports(line, self.ports.iter().map(|(port, other)| (*port, other.as_str())));
        let program = Path::new(env!("CARGO_BIN_EXE_im-callback"));
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("exec 2>&1; {line}")])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
            .env("IM_CALLBACK_APP", APP.to_string())
            .env("IM_CALLBACK_TOKEN", TOKEN)
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, line: &str) -> String {
        self.as_in_the_guide(&finish(self.command(line)).out)
    }

    /// Starts it, with its output in a file, and waits until it listens.
    fn start(&self, line: &str) -> (Child, PathBuf) {
        let file = self.folder.path().join(format!("{}.out", line.len()));
        let child = self.command(line).stdout(fs::File::create(&file).unwrap()).spawn().unwrap();
        let started = Instant::now();
        while !fs::read_to_string(&file).unwrap().contains("listening on") {
            assert!(started.elapsed() < Duration::from_secs(20), "{line} does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        (child, file)
    }

    fn ended(&self, (mut child, file): (Child, PathBuf)) -> String {
        child.wait().unwrap();
        self.as_in_the_guide(&fs::read_to_string(file).unwrap())
    }

    fn as_in_the_guide(&self, output: &str) -> String {
        with_ports(output, self.ports.iter().map(|(port, other)| (other.as_str(), *port)))
    }
}

/// The text with other ports, all changed at once: within one of the system's there may be one of the guide's.
fn with_ports<'a>(text: &str, ports: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut changed = String::new();
    let mut rest = text;
    let ports: Vec<_> = ports.collect();
    while !rest.is_empty() {
        let found = ports.iter().find(|(from, _)| rest.starts_with(from));
        let (taken, to) = found.map_or_else(
            || (rest.chars().next().map_or(0, char::len_utf8), None),
            |(from, to)| (from.len(), Some(*to)),
        );
        changed.push_str(to.unwrap_or(&rest[..taken]));
        rest = &rest[taken..];
    }
    changed
}

/// A command of the guide, the lines of its output, and whether it runs in the background.
struct Shown<'a> {
    line: &'a str,
    output: Vec<&'a str>,
    in_background: bool,
}

fn shown(guide: &str) -> Vec<Shown<'_>> {
    let mut shown: Vec<Shown<'_>> = Vec::new();
    let mut block = None;
    for line in guide.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some("console")) => block = Some(false),
            (None, Some("console background")) => block = Some(true),
            (_, Some(_)) => block = None,
            (Some(in_background), None) => match line.strip_prefix("$ ") {
                Some(line) => shown.push(Shown { line, output: Vec::new(), in_background }),
                None => shown.last_mut().unwrap().output.push(line),
            },
            (None, None) => {}
        }
    }
    shown
}

/// Without the figures, and the units that go with them. The id of a request is another one each time.
fn without_figures(line: &str) -> String {
    if line.starts_with("  request  ") {
        return "  request".to_owned();
    }
    let mut text = String::new();
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        if !char.is_ascii_digit() {
            text.push(char);
            continue;
        }
        while chars.peek().is_some_and(|next| next.is_ascii_digit() || *next == '.') {
            chars.next();
        }
        text.push('#');
    }
    ["# µs", "# ms", "# s"].iter().fold(text, |text, unit| text.replace(unit, "#")).trim_end().to_owned()
}

/// Whether the output is the one shown, in which `...` is any number of lines.
fn is_as_shown(shown: &[&str], output: &[&str]) -> bool {
    match (shown, output) {
        ([], output) => output.is_empty(),
        (["...", rest @ ..], output) => (0..=output.len()).any(|skipped| is_as_shown(rest, &output[skipped..])),
        ([line, rest @ ..], [first, others @ ..]) => {
            without_figures(line) == without_figures(first) && is_as_shown(rest, others)
        }
        _ => false,
    }
}

#[test]
fn the_guide_shows_what_happens() {
    is_true("im-callback.md", 20);
}

#[test]
fn the_guide_to_testing_shows_what_happens() {
    is_true("testing.md", 5);
}

/// Types all commands of a guide, which has more than `commands`.
fn is_true(guide: &str, commands: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(guide);
    let guide = fs::read_to_string(&path).unwrap();
    let good = Server::of(&builder(App).build().unwrap());
    let lenient = Server::of(&builder(Lenient).build().unwrap());
    let trusting = Server::of(&Endpoint::builder(App).unverified_app(APP).build().unwrap());
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let shell = Shell {
        folder: tempfile::tempdir().unwrap(),
        ports: vec![
            ("8080", good.port().to_string()),
            ("8081", lenient.port().to_string()),
            ("8082", trusting.port().to_string()),
            ("9000", free()),
            ("9001", free()),
        ],
    };
    let all = shown(&guide);
    assert!(all.len() > commands, "only {} commands are found in the guide", all.len());
    let mut outputs = vec![None; all.len()];
    let mut running = Vec::new();
    for (place, shown) in all.iter().enumerate() {
        if shown.in_background {
            running.push((place, shell.start(shown.line)));
        } else {
            outputs[place] = Some(shell.run(shown.line));
        }
    }
    for (place, started) in running {
        outputs[place] = Some(shell.ended(started));
    }
    let outputs: Vec<_> = outputs.into_iter().map(Option::unwrap).collect();
    if std::env::var_os("IM_CALLBACK_UPDATE").is_some() {
        return fs::write(&path, rewritten(&guide, &all, &outputs)).unwrap();
    }
    for (shown, output) in all.iter().zip(&outputs) {
        let lines: Vec<_> = output.lines().collect();
        assert!(is_as_shown(&shown.output, &lines), "the guide is wrong about `{}`, which says:\n{output}", shown.line);
    }
    // The token that was used is another than the guide's, and in none of the files.
    for file in fs::read_dir(&shell.folder).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            assert!(!fs::read_to_string(&file).unwrap().contains(TOKEN), "{}", file.display());
        }
    }
}

/// The guide with what is shown now, but for what is shown in part.
fn rewritten(guide: &str, all: &[Shown<'_>], outputs: &[String]) -> String {
    let mut text = String::new();
    let mut results = all.iter().zip(outputs);
    let mut skipping = false;
    for line in guide.lines() {
        if line.starts_with("```") || line.starts_with("$ ") {
            skipping = false;
        }
        if skipping {
            continue;
        }
        text.push_str(line);
        text.push('\n');
        if line.starts_with("$ ") {
            let (shown, output) = results.next().unwrap();
            // What is right stays, figures included.
            let is_right = is_as_shown(&shown.output, &output.lines().collect::<Vec<_>>());
            skipping = !is_right && !shown.output.contains(&"...");
            if skipping {
                text.extend(output.lines().flat_map(|line| [line.trim_end(), "\n"]));
            }
        }
    }
    text
}

#[test]
fn figures_do_not_matter_and_left_out_lines_can_be_any() {
    assert!(is_as_shown(&["took 1.2 ms", "...", "end"], &["took 300 s", "a", "b", "end"]));
    assert!(is_as_shown(&["...", "end"], &["end"]));
    assert!(!is_as_shown(&["end"], &["end", "more"]));
    assert!(!is_as_shown(&["a", "..."], &["b"]));
}
