//! docs/callbacks.md, made from the code.

use std::{collections::BTreeSet, fmt::Write as _};

use tencent_im_callback::{C2cCode, CALLBACKS, Callback, FriendCode, GiftCode, GroupCode, OfficialAccountCode, Phase};

use crate::{about, check, families, module};

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

/// What a type of answers can say.
fn choices(answer: &str) -> &'static str {
    match answer.split('<').next().unwrap_or_default() {
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
    }
}

/// The smallest and the largest own code of an answer.
pub(crate) fn range(answer: &str) -> Option<(u32, u32)> {
    let (kind, code) = answer.split_once('<').unwrap_or((answer, ""));
    match code.trim_end_matches('>') {
        "" if kind == "FriendDecision" => Some((FriendCode::MIN, FriendCode::MAX)),
        "" => None,
        "GroupCode" => Some((GroupCode::MIN, GroupCode::MAX)),
        "C2cCode" => Some((C2cCode::MIN, C2cCode::MAX)),
        "OfficialAccountCode" => Some((OfficialAccountCode::MIN, OfficialAccountCode::MAX)),
        "GiftCode" => Some((GiftCode::MIN, GiftCode::MAX)),
        other => panic!("nothing is known of {other}: name its range here"),
    }
}

fn codes(answer: &str) -> String {
    range(answer).map_or_else(|| "none".to_owned(), |(min, max)| format!("{min} to {max}"))
}

/// What the documentation of a row consists of.
pub(crate) struct Docs {
    /// What has happened or is about to.
    first: String,
    /// Its phase.
    when: String,
    /// What follows from the answer.
    effect: Vec<String>,
    /// A link to the vendor's page.
    pub(crate) vendor: String,
}

pub(crate) fn docs(callback: &Callback) -> Docs {
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

fn page() -> String {
    let deciding = || CALLBACKS.iter().filter(|callback| callback.phase != Phase::After);
    let mut page = format!(
        "# The callbacks\n\n[简体中文](callbacks.zh-CN.md)\n\n\
         <!-- Made from the code: `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test pages` rewrites it. -->\n\n\
         All {} callbacks that this version knows: {} are sent *before* something and decide about it; {} ask for data;\n\
         the others are sent *after* something and are acknowledged. Method and event are named after the command, without\n\
         `Callback`. A callback that is sent after something is answered with `()`, and nothing can be refused.\n\n\
         ## What can be decided\n\n\
         | command | the answer can say | own codes |\n| --- | --- | --- |\n",
        CALLBACKS.len(),
        CALLBACKS.iter().filter(|callback| callback.phase == Phase::Before).count(),
        CALLBACKS.iter().filter(|callback| callback.phase == Phase::Reply).count(),
    );
    for Callback { command, method, answer, .. } in deciding() {
        writeln!(page, "| [`{command}`](#{method}) | {} | {} |", choices(answer), codes(answer)).unwrap();
    }
    page.push_str("\nThe section of each callback says what the client sees of a refusal.\n");
    for (family, callbacks) in families() {
        write!(page, "\n## {family}\n\n{}. Module `{}`.\n", about(callbacks[0]), module(callbacks[0])).unwrap();
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
    let say = choices(answer);
    let titles = match titles(callback) {
        titles if titles.is_empty() => String::new(),
        titles => format!("| titles | {} |\n", titles.join("<br>")),
    };
    write!(
        page,
        "\n### <a id=\"{method}\"></a>`{command}` ({phase})\n\n{first} {when}\n\n\
         | | |\n| --- | --- |\n{titles}| method | `{method}` |\n| event | `{event}` |\n| answer | `{answer}`: {say} |\n\
         | own codes | {} |\n",
        codes(answer)
    )
    .unwrap();
    for paragraph in effect {
        write!(page, "\n{paragraph}\n").unwrap();
    }
    write!(page, "\n{vendor}\n").unwrap();
}
