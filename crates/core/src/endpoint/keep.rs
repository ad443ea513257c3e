//! Keeps an *after* callback in the journal, in place of a call of its method.

use std::time::SystemTime;

use serde::Deserialize;

use super::{
    admitted::{AdmittedRequest, Source},
    invocation::{AnswerFuture, Invocation},
};
use crate::{
    Entry, Identity, Key,
    wire::{
        decode::BodyText,
        lenient::opt_text,
        repair::{self, Findings},
    },
};

/// What a journal knows of an event beside its body.
pub(super) struct Subject {
    pub(super) command: String,
    pub(super) key: Option<Key>,
    pub(super) identity: Option<Identity>,
}

impl Subject {
    /// The subject of a body that is not read into an event.
    pub(super) fn of_body(command: &str, body: &[u8]) -> Self {
        Self { command: command.to_owned(), key: key_of_body(body), identity: None }
    }
}

/// Appends the callback to the journal.
pub(super) fn keep(mut request: Box<AdmittedRequest>, subject: Subject) -> Invocation {
    // A callback that could not be kept is not answered OK, whatever the failure policy is.
    request.fallback = None;
    request.is_acknowledged_at_once = false;
    request.source = Source::RequestToKeep;
    Invocation::start(request, |request| {
        let app_id = request.ctx.app_id();
        let journal = request.shared.journal.as_ref().expect("a callback is kept only if there is a journal");
        let Subject { command, key, identity } = subject;
        let entry = Entry {
            app_id,
            command,
            query: request.ctx.query_without_sign(),
            body: request.ctx.body().clone(),
            received_at: SystemTime::now(),
            key: key.map(|key| key.with_app_id(app_id)),
            identity: identity.map(|identity| identity.with_app_id(app_id)),
        };
        AnswerFuture::Kept(journal.append(entry))
    })
}

/// Whether a callback with an unknown command is kept. Commands of *before* callbacks are not: they ask for a decision.
pub(super) fn keeps_unknown(command: &str) -> bool {
    !["Before", "Prev"].iter().any(|word| command.contains(word))
}

/// The fields that name the subject of most callbacks.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Names {
    #[serde(default, deserialize_with = "opt_text")]
    group_id: Option<String>,
    #[serde(default, deserialize_with = "opt_text")]
    room_id: Option<String>,
    #[serde(default, deserialize_with = "opt_text")]
    call_id: Option<String>,
    #[serde(rename = "Official_Account", default, deserialize_with = "opt_text")]
    official_account: Option<String>,
    #[serde(rename = "From_Account", default, deserialize_with = "opt_text")]
    from_account: Option<String>,
    #[serde(rename = "To_Account", default, deserialize_with = "opt_text")]
    to_account: Option<String>,
}

fn key_of_body(body: &[u8]) -> Option<Key> {
    let names: Names = repair::read(BodyText::new(body).as_str(), ".", &Findings::default()).ok()?;
    let by_id = [
        ("group", names.group_id),
        ("room", names.room_id),
        ("call", names.call_id),
        ("official_account", names.official_account),
    ];
    let of_id = by_id.into_iter().find_map(|(kind, id)| Some(Key::of(kind, &id?)));
    of_id.or_else(|| Some(Key::pair(&names.from_account?, &names.to_account?)))
}
