//! All that is known of one callback.

use serde_json::{Value, json};
use tencent_im_callback::{Callback, Phase};
use tencent_im_callback_testkit::{Answer, Choices};

use super::{
    Inspector,
    entry::{Entry, KEPT_BODY, Origin},
    resend::{dropped, event_of, json_fault},
    ring::changes,
    share::masked,
};
use crate::answers::page;

pub(super) fn of(entry: &Entry, inspector: &Inspector) -> Value {
    let mut shown = entry.row();
    let body = entry.recorded.body();
    let (fields, unread, undecodable, identity) = match entry.decoded() {
        Some(Ok(decoded)) => (dropped(&decoded.dropped), json!(decoded.unread), Value::Null, json!(decoded.identity)),
        Some(Err(error)) => (json!([]), json!([]), json!(error), Value::Null),
        None => (json!([]), json!([]), Value::Null, Value::Null),
    };
    let more = json!({
        "method": entry.recorded.http_method(),
        "query": masked(entry.recorded.query()),
        "signed": entry.recorded.is_signed(),
        "body": String::from_utf8_lossy(body),
        "body_is_text": std::str::from_utf8(body).is_ok(),
        "body_length": entry.body_length,
        "body_kept": body.len(),
        "json_error": if entry.is_cut() { None } else { json_fault(body) },
        "event": event_of(entry),
        "dropped_fields": fields,
        "unread_fields": unread,
        "fault_of_body": undecodable,
        "identity": identity,
        "findings": entry.findings,
        "error": entry.error,
        "answer": answer(entry),
        "callback": entry.callback.map(callback_json),
        "client_sees": entry.callback.map(client_sees),
        "slowest": slowest(entry, inspector),
        "differences": differences(entry, inspector),
        "replays": replays(entry, inspector),
    });
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

fn callback_json(callback: &Callback) -> Value {
    json!({
        "rust": format!("{}({}) -> {}", callback.method, callback.event, callback.answer),
        "page": page(callback),
        "lawful": Choices::of(callback.command).to_string(),
    })
}

fn answer(entry: &Entry) -> Value {
    let (Some(answer), Some(effect)) = (entry.recorded.answer(), &entry.effect) else { return Value::Null };
    let command = entry.callback.map_or_else(|| entry.recorded.command(), |callback| callback.command.into());
    let mut response = http::Response::new(answer.body.clone());
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    json!({
        "status": answer.status,
        "body": String::from_utf8_lossy(&answer.body),
        "body_length": entry.answer_length,
        "is_cut": entry.answer_length > KEPT_BODY,
        "words": effect.to_string(),
        "effect": effect,
        // What no document gives a meaning to, and what the service takes for a failure.
        "is_lawful": !matches!(effect.word(), "undefined" | "failed"),
        "remarks": Answer::read(command, response).remarks(),
    })
}

/// What the documentation says about the client after a refusal, and without an answer.
fn client_sees(callback: &'static Callback) -> String {
    // Nothing is refused in other phases.
    if callback.phase != Phase::Before {
        return String::new();
    }
    let docs: &'static str = callback.docs;
    let text = docs.split_whitespace().collect::<Vec<_>>().join(" ");
    let says =
        |sentence: &&str| ["sees", "refus", "shown to", "Without an answer"].iter().any(|word| sentence.contains(word));
    let sentences: Vec<_> = text.split_inclusive(". ").filter(says).map(str::trim_end).collect();
    without_links(&sentences.join(" "))
}

/// `[text](target)` as `text`.
fn without_links(markdown: &str) -> String {
    let mut pieces = markdown.split("](");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once(')').map_or(piece, |(_, rest)| rest));
    }
    text.replace("[`", "`").replace('[', "")
}

/// The slowest answer to this command.
fn slowest(entry: &Entry, inspector: &Inspector) -> Value {
    let ring = inspector.ring();
    let same = ring.iter().filter(|other| other.name() == entry.name());
    same.max_by_key(|other| other.took_us())
        .map_or(Value::Null, |slowest| json!({ "id": slowest.id, "took_us": slowest.took_us() }))
}

/// The differences of a replay to its original.
fn differences(entry: &Entry, inspector: &Inspector) -> Value {
    let Origin::Replay(original) = entry.origin else { return Value::Null };
    let Some(original) = inspector.ring().get(original) else { return Value::Null };
    let Some(found) = changes(&original, entry) else { return Value::Null };
    found.iter().map(|found| json!({ "at": found.at, "before": found.before, "after": found.after })).collect()
}

fn replays(entry: &Entry, inspector: &Inspector) -> Vec<u64> {
    inspector.ring().iter().filter(|other| other.origin == Origin::Replay(entry.id)).map(|other| other.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_sees_is_known_of_each_callback_that_can_be_refused() {
        for callback in tencent_im_callback::CALLBACKS {
            let choices = Choices::of(callback.command);
            let is_refusable = choices.refuse || choices.by_account.is_some();
            assert!(!client_sees(callback).contains(['[', ']']), "{callback:?}: {}", client_sees(callback));
            assert_eq!(client_sees(callback).is_empty(), !is_refusable, "{callback:?}: {}", client_sees(callback));
        }
        let topic = Callback::find("Group.CallbackBeforeCreateTopic").unwrap();
        assert!(client_sees(topic).contains("10016"));
    }
}
