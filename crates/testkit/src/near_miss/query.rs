//! Near misses in the request line: who signed, when, for whom and about what.

use http::Method;

use super::{Good, Names, NearMiss, Reaches, Receiver};
use crate::Request;

pub(super) fn misses(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let mut misses = methods(good);
    misses.extend(signatures(receiver, good));
    misses.extend(times(receiver, good));
    misses.extend(apps(receiver, good));
    misses.extend(doubled(good));
    misses.extend(encoded(good));
    misses.extend(odd(good));
    misses.extend(commands(good));
    misses
}

fn methods(good: &Good<'_>) -> Vec<NearMiss> {
    let methods = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let refused = |method: Method| {
        let name = format!("method {method}");
        good.refused(405, name, good.request().method(method))
    };
    methods.map(refused).into()
}

fn signatures(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let request = || good.request();
    let token = good.request.effective_token();
    let refused = |name: &'static str, request: Request| good.refused(401, name, request);
    let signed_with = |name: &'static str, token: String| refused(name, request().token(token));
    let changed = |name: &'static str, change: fn(&str) -> String| refused(name, request().changed("Sign", change));
    vec![
        refused("forged", request().forged()),
        refused("unsigned", request().unsigned()),
        refused("half-signed: no `Sign`", request().without("Sign")),
        refused("half-signed: no `RequestTime`", request().without("RequestTime")),
        refused("empty `Sign`", request().set("Sign", "")),
        refused("empty `RequestTime`", request().set("RequestTime", "")),
        refused("`Sign` without a value", request().without("Sign").with_key("Sign")),
        signed_with("other app's token", receiver.foreign_token.clone()),
        signed_with("empty token", String::new()),
        signed_with("token with a blank behind it", format!("{token} ")),
        signed_with("token with a blank before it", format!(" {token}")),
        signed_with("token with a line break behind it", format!("{token}\n")),
        good.taken("upper-case `Sign`", request().changed("Sign", str::to_ascii_uppercase)),
        changed("truncated `Sign`", |sign| sign[..63].to_owned()),
        changed("`Sign` with a digit too many", |sign| format!("{sign}0")),
        changed("`Sign` with one wrong digit", |sign| {
            let odd_digit = if sign.ends_with('0') { '1' } else { '0' };
            format!("{}{odd_digit}", &sign[..63])
        }),
        changed("non-hex `Sign`", |_| "g".repeat(64)),
        changed("`Sign` of 64 characters beyond ASCII", |_| "%C3%A9".repeat(64)),
        changed("`Sign` in 64 bytes beyond ASCII", |_| "%C3%A9".repeat(32)),
        changed("`Sign` with a prefix", |sign| format!("sha256={sign}")),
        changed("`Sign` with `%00` behind it", |sign| format!("{sign}%00")),
        changed("`Sign` with `+` behind it", |sign| format!("{sign}+")),
    ]
}

