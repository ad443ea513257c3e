//! What `stub` prints is compiled here as it is, and so is what it names in comments.

use std::{fs, path::Path, process::Command};

use tencent_im_callback::CALLBACKS;

use crate::program::{APP, TOKEN, finish, run};

/// As a user would paste it: all callbacks.
mod all {
    include!("stub/all.rs");

    pub(super) fn handler() -> impl CallbackHandler {
        App
    }
}

/// With the answers that the comments name.
mod choices {
    include!("stub/choices.rs");

    pub(super) fn handler() -> impl CallbackHandler {
        App
    }
}

#[test]
fn the_stub_of_all_callbacks_is_what_is_compiled_here() {
    let stub = run(&["stub", "--all"]).exited(0);
    assert_eq!(stub.matches("    async fn ").count(), CALLBACKS.len());
    assert_is("all.rs", &stub);
    let endpoint = tencent_im_callback::Endpoint::builder(all::handler()).app(APP, [TOKEN]).build();
    assert!(endpoint.is_ok());
}

#[test]
fn what_the_comments_name_compiles_too() {
    let before = CALLBACKS.iter().filter(|callback| callback.phase == tencent_im_callback::Phase::Before);
    let args: Vec<_> = ["stub"].into_iter().chain(before.map(|callback| callback.command)).collect();
    let stub = run(&args).exited(0);
    // An answer may be several lines long, of which the last closes the parenthesis of the first.
    let mut is_open = false;
    let lines = stub.lines().map(|line| {
        let Some(comment) = line.trim_start().strip_prefix("// ") else { return format!("{line}\n") };
        if comment.starts_with("const ") {
            return format!("{comment}\n");
        }
        let begins = comment.starts_with("Ok(");
        if !begins && !is_open {
            return format!("{line}\n");
        }
        let head = if begins { "        if false {\n            return " } else { "            " };
        is_open = (begins && comment.ends_with('{')) || (is_open && !comment.starts_with("})"));
        let end = if is_open { "\n" } else { ";\n        }\n" };
        format!("{head}{comment}{end}")
    });
    assert_is("choices.rs", &lines.collect::<String>());
    drop(choices::handler());
}

/// Compares with the file that this test includes, or writes it anew if the environment says so.
#[track_caller]
fn assert_is(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/stub").join(name);
    if std::env::var_os("IM_CALLBACK_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "{name} is not what `stub` prints; run the tests with IM_CALLBACK_UPDATE=1 and look at the diff"
    );
}

#[test]
fn a_refusal_code_is_a_constant_outside_the_impl() {
    let stub = run(&["stub", "Group.CallbackBeforeCreateTopic", "Sns.CallbackPrevFriendAdd"]).exited(0);
    let (head, methods) = stub.split_once("struct App;").unwrap();
    assert!(head.contains("\n// const GROUP_REFUSED: GroupCode = GroupCode::new(10_100);\n"), "{head}");
    assert!(methods.contains("// Ok(Decision::refuse_with(GROUP_REFUSED, \"why\"))\n"), "{methods}");
    assert!(methods.contains("// Ok(FriendDecision::refuse_all(&event, FRIEND_REFUSED, \"why\"))\n"), "{methods}");
    // Methods to paste into an impl have the constant above them.
    let methods = run(&["stub", "Group.CallbackBeforeCreateTopic", "--methods"]).exited(0);
    let constant =
        "    // Outside this impl:\n    // const GROUP_REFUSED: GroupCode = GroupCode::new(10_100);\n\n    /// A topic";
    assert!(methods.starts_with(constant), "{methods}");
}

/// Why a text teaches a code that `cargo check` does not verify: the line with one that is no constant.
fn unverified_code(text: &str) -> Option<&str> {
    text.lines().find(|line| {
        line.match_indices("Code::new(").any(|(place, _)| {
            // The type, perhaps with a path, behind `const NAME: TYPE = `.
            let before =
                line[..place].trim_end_matches(|char: char| char.is_alphanumeric() || char == '_' || char == ':');
            let mut words = before.strip_suffix(" = ").unwrap_or_default().rsplit(' ').skip(1);
            let is_named = words.next().is_some_and(|name| name.ends_with(':'));
            !(is_named && words.next().is_some_and(|word| word.ends_with("const")))
        })
    })
}

