//! Command words as people type them.

use std::ffi::OsStr;

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use tencent_im_callback::{CALLBACKS, Callback};

/// Reads a command word in any of the forms that are met in code and documents.
///
/// Shells get all words for completion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word;

impl TypedValueParser for Word {
    type Value = &'static Callback;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Self::Value, clap::Error> {
        let word = value.to_string_lossy();
        find(&word).ok_or_else(|| {
            let mut error = clap::Error::new(ErrorKind::ValueValidation).with_cmd(command);
            if let Some(arg) = arg {
                error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
            }
            error.insert(ContextKind::InvalidValue, ContextValue::String(word.clone().into_owned()));
            let near: Vec<_> = near(&word).into_iter().map(str::to_owned).collect();
            if near.is_empty() {
                let help = "'im-callback list' shows all of them".to_owned().into();
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help]));
            } else {
                error.insert(ContextKind::SuggestedValue, ContextValue::Strings(near));
            }
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(CALLBACKS.iter().map(|callback| PossibleValue::new(callback.command))))
    }
}

/// Reads a command word, or the name of a family: all callbacks whose word begins with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FamilyOrWord;

impl TypedValueParser for FamilyOrWord {
    type Value = Vec<&'static Callback>;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Self::Value, clap::Error> {
        let family = family(&value.to_string_lossy());
        if family.is_empty() { Word.parse_ref(command, arg, value).map(|callback| vec![callback]) } else { Ok(family) }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Word.possible_values()
    }
}

/// The callbacks of a family: `C2C`, `group`, `official_account`.
fn family(name: &str) -> Vec<&'static Callback> {
    let name = plain(name);
    let is_of_family = |callback: &&Callback| plain(callback.command.split('.').next().unwrap_or_default()) == name;
    CALLBACKS.iter().filter(is_of_family).collect()
}

/// Takes any word. Shells get all command words for completion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyWord;

impl TypedValueParser for AnyWord {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Word.possible_values()
    }
}

/// The callback with this word: the vendor's in any case, with or without `Callback` in it, or the
/// name of its method or event.
pub(crate) fn find(word: &str) -> Option<&'static Callback> {
    Callback::find(word).or_else(|| {
        let word = plain(word);
        CALLBACKS.iter().find(|callback| names(callback).any(|name| plain(name) == word))
    })
}

/// The command words that `word` may have been meant for, the nearest first; three at most.
pub(crate) fn near(word: &str) -> Vec<&'static str> {
    let word = plain(word);
    let mut near: Vec<_> = CALLBACKS
        .iter()
        .filter_map(|callback| {
            let distance = names(callback).map(|name| distance(&plain(name), &word)).min()?;
            (distance * 4 <= word.len().max(8)).then_some((distance, callback.command))
        })
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    // Beside one that is much nearer the others are none.
    let nearest = near.first().map_or(0, |(distance, _)| *distance);
    near.retain(|(distance, _)| *distance <= nearest + 1);
    near.into_iter().map(|(_, command)| command).take(3).collect()
}

/// How far two plain words are apart; a part of a word is near it.
fn distance(name: &str, word: &str) -> usize {
    let slips = strsim::damerau_levenshtein(name, word);
    if word.len() > 4 && name.contains(word) { slips.min(2) } else { slips }
}

fn names(callback: &'static Callback) -> impl Iterator<Item = &'static str> {
    [callback.command, callback.method, callback.event].into_iter()
}

/// What is left of a word when its spelling does not count.
fn plain(word: &str) -> String {
    let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
    word.to_ascii_lowercase().replace("callback", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_spelling_that_names_one_callback() {
        for word in [
            "Group.CallbackBeforeCreateTopic",
            "group.callbackbeforecreatetopic",
            "Group.BeforeCreateTopic",
            "group_before_create_topic",
            "group::BeforeCreateTopic",
        ] {
            let found = find(word).map(|callback| callback.command);
            assert_eq!(found, Some("Group.CallbackBeforeCreateTopic"), "{word}");
        }
        assert_eq!(find("Group.CallbackBefore"), None);
    }

    #[test]
    fn every_callback_is_found_by_each_of_its_names_and_none_by_anothers() {
        for callback in CALLBACKS {
            for name in names(callback) {
                assert_eq!(find(name), Some(callback), "{name}");
            }
        }
    }

    #[test]
    fn a_slip_of_the_finger_suggests_the_word_that_was_meant() {
        assert_eq!(near("Group.CallbackBeforCreateTopic")[0], "Group.CallbackBeforeCreateTopic");
        assert_eq!(near("State.StatChange"), ["State.StateChange"]);
        assert_eq!(near("Sns.CallbackFriend"), ["Sns.CallbackFriendAdd", "Sns.CallbackFriendDelete"]);
        assert!(near("Weather.Today").is_empty());
    }
}