fn times(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let window = i64::try_from(receiver.window.as_secs()).unwrap_or(i64::MAX - 1);
    let at = |offset: i64| good.request().seconds_from_now(offset);
    let refused =
        |name: &'static str, write: fn(u64) -> String| good.refused(401, name, good.request().request_time_from(write));
    let of_another_second = at(1).changed("RequestTime", |time| {
        time.parse().map_or_else(|_| time.to_owned(), |seconds: u64| (seconds - 1).to_string())
    });
    vec![
        good.refused(401, format!("stale by {} s", window + 1), at(-window - 1)),
        good.refused(401, format!("early by {} s", window + 1), at(window + 1)),
        good.taken(format!("exactly {window} s old"), at(-window)),
        good.taken(format!("exactly {window} s early"), at(window)),
        good.refused(401, "`Sign` of another second", of_another_second),
        refused("non-ASCII digits: Arabic", |now| digits_from(0x660, now)),
        refused("non-ASCII digits: full width", |now| digits_from(0xff10, now)),
        refused("negative `RequestTime`", |now| format!("-{now}")),
        refused("`RequestTime` with `+`", |now| format!("+{now}")),
        refused("fractional `RequestTime`", |now| format!("{now}.0")),
        refused("`RequestTime` with an exponent", |now| format!("{now}e0")),
        refused("`RequestTime` in milliseconds", |now| format!("{now}000")),
        refused("`RequestTime` in hex", |now| format!("{now:#x}")),
        refused("`RequestTime` with a blank", |now| format!("{now} ")),
        refused("`RequestTime` with `%00`", |now| format!("{now}\0")),
        refused("`RequestTime` zero", |_| "0".into()),
        refused("`RequestTime` 2^63", |_| (1_u64 << 63).to_string()),
        refused("`RequestTime` 2^64 - 1", |_| u64::MAX.to_string()),
        refused("`RequestTime` 2^64", |_| "18446744073709551616".into()),
        refused("`RequestTime` of 400 digits", |_| "9".repeat(400)),
        refused("`RequestTime` that is a word", |_| "now".into()),
        refused("`RequestTime` with a zero before it", |now| format!("0{now}")),
        refused("`RequestTime` with zeros before it", |now| format!("000{now}")),
        // The same signed text, split at another place.
        good.refused(401, "`Sign` of a token that ends with `RequestTime`'s first digit", {
            let request = good.request().token(format!("{}0", good.request.effective_token()));
            request.changed("RequestTime", |time| format!("0{time}"))
        }),
    ]
}

/// The number in the digits of another alphabet, which follow one another from its zero on.
fn digits_from(zero: u32, number: u64) -> String {
    let digits = number.to_string();
    digits.bytes().filter_map(|digit| char::from_u32(zero + u32::from(digit - b'0'))).collect()
}

fn apps(receiver: &Receiver, good: &Good<'_>) -> Vec<NearMiss> {
    let app_id = good.request.effective_app_id();
    let refused = |name: &'static str, value: String| good.refused(403, name, good.request().set("SdkAppid", value));
    vec![
        good.refused(403, "other app", good.request().app_id(receiver.foreign_app)),
        good.refused(403, "no app", good.request().without("SdkAppid")),
        good.refused(403, "app without a value", good.request().without("SdkAppid").with_key("SdkAppid")),
        good.refused(403, "forged, and of another app", good.request().app_id(receiver.foreign_app).forged()),
        refused("empty app", String::new()),
        refused("app that is a word", "app".into()),
        refused("app with `+` before it", format!("+{app_id}")),
        refused("app with a blank before it", format!("%20{app_id}")),
        refused("app with `%00` behind it", format!("{app_id}%00")),
        refused("app in hex", format!("{app_id:#x}")),
        refused("fractional app", format!("{app_id}.0")),
        refused("negative app", format!("-{app_id}")),
        refused("app and another", format!("{app_id},{}", receiver.foreign_app)),
        refused("app of 400 digits", "9".repeat(400)),
        good.miss(
            "the console's check: no app and no command",
            good.request().without("SdkAppid").without("CallbackCommand"),
            200,
            Reaches::Nothing,
        ),
        good.miss(
            "the console's check: no app and an unknown command",
            good.request().without("SdkAppid").set("CallbackCommand", "Console.Check"),
            200,
            Reaches::Nothing,
        ),
        good.refused(
            403,
            "the console's check, forged",
            good.request().without("SdkAppid").without("CallbackCommand").forged(),
        ),
    ]
}

/// The parameters of the protocol; a good request of some callbacks is without two of them.
const KNOWN: [&str; 8] =
    ["SdkAppid", "CallbackCommand", "WebhookCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"];

fn doubled(good: &Good<'_>) -> Vec<NearMiss> {
    let mut misses = Vec::new();
    for key in KNOWN {
        let upper = key.to_ascii_uppercase();
        let escaped = format!("%{:02X}{}", key.as_bytes()[0], &key[1..]);
        let repeated = |again: &str| good.request().repeated(key, again);
        misses.push(good.refused(400, format!("doubled `{key}`"), repeated(key)));
        misses.push(good.refused(400, format!("doubled `{key}`, once as `{upper}`"), repeated(&upper)));
        misses.push(good.refused(400, format!("doubled `{key}`, once encoded"), repeated(&escaped)));
        let bare = good.request().repeated_bare(key);
        misses.push(good.refused(400, format!("doubled `{key}`, once without a value"), bare));
    }
    misses
}

