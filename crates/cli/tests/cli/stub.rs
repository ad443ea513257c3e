//! What `stub` prints is compiled here as it is, and so is what it names in comments.

use std::{fs, path::Path, process::Command};

use tencent_im_callback::CALLBACKS;

use crate::program::{APP, TOKEN, finish, run};

/// As somebody would paste it: all callbacks.
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
    let lines = stub.lines().map(|line| match line.trim_start().strip_prefix("// Ok(") {
        Some(answer) => format!("        if false {{\n            return Ok({answer};\n        }}\n"),
        None => format!("{line}\n"),
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
