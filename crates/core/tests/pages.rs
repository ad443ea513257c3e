//! The lists of callbacks in README.md and docs/callbacks.md are what the code says.

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use tencent_im_callback::{C2cCode, CALLBACKS, Callback, FriendCode, GiftCode, GroupCode, OfficialAccountCode, Phase};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a page with what it should be, or rewrites it if that is wanted.
fn check(page: &str, expected: &str) {
    let path = root().join(page);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        return;
    }
    assert!(
        env::var_os("UPDATE_DOCS").is_some(),
        "{page} is out of date; `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test pages` rewrites it"
    );
    fs::write(path, expected).unwrap();
}

#[test]
fn the_readme_has_the_table_of_callbacks() {
    let mut table = String::from("| command | method | phase | answer |\n| --- | --- | --- | --- |\n");
    for Callback { command, method, phase, answer, .. } in CALLBACKS {
        writeln!(table, "| `{command}` | `{method}` | {phase} | `{answer}` |").unwrap();
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- callbacks -->\n").expect("the README has the marker");
    let (_, after) = rest.split_once("<!-- /callbacks -->").expect("the README has the closing marker");
    check("README.md", &format!("{before}<!-- callbacks -->\n{table}<!-- /callbacks -->{after}"));
}

#[test]
fn the_page_of_callbacks_is_that_of_the_code() {
    check("docs/callbacks.md", &page());
}

#[test]
fn the_links_within_the_page_of_callbacks_lead_somewhere() {
    let page = page();
    let pieces = |start: &'static str, end| {
        let rests = page.split(start).skip(1);
        rests.map(move |rest| rest.split(end).next().unwrap()).collect::<BTreeSet<_>>()
    };
    let (links, places) = (pieces("](#", ')'), pieces("<a id=\"", '"'));
    assert_eq!(places.len(), CALLBACKS.len());
    assert_eq!(links.difference(&places).collect::<Vec<_>>(), [&""; 0]);
}

/// What a type of answers can say, and the range of own codes.
fn choices(answer: &str) -> (&'static str, Option<(u32, u32)>) {
    let (kind, code) = answer.split_once('<').unwrap_or((answer, ""));
    let say = match kind {
        "()" => "noted",
        "Decision" => "allow; refuse; refuse with an own code and text",
        "InviteDecision" => "allow; allow all but some; refuse; refuse with an own code and text",
        "SubscribeDecision" => "allow; allow all but some; refuse",
        "MessageDecision" => {
            "allow; refuse; refuse with an own code and text; discard; replace body, custom data or both"
        }
        "FriendDecision" => "for each account: allow; refuse with a code and text",
        "SignalReply" => "data",
        "InterfaceReply" => "variables; a failure of the step",
        "AgentAssignment" => "a group of agents; agents",
        other => panic!("nothing is known of {other}: say here what it can say"),
    };
    let range = match code.trim_end_matches('>') {
        "" if kind == "FriendDecision" => Some((FriendCode::MIN, FriendCode::MAX)),
        "" => None,
        "GroupCode" => Some((GroupCode::MIN, GroupCode::MAX)),
        "C2cCode" => Some((C2cCode::MIN, C2cCode::MAX)),
        "OfficialAccountCode" => Some((OfficialAccountCode::MIN, OfficialAccountCode::MAX)),
        "GiftCode" => Some((GiftCode::MIN, GiftCode::MAX)),
        other => panic!("nothing is known of {other}: name its range here"),
    };
    (say, range)
}

fn codes(answer: &str) -> String {
    choices(answer).1.map_or_else(|| "none".to_owned(), |(min, max)| format!("{min} to {max}"))
}

/// What the documentation of a row consists of.
struct Docs {
    /// What has happened or is about to.
    first: String,
    /// Its phase.
    when: String,
    /// What follows from the answer.
    effect: Vec<String>,
    vendor: String,
}

fn docs(callback: &Callback) -> Docs {
    let text = callback.docs.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let mut paragraphs: Vec<_> =
        text.trim().split("\n\n").map(|paragraph| for_the_page(&paragraph.replace('\n', " "))).collect();
    let vendor = paragraphs.pop().expect("rows end with the vendor's page");
    let mut paragraphs = paragraphs.into_iter();
    let (first, when) = (paragraphs.next(), paragraphs.next());
    Docs {
        first: first.expect("rows begin with a sentence"),
        when: when.expect("rows have a phase"),
        effect: paragraphs.collect(),
        vendor,
    }
}