#[test]
fn every_page_and_every_stub_teaches_refusal_codes_as_constants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut taught: Vec<_> = pages(&root);
    taught.extend(
        ["src/lib.rs", "src/answer/code.rs", "src/answer/decision.rs", "src/answer/friend.rs", "src/answer/message.rs"]
            .map(|file| root.join("crates/core").join(file)),
    );
    taught.extend(["src/lib.rs", "src/harness.rs"].map(|file| root.join("crates/testkit").join(file)));
    assert!(taught.len() > 12, "{taught:?}");
    for file in taught {
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(unverified_code(&text), None, "{}", file.display());
    }
    for args in [&["stub", "--all"][..], &["stub", "--all", "--methods"]] {
        let stub = run(args).exited(0);
        assert_eq!(unverified_code(&stub), None);
        // The constants are there at all.
        assert_eq!(stub.matches("Code::new(").count(), 5, "{stub}");
    }
    for callback in CALLBACKS {
        assert_eq!(unverified_code(&run(&["stub", callback.command]).exited(0)), None);
    }
}

/// The Markdown pages of the repository.
fn pages(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

#[test]
fn a_code_that_is_no_constant_is_found() {
    for line in [
        "const NO_SPAM: GroupCode = GroupCode::new(10_123);",
        "    // pub const NO_SPAM: tencent_im_callback::GroupCode = tencent_im_callback::GroupCode::new(10_123);",
        "a constant: `const NO_SPAM: GroupCode = GroupCode::new(10_123);`",
    ] {
        assert_eq!(unverified_code(line), None, "{line}");
    }
    for line in [
        "        // Ok(Decision::refuse_with(GroupCode::new(10_100), \"why\"))",
        "    let closed = GroupCode::new(10_117);",
        "    let closed: GroupCode = GroupCode::new(10_117);",
        "const A: C2cCode = C2cCode::new(120_001); let b = C2cCode::new(120_002);",
    ] {
        assert_eq!(unverified_code(line), Some(line));
    }
}

#[test]
fn a_stub_is_formatted_as_rustfmt_does_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stub.rs");
    for args in [&["stub", "--all"][..], &["stub", "State.StateChange"], &["stub", "Group.CallbackBeforeCreateTopic"]] {
        fs::write(&file, run(args).exited(0)).unwrap();
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--check"]).arg(&file).current_dir(folder.path());
        let formatted = finish(rustfmt);
        assert_eq!(formatted.status, 0, "{args:?}\n{}{}", formatted.out, formatted.err);
    }
}

#[test]
fn a_stub_has_what_was_asked_for_and_no_more() {
    let stub = run(&["stub", "state_state_change", "State.StateChange", "--type", "Handler"]).exited(0);
    assert_eq!(
        stub,
        "use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, state};

struct Handler;

#[async_trait]
impl CallbackHandler for Handler {
    /// A user came online or went offline, or changed the custom status.
    ///
    /// `State.StateChange`
    async fn state_state_change(&self, _ctx: &Context, _event: state::StateChange) -> Result<()> {
        Ok(())
    }
}
"
    );
    let methods = run(&["stub", "State.StateChange", "--methods"]).exited(0);
    assert!(stub.contains(&methods) && !methods.contains("impl"), "{methods}");
}

#[test]
fn a_name_that_no_type_can_have_is_refused() {
    let err = run(&["stub", "--all", "--type", "my handler"]).complained(2);
    assert!(err.contains("`my handler` cannot be the name of a type"), "{err}");
    let err = run(&["stub"]).complained(2);
    assert!(err.contains("required arguments"), "{err}");
}

#[test]
fn a_family_is_asked_for_by_its_name() {
    for (name, family) in [("c2c", "C2C."), ("official_account", "OfficialAccount."), ("Sns", "Sns.")] {
        let stub = run(&["stub", name, "--methods"]).exited(0);
        let commands = CALLBACKS.iter().filter(|callback| callback.command.starts_with(family));
        assert!(commands.clone().all(|callback| stub.contains(&format!("/// `{}`\n", callback.command))), "{stub}");
        assert_eq!(stub.matches("    async fn ").count(), commands.count());
    }
    let err = run(&["stub", "c3c"]).complained(2);
    assert!(err.contains("invalid value 'c3c'"), "{err}");
}
