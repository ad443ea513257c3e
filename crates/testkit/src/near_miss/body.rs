//! Near misses in the body: what is no JSON, and what is JSON in an odd way.

use serde_json::Value;
use tencent_im_callback::Callback;

use super::{Good, Names, NearMiss, Reaches, Receiver};
use crate::Request;

/// How much is read at most of a body whose sender is refused.
const DRAINED: usize = 4 * 1024 * 1024;

/// How deep the deep nesting goes.
const DEEP: usize = 10_000;

pub(super) fn misses(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let mut misses = limits(receiver, good);
    misses.extend(no_json(good));
    misses.extend(odd_json(good));
    misses.extend(named(receiver, good));
    misses
}

fn limits(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let limit = receiver.body_limit;
    if good.request.content().len() > limit {
        return Vec::new();
    }
    let over = || good.request().padded(limit + 1);
    let forged = "forged, and one byte over the limit";
    vec![
        good.taken("body exactly at the limit", good.request().padded(limit)),
        good.refused(413, "body one byte over the limit", over()),
        if limit <= DRAINED {
            good.refused(413, forged, over().forged())
        } else {
            good.refused(401, forged, over().forged())
                .open_because("a receiver may read as far as the limit first: 413")
        },
    ]
}

fn no_json(good: &Good<'_>) -> Vec<NearMiss> {
    let body: &[u8] = good.request.content();
    let whole = |name: &'static str, body: Vec<u8>| good.undecodable(name, good.request().body(body));
    let text = |name: &'static str, body: &str| whole(name, body.as_bytes().to_vec());
    let field = |name: &'static str, value: &[u8]| whole(name, with_field(good, value));
    let without_end = body.trim_ascii_end();
    vec![
        text("empty body", ""),
        text("blank body", " \r\n\t"),
        text("body that is null", "null"),
        text("body that is a list", "[]"),
        text("body that is text", "\"callback\""),
        text("body that is a number", "0"),
        text("body that is a form", "GroupId=g&Name=n"),
        whole("body in a list", [b"[", body, b"]"].concat()),
        whole("truncated JSON: the last byte", without_end[..without_end.len() - 1].to_vec()),
        whole("truncated JSON: half of it", body[..body.len() / 2].to_vec()),
        whole("trailing garbage: a brace", [body, b"}"].concat()),
        whole("trailing garbage: a word", [body, b"x"].concat()),
        whole("trailing garbage: `%00`", [body, b"\0"].concat()),
        whole("trailing garbage: the body again", [body, body].concat()),
        whole("two byte order marks", [b"\xef\xbb\xbf\xef\xbb\xbf", body].concat()),
        whole("UTF-16", String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect()),
        whole("comment, as in the vendor's samples", [b"// a comment\n", body].concat()),
        field("invalid UTF-8: outside of text", b"\xff"),
        field("unescaped line break", b"\"a\nb\""),
        field("NaN", b"NaN"),
        field("number with a zero before it", b"01"),
        text("deep nesting: lists and nothing else", &nested("[", "]")),
        text("deep nesting: lists that are not closed", &"[".repeat(DEEP)),
        text("deep nesting: objects that are not closed", &r#"{"a":"#.repeat(DEEP)),
        field("deep nesting: a field that is not closed", "[".repeat(DEEP).as_bytes()),
    ]
}

fn odd_json(good: &Good<'_>) -> Vec<NearMiss> {
    let taken = |name: &'static str, body: Vec<u8>| good.taken(name, good.request().body(body));
    let field = |name: &'static str, value: &str| taken(name, with_field(good, value.as_bytes()));
    let bytes = |name: &'static str, value: &[u8]| taken(name, with_field(good, value));
    let body: &[u8] = good.request.content();
    let inner = inner(body);
    let many = (0..5_000).map(|place| format!(r#""Unknown{place}":{place}"#)).collect::<Vec<_>>().join(",");
    vec![
        field("an unknown field", r#"{"a":[1,"2",null]}"#),
        field("deep nesting: lists in an unknown field", &nested("[", "]")),
        field(
            "deep nesting: objects in an unknown field",
            &format!("{}0{}", r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP)),
        ),
        field("huge numbers: an exponent", "1e999"),
        field("huge numbers: a small exponent", "-1e-999"),
        field("huge numbers: 400 digits", &"9".repeat(400)),
        field("huge numbers: 400 decimal places", &format!("0.{}", "9".repeat(400))),
        taken("byte order mark", [b"\xef\xbb\xbf", body].concat()),
        bytes("invalid UTF-8", b"\"\xff\""),
        bytes("invalid UTF-8: half a character", b"\"\xe4\xb8\""),
        bytes("invalid UTF-8: a surrogate", b"\"\xed\xa0\x80\""),
        field("lone surrogates: the first half", r#""\ud800""#),
        field("lone surrogates: the second half", r#""\udc00""#),
        field("lone surrogates: the wrong order", r#""\udc00\ud800""#),
        field("`\\u0000`", r#""\u0000""#),
        taken("lone surrogates: in a key", with_pair(body, br#""\ud800":1"#)),
        taken(
            "duplicate JSON keys: an unknown one",
            with_pair(body, br#""UndocumentedField":1,"UndocumentedField":[2]"#),
        ),
        taken("duplicate JSON keys: all of them", [b"{", inner, b",", inner, b"}"].concat()),
        taken("an empty key", with_pair(body, br#""":1"#)),
        taken("5,000 unknown fields", with_pair(body, many.as_bytes())),
        taken("white space around the body", [b"\r\n\t ", body, b" \n"].concat()),
        good.taken("no `Content-Type`", good.request().without_header("content-type")),
        good.taken("`Content-Type` of a form", {
            good.request().header("content-type", "application/x-www-form-urlencoded")
        }),
    ]
}

/// What the body itself says about its command.
fn named(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    if good.names != Names::AtTheTop {
        return Vec::new();
    }
    let body: Value = serde_json::from_slice(good.request.content()).unwrap_or_default();
    // It may be an alias of the command.
    let word = body["CallbackCommand"].to_string();
    let renamed = |value: &str| -> Request {
        let body = String::from_utf8_lossy(good.request.content()).replacen(&word, value, 1);
        good.request().body(body)
    };
    // Nothing that the body of another callback would be taken for.
    let other =
        if good.callback.command == "State.StateChange" { "Sns.CallbackPrevFriendAdd" } else { "State.StateChange" };
    vec![
        good.taken("unknown command in the body", renamed("\"Group.CallbackUnknown\"")),
        good.taken("command in the body that is null", renamed("null")),
        good.taken("command in the body that is a number", renamed("7")),
        good.taken("deep nesting: in place of the command in the body", renamed(&nested("[", "]"))),
        good.taken("lone surrogates: in place of the command in the body", renamed(r#""\ud800""#)),
        good.miss(
            "another callback's command in the body",
            renamed(&format!("\"{other}\"")),
            receiver.undecodable_status(Callback::find(other).expect("both are callbacks")),
            Reaches::Undecodable,
        ),
    ]
}

/// The body with one more field, which is unknown.
fn with_field(good: &Good<'_>, value: &[u8]) -> Vec<u8> {
    with_pair(good.request.content(), &[br#""UndocumentedField":"#, value].concat())
}

/// The body with more in it, written by hand because it may not be JSON.
fn with_pair(body: &[u8], pair: &[u8]) -> Vec<u8> {
    let inner = inner(body);
    let comma: &[u8] = if inner.trim_ascii().is_empty() { b"" } else { b"," };
    [b"{", inner, comma, pair, b"}"].concat()
}

/// The text between the braces.
fn inner(body: &[u8]) -> &[u8] {
    let body = body.trim_ascii();
    body.strip_prefix(b"{").and_then(|body| body.strip_suffix(b"}")).unwrap_or(body)
}

fn nested(open: &str, close: &str) -> String {
    format!("{}{}", open.repeat(DEEP), close.repeat(DEEP))
}
