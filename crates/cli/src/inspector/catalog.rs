//! All callbacks and their samples, for the editor.

use serde_json::{Value, json};
use tencent_im_callback::CALLBACKS;
use tencent_im_callback_testkit::{Choices, sample};

use crate::answers::words;

pub(super) fn all() -> Value {
    let rows = CALLBACKS.iter().map(|callback| {
        let variants: Vec<_> = sample::of(callback.command).map(|(variant, _)| variant).collect();
        json!({
            "command": callback.command,
            "title": callback.title,
            "title_zh": callback.title_zh,
            "phase": callback.phase.as_str(),
            "answers": words(callback),
            "lawful": Choices::of(callback.command).to_string(),
            "variants": variants,
        })
    });
    rows.collect()
}

pub(super) fn sample_of(command: &str, variant: &str) -> Option<&'static str> {
    sample::of(command).find(|(name, _)| *name == variant).map(|(_, body)| body)
}
