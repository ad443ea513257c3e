//! What each callback can be answered with, and what else is known of it, for people.

use tencent_im_callback::Callback;
use tencent_im_callback_testkit::Choices;

/// The words for what a callback can be answered with, as `send --expect` takes them.
pub(crate) fn words(callback: &Callback) -> Vec<String> {
    let choices = Choices::of(callback.command);
    if choices.is_acknowledged() {
        return vec!["ack".into()];
    }
    for (is_so, word) in [(choices.data, "data"), (choices.variables, "variables"), (choices.assign, "assign")] {
        if is_so {
            return vec![word.into()];
        }
    }
    let range = |(min, max)| format!("refuse={min}..={max}");
    let words = [
        Some("allow".into()),
        choices.refuse.then(|| "refuse".into()),
        choices.codes.or(choices.by_account).map(range),
        (choices.except.is_some() || choices.by_account.is_some()).then(|| "partial".into()),
        choices.discard.then(|| "discard".into()),
        choices.replace.then(|| "modify".into()),
    ];
    words.into_iter().flatten().collect()
}

/// The vendor's page about a callback, from its documentation.
pub(crate) fn page(callback: &Callback) -> &'static str {
    let docs: &'static str = callback.docs;
    let link = docs.rsplit_once("[Tencent's page](").and_then(|(_, rest)| rest.split_once(')'));
    link.map_or("", |(page, _)| page)
}

/// What a callback is about, in a sentence.
pub(crate) fn summary(callback: &Callback) -> &'static str {
    let docs: &'static str = callback.docs;
    docs.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tencent_im_callback::CALLBACKS;

    use super::*;

    #[test]
    fn every_callback_has_a_page_and_a_summary() {
        for callback in CALLBACKS {
            assert!(page(callback).starts_with("https://"), "{callback:?}");
            assert!(summary(callback).ends_with('.'), "{callback:?}: {:?}", summary(callback));
        }
    }

    #[test]
    fn these_are_all_the_ways_to_answer() {
        let all: BTreeSet<_> = CALLBACKS.iter().map(|callback| words(callback).join(", ")).collect();
        let expected = [
            "ack",
            "allow, refuse, partial",
            "allow, refuse, refuse=10100..=10200",
            "allow, refuse, refuse=10100..=10200, discard, modify",
            "allow, refuse, refuse=10100..=10200, partial",
            "allow, refuse, refuse=102100..=102200",
            "allow, refuse, refuse=120001..=130000",
            "allow, refuse, refuse=120001..=130000, discard, modify",
            "allow, refuse=38000..=39000, partial",
            "assign",
            "data",
            "variables",
        ];
        assert_eq!(all, expected.map(str::to_owned).into());
    }
}