/// Links to methods become links within the page, and those to other items plain words.
fn for_the_page(docs: &str) -> String {
    let mut text = String::new();
    let mut rest = docs;
    while let Some((before, link)) = rest.split_once('[') {
        let (label, after) = link.split_once(']').expect("a link has an end");
        text.push_str(before);
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        rest = target.map_or(after, |(_, after)| after);
        match target {
            Some((target, _)) if target.starts_with("http") => write!(text, "[{label}]({target})").unwrap(),
            Some((target, _)) if target.starts_with("Self::") => {
                write!(text, "[{label}](#{})", &target["Self::".len()..]).unwrap();
            }
            _ => text.push_str(label),
        }
    }
    text + rest
}

/// The families in the order of the table, each with its callbacks.
fn families() -> Vec<(&'static str, Vec<&'static Callback>)> {
    let mut families: Vec<(&str, Vec<_>)> = Vec::new();
    for callback in CALLBACKS {
        let family = callback.command.split('.').next().expect("a command has two halves");
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, callbacks)) => callbacks.push(callback),
            None => families.push((family, vec![callback])),
        }
    }
    families
}

/// What the module of a family says of itself.
fn about(callback: &Callback) -> String {
    let module = callback.event.split("::").next().expect("an event is in a module");
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/events/{module}.rs"))).unwrap();
    let first = source.strip_prefix("//! ").and_then(|rest| rest.split(':').next()).expect("a module says what it is");
    format!("{first}. Module `{module}`.")
}

fn page() -> String {
    let deciding = || CALLBACKS.iter().filter(|callback| callback.phase != Phase::After);
    let mut page = format!(
        "# The callbacks\n\n\
         <!-- Made from the code: `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test pages` rewrites it. -->\n\n\
         All {} callbacks that this version knows: {} are sent *before* something and decide about it; {} asks for data;\n\
         the others are sent *after* something and are acknowledged. Method and event are named after the command, without\n\
         `Callback`. A callback that is sent after something is answered with `()`, and nothing can be refused.\n\n\
         ## What can be decided\n\n\
         | command | the answer can say | own codes |\n| --- | --- | --- |\n",
        CALLBACKS.len(),
        CALLBACKS.iter().filter(|callback| callback.phase == Phase::Before).count(),
        CALLBACKS.iter().filter(|callback| callback.phase == Phase::Reply).count(),
    );
    for Callback { command, method, answer, .. } in deciding() {
        writeln!(page, "| [`{command}`](#{method}) | {} | {} |", choices(answer).0, codes(answer)).unwrap();
    }
    page.push_str("\nThe section of each callback says what the client sees of a refusal.\n");
    for (family, callbacks) in families() {
        write!(page, "\n## {family}\n\n{}\n", about(callbacks[0])).unwrap();
        let (after, before): (Vec<_>, Vec<_>) =
            callbacks.into_iter().partition(|callback| callback.phase == Phase::After);
        for callback in before {
            write_deciding(&mut page, callback);
        }
        if after.is_empty() {
            continue;
        }
        page.push_str(
            "\n### After the fact\n\n| command, titles | method, event | what happened | described |\n\
             | --- | --- | --- | --- |\n",
        );
        for callback in after {
            let (Callback { command, method, event, .. }, Docs { first, vendor, .. }) = (callback, docs(callback));
            let vendor = vendor.replace("[Tencent's page]", "[page]");
            let command = [vec![&*format!("`{command}`")], titles(callback)].concat().join("<br>");
            writeln!(page, "| <a id=\"{method}\"></a>{command} | `{method}`<br>`{event}` | {first} | {vendor} |")
                .unwrap();
        }
    }
    page
}

/// The vendor's titles, as far as there are any.
fn titles(callback: &Callback) -> Vec<&'static str> {
    callback.title.into_iter().chain(callback.title_zh).collect()
}

fn write_deciding(page: &mut String, callback: &Callback) {
    let Callback { command, method, event, answer, phase, .. } = callback;
    let Docs { first, when, effect, vendor } = docs(callback);
    let (say, _) = choices(answer);
    write!(
        page,
        "\n### <a id=\"{method}\"></a>`{command}` ({phase})\n\n{first} {when}\n\n\
         | | |\n| --- | --- |\n| titles | {} |\n| method | `{method}` |\n| event | `{event}` |\n| answer | `{answer}`: {say} |\n\
         | own codes | {} |\n",
        titles(callback).join("<br>"),
        codes(answer)
    )
    .unwrap();
    for paragraph in effect {
        write!(page, "\n{paragraph}\n").unwrap();
    }
    write!(page, "\n{vendor}\n").unwrap();
}