fn encoded(good: &Good<'_>) -> Vec<NearMiss> {
    let request = || good.request();
    let mut misses = vec![
        good.taken("re-encoded query", request().all_escaped(1)),
        good.refused(403, "double-encoded query", request().all_escaped(2)),
        good.refused(401, "double-encoded `Sign`", request().escaped("Sign", 2)),
        good.refused(401, "double-encoded `RequestTime`", request().escaped("RequestTime", 2)),
        unknown_word(good, "double-encoded command", request().escaped("CallbackCommand", 2)),
        good.taken("percent sign in an unknown parameter", request().with("discount", "100%")),
    ];
    for key in KNOWN.into_iter().filter(|key| *key != "WebhookCommand") {
        let name = format!("bad percent-encoding in `{key}`");
        misses.push(good.refused(400, name, request().set(key, "%zz")));
        let name = format!("percent-encoding that is no UTF-8 in `{key}`");
        misses.push(good.refused(400, name, request().set(key, "%ff")));
    }
    misses
}

fn odd(good: &Good<'_>) -> Vec<NearMiss> {
    let long = |bytes: usize| good.request().with("long", "x".repeat(bytes));
    let lower = KNOWN.iter().fold(good.request(), |request, key| request.renamed(*key, key.to_ascii_lowercase()));
    vec![
        good.refused(403, "absent query", good.request().query("")),
        good.refused(403, "semicolons in the query", {
            KNOWN.iter().fold(good.request(), |request, key| request.changed(*key, |value| format!("{value};")))
        }),
        good.taken("parameters in the opposite order", good.request().reversed()),
        good.taken("keys in lower case", lower),
        good.taken("`ClientIP` and `OptPlatform` without a value", {
            let bare = good.request().without("ClientIP").without("OptPlatform");
            bare.with_key("ClientIP").with_key("OptPlatform")
        }),
        good.taken("`%00` in `ClientIP`", good.request().set("ClientIP", "203.0.113.7%00")),
        good.taken("`+` in `OptPlatform`", good.request().set("OptPlatform", "Android+")),
        good.taken("an unknown parameter twice", good.request().with("x", "1").with("x", "2")),
        good.taken("query of 32 KB", long(32 * 1024))
            .open_because("a server in front may bound the request line below that: 414 or 431"),
    ]
}

fn commands(good: &Good<'_>) -> Vec<NearMiss> {
    // Something that no other body would be taken for.
    let other =
        if good.callback.command == "State.StateChange" { "Sns.CallbackPrevFriendAdd" } else { "State.StateChange" };
    let word = good.callback.command;
    let differing = good.request().set("CallbackCommand", other);
    let lower = word.to_ascii_lowercase();
    vec![
        unknown_word(good, "command absent", good.request().without("CallbackCommand")),
        unknown_word(good, "command empty", good.request().set("CallbackCommand", "")),
        unknown_word(good, "command unknown", good.request().set("CallbackCommand", "Group.CallbackUnknown")),
        unknown_word(good, "command in lower case", good.request().set("CallbackCommand", lower)),
        unknown_word(good, "command with `%00`", good.request().set("CallbackCommand", format!("{word}%00"))),
        unknown_word(good, "command with `+`", good.request().set("CallbackCommand", format!("{word}+"))),
        good.taken("command named `WebhookCommand`", good.request().renamed("CallbackCommand", "WebhookCommand")),
        match good.names {
            // The vendor's own pages have wrong words in the URL.
            Names::AtTheTop | Names::InItsEvents => good.taken("command differing between query and body", differing),
            Names::Nowhere => good.undecodable("another callback's command", differing),
        },
    ]
}

/// A request whose query has an unknown command: the command of the body is used, if it has one.
fn unknown_word(good: &Good<'_>, name: &'static str, request: Request) -> NearMiss {
    match good.names {
        Names::AtTheTop | Names::InItsEvents => good.taken(name, request),
        Names::Nowhere => good.miss(name, request, 200, Reaches::Unknown),
    }
}
