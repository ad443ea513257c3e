//! What is found on docs.rs: the page of each event has a body and the vendor's page, and the search finds the vendor's
//! words.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use tencent_im_callback::{CALLBACKS, Callback};

fn core() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The end of an event's page.
fn page(callback: &Callback) -> String {
    let sample = core().join("../testkit/samples/requests").join(format!("{}.json", callback.command));
    let body = fs::read_to_string(&sample).or_else(|_| fs::read_to_string(first_variant(callback.command)));
    let body = body.unwrap_or_else(|error| panic!("{}: {error}", callback.command));
    let link = callback.docs.lines().rev().find(|line| line.contains("[Tencent's page](")).expect("a row has a link");
    format!("A body that the service sends:\n\n```json\n{}\n```\n\n{}\n", body.trim(), link.trim())
}

/// The first sample of a callback that has several shapes and none without a name.
fn first_variant(command: &str) -> PathBuf {
    let entries = fs::read_dir(core().join("../testkit/samples/requests")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let is_of_command =
        |file: &&PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with(&format!("{command}."));
    files.iter().find(is_of_command).unwrap_or_else(|| panic!("{command} has no sample")).clone()
}

#[test]
fn the_page_of_an_event_ends_with_a_body_and_the_page_of_the_vendor() {
    let folder = core().join("docs/events");
    for callback in CALLBACKS {
        let (path, expected) = (folder.join(format!("{}.md", callback.command)), page(callback));
        if fs::read_to_string(&path).unwrap_or_default() == expected {
            continue;
        }
        assert!(
            env::var_os("UPDATE_DOCS").is_some(),
            "{} is out of date; `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test event_pages` rewrites it",
            path.display()
        );
        fs::write(path, expected).unwrap();
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), CALLBACKS.len(), "a page belongs to no event");
}

/// The source files of a folder.
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
    texts
}

/// The attributes above an item, as far up as the item before it.
fn attributes<'a>(source: &'a str, item: &str) -> Option<&'a str> {
    let (before, _) = source.split_once(item)?;
    Some(before.rsplit_once("\n\n").map_or(before, |(_, attributes)| attributes))
}

#[test]
fn an_event_is_found_by_its_command_with_and_without_the_family() {
    let sources = sources(&core().join("src/events"));
    for Callback { command, event, .. } in CALLBACKS {
        let (_, name) = event.split_once("::").unwrap();
        let (_, short) = command.split_once('.').unwrap();
        let command_alias = format!("#[doc(alias = \"{command}\")]");
        let of_event = sources
            .iter()
            .find_map(|source| source.split_once(&command_alias))
            .unwrap_or_else(|| panic!("{event} is not found by `{command}`"));
        let (before, after) = of_event;
        let (attributes, _) = after.split_once("pub struct ").expect("an event is a struct");
        assert!(after[attributes.len()..].starts_with(&format!("pub struct {name} ")), "{command}");
        assert!(name == short || attributes.contains(&format!("#[doc(alias = \"{short}\")]")), "{event}: {short}");
        assert!(before.ends_with(&format!("docs/events/{command}.md\")]\n")), "{event} does not show its page");
    }
}

#[test]
fn the_words_of_the_vendor_and_of_the_trade_are_found() {
    for (file, item, aliases) in [
        ("platform.rs", "pub enum Platform ", &["OptPlatform"][..]),
        ("context.rs", "pub fn platform(", &["OptPlatform"]),
        ("context.rs", "pub const fn app_id(", &["SdkAppid"]),
        ("context.rs", "pub fn client_ip(", &["ClientIP"]),
        ("context.rs", "pub fn request_id(", &["RequestID"]),
        ("context.rs", "pub fn identity(", &["dedup", "idempotent"]),
        ("context.rs", "pub const fn body(", &["payload"]),
        ("event.rs", "fn identity(", &["dedup", "idempotent"]),
        ("event.rs", "pub struct Identity(", &["dedup", "idempotent"]),
        ("endpoint.rs", "pub struct Endpoint(", &["webhook"]),
        ("endpoint.rs", "pub fn deliver(", &["retry"]),
        ("endpoint.rs", "pub async fn drain(", &["graceful", "shutdown"]),
        ("endpoint/builder.rs", "pub fn app(", &["SdkAppid", "Sign"]),
        ("endpoint/builder.rs", "pub fn deadline(", &["timeout"]),
        ("endpoint/policy.rs", "pub enum OnFailure ", &["timeout", "retry"]),
        ("journal.rs", "pub trait Journal:", &["retry"]),
        ("answer/decision.rs", "pub enum InviteDecision<", &["RefusedMembers_Account"]),
        ("answer/decision.rs", "pub enum SubscribeDecision ", &["RefusedSubscribers_Account"]),
        ("answer/friend.rs", "pub struct FriendDecision(", &["ResultItem"]),
        ("answer/message.rs", "pub struct Replacement ", &["MsgBody", "CloudCustomData"]),
        ("answer/signal.rs", "pub struct SignalReply(", &["RspData"]),
        ("answer/code.rs", "pub trait Code:", &["ErrorCode"]),
        ("handler.rs", "pub trait CallbackHandler ", &["webhook"]),
    ] {
        let source = fs::read_to_string(core().join("src").join(file)).unwrap();
        let attributes = attributes(&source, item).unwrap_or_else(|| panic!("{file} has no `{item}`"));
        for alias in aliases {
            assert!(attributes.contains(&format!("#[doc(alias = \"{alias}\")]")), "{item} is not found by `{alias}`");
        }
    }
}
