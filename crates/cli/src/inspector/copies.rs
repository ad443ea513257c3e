//! A callback to take along: as a command, as a request of curl, as a test, as a handler.

use serde_json::{Value, json};
use tencent_im_callback_testkit::Effect;

use super::{entry::Entry, share::masked};
use crate::commands::stub;

/// All forms that there are for this callback.
pub(super) fn of(entry: &Entry, url: &str) -> Value {
    let note = entry.is_cut().then(|| {
        format!(
            "the first {} of {} bytes of the body: the rest is not kept",
            entry.recorded.body().len(),
            entry.body_length
        )
    });
    let stub = entry.callback.map(|callback| stub::program(&[callback], "App"));
    json!({ "send": send(entry, url), "curl": curl(entry, url), "test": test(entry), "stub": stub, "note": note })
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn body_of(entry: &Entry) -> String {
    String::from_utf8_lossy(entry.recorded.body()).into_owned()
}

fn send(entry: &Entry, url: &str) -> String {
    let parameter = |name| entry.recorded.parameter(name).filter(|value| !value.is_empty());
    let mut options = String::new();
    for (option, name) in [("--app", "SdkAppid"), ("--platform", "OptPlatform"), ("--client-ip", "ClientIP")] {
        if let Some(value) = parameter(name) {
            options.extend([" ", option, " ", &word(&value)]);
        }
    }
    if !entry.recorded.is_signed() {
        options += " --unsigned";
    }
    let command = entry.recorded.command();
    format!(
        "printf %s {} |\n  im-callback send {} {}{options} --body -",
        quoted(&body_of(entry)),
        word(url),
        word(&command)
    )
}

/// Without quotes where a shell needs none.
fn word(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ":/._-".contains(char);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// `--data-raw`, because `--data` reads a file where a body begins with `@`; `--globoff`, because a URL may have brackets;
/// and a signature that is made when the command runs.
fn curl(entry: &Entry, url: &str) -> String {
    let query = masked(entry.recorded.query());
    let pieces = query.split('&').filter(|piece| {
        !piece.is_empty() && !piece.split('=').next().unwrap_or_default().eq_ignore_ascii_case("RequestTime")
    });
    let query = pieces.collect::<Vec<_>>().join("&");
    let and = if query.is_empty() || !entry.recorded.is_signed() { "" } else { "&" };
    let sign = if entry.recorded.is_signed() { "\"$(im-callback sign)\"" } else { "" };
    let url = quoted(&format!("{url}?{query}{and}"));
    format!(
        "curl --globoff -X {} {url}{sign} \\\n  -H 'Content-Type: application/json' \\\n  --data-raw {}",
        word(entry.recorded.http_method()),
        quoted(&body_of(entry))
    )
}

/// A test in Rust with this body, which expects this answer. `None` for a callback that has no type, and for a body that no
/// test can contain.
fn test(entry: &Entry) -> Option<String> {
    let callback = entry.callback?;
    let body = std::str::from_utf8(entry.recorded.body()).ok().filter(|_| !entry.is_cut())?;
    // Without white space between its tokens, a body is one line.
    let body: Value = serde_json::from_str(body).ok()?;
    let body = body.to_string();
    let family = callback.event.split_once("::").map_or(callback.event, |(family, _)| family);
    let longest = body.split('"').skip(1).map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count()).max();
    let hashes = "#".repeat(longest.unwrap_or_default() + 1);
    let call = "harness.call(Sample::of(serde_json::from_str(BODY).unwrap())).await";
    let assertion = entry.effect.as_ref().map_or_else(String::new, assertion);
    Some(format!(
        "use tencent_im_callback::{family};\n\
         use tencent_im_callback_testkit::{{Harness, Sample}};\n\n\
         const BODY: &str = r{hashes}\"{body}\"{hashes};\n\n\
         #[tokio::test]\n\
         async fn {}_is_answered_as_before() {{\n\
         \x20   let harness = Harness::new(App);\n\
         \x20   let sample: Sample<{}> = Sample::of(serde_json::from_str(BODY).unwrap());\n\
         \x20   let answer = harness.call(sample).await;\n\
         \x20   {}\n\
         }}\n",
        callback.method,
        callback.event,
        if assertion.is_empty() { format!("// There was no answer to compare with: {call}") } else { assertion },
    ))
}

/// What a test says of such an answer.
fn assertion(effect: &Effect) -> String {
    let text = |text: &str| format!("{text:?}");
    match effect {
        Effect::Acknowledged => "answer.assert_acknowledged();".into(),
        Effect::Allowed => "answer.assert_allowed();".into(),
        Effect::Refused => "answer.assert_refused();".into(),
        Effect::Discarded => "answer.assert_discarded();".into(),
        Effect::RefusedWith { code, text: why } => {
            format!("answer.assert_refused_with({code}).assert_text({});", text(why))
        }
        Effect::AllowedExcept { accounts } => format!("answer.assert_allowed_except({accounts:?});"),
        Effect::Data { data } => format!("answer.assert_data({});", text(data)),
        Effect::ByAccount { accounts } => {
            let each = accounts.iter().map(|account| match account.code {
                0 => format!(".assert_account_allowed({})", text(&account.account)),
                code => format!(".assert_account_refused_with({}, {code})", text(&account.account)),
            });
            format!("answer{};", each.collect::<String>())
        }
        other => format!("assert_eq!(answer.effect().to_string(), {});", text(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tencent_im_callback_testkit::recording::Recorded;

    use super::*;

    fn entry(body: &str) -> Entry {
        let query =
            "SdkAppid=1400000001&CallbackCommand=Group.CallbackBeforeCreateTopic&tenant=hush&Sign=00&RequestTime=7";
        let answer = r#"{"ActionStatus":"OK","ErrorInfo":"no \"spam\"","ErrorCode":10123}"#;
        Entry::of_recording(Recorded::new(SystemTime::now(), query, body.to_owned()).answered(
            200,
            answer,
            Duration::ZERO,
        ))
    }

    #[test]
    fn a_request_of_curl_has_no_signature_and_no_parameter_of_the_users_own() {
        let copied = curl(&entry(r#"{"Name":"it's $(rm -rf /) `x` #"}"#), "http://127.0.0.1:8080/callback");
        assert_eq!(
            copied,
            "curl --globoff -X POST 'http://127.0.0.1:8080/callback?SdkAppid=1400000001&\
             CallbackCommand=Group.CallbackBeforeCreateTopic&tenant=***&'\"$(im-callback sign)\" \\\n  \
             -H 'Content-Type: application/json' \\\n  \
             --data-raw '{\"Name\":\"it'\\''s $(rm -rf /) `x` #\"}'"
        );
    }

    #[test]
    fn a_shell_gets_the_body_as_it_was() {
        let body = r#"{"Name":"it's $(date) `x` \\ \"#;
        let copied = send(&entry(body), ":8080/callback");
        let script = copied.replace("im-callback send", "cat; :");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), body, "{script}");
        assert!(
            copied
                .ends_with("im-callback send :8080/callback Group.CallbackBeforeCreateTopic --app 1400000001 --body -")
        );
    }

    #[test]
    fn a_test_expects_the_answer_and_contains_any_text() {
        let copied = test(&entry(r###"{"Name":"a\"#b\"##c"}"###)).unwrap();
        assert!(copied.contains(r####"r###"{"Name":"a\"#b\"##c"}"###;"####), "{copied}");
        assert!(copied.contains(r#"answer.assert_refused_with(10123).assert_text("no \"spam\"");"#), "{copied}");
        assert!(copied.contains("let sample: Sample<group::BeforeCreateTopic>"), "{copied}");
        assert_eq!(test(&entry("no JSON")), None);
    }
}
