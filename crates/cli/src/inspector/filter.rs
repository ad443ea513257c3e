//! What the list shows: words, and words for one thing as in `outcome:refuse`.

use tencent_im_callback::Phase;
use tencent_im_callback_testkit::Effect;

use super::entry::{Entry, Origin};

/// How much of a body is searched for a word.
const SEARCHED: usize = 64 * 1024;
/// How many terms a filter has at most.
const TERMS: usize = 20;

/// All terms have to fit. Case is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Whether it must not fit.
    is_negated: bool,
    about: About,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Anything,
    Command,
    Family,
    Phase,
    Outcome,
    Code,
    Platform,
    Group,
    User,
    App,
    Text,
    Is,
}

impl About {
    const ALL: [(&'static str, Self); 11] = [
        ("command", Self::Command),
        ("family", Self::Family),
        ("phase", Self::Phase),
        ("outcome", Self::Outcome),
        ("code", Self::Code),
        ("platform", Self::Platform),
        ("group", Self::Group),
        ("user", Self::User),
        ("app", Self::App),
        ("text", Self::Text),
        ("is", Self::Is),
    ];
}

impl Filter {
    /// Reads what is in the field of the page: words between spaces; quotes keep spaces together, `-` negates.
    pub(super) fn parse(text: &str) -> Self {
        let mut words = Vec::new();
        let (mut word, mut is_quoted) = (String::new(), false);
        for char in text.chars() {
            match char {
                '"' => is_quoted = !is_quoted,
                _ if char.is_whitespace() && !is_quoted => words.push(std::mem::take(&mut word)),
                _ => word.push(char),
            }
        }
        words.push(word);
        Self(words.iter().filter(|word| !word.is_empty()).take(TERMS).map(|word| Term::parse(word)).collect())
    }

    pub(super) fn matches(&self, entry: &Entry) -> bool {
        self.0.iter().all(|term| term.matches(entry) != term.is_negated)
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        let (is_negated, word) = match word.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, word),
        };
        let named = word.split_once(':').and_then(|(name, value)| {
            let (_, about) = About::ALL.into_iter().find(|(word, _)| name.eq_ignore_ascii_case(word))?;
            Some((about, value))
        });
        let (about, value) = named.unwrap_or((About::Anything, word));
        Self { is_negated, about, value: value.to_lowercase() }
    }

    fn matches(&self, entry: &Entry) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.value);
        let is = |text: &str| text.eq_ignore_ascii_case(&self.value);
        let callback = entry.callback;
        match self.about {
            About::Command => has(&entry.name()) || callback.is_some_and(|callback| is(callback.method)),
            About::Family => is(entry.name().split('.').next().unwrap_or_default()),
            About::Phase => is(callback.map_or("unknown", |callback| Phase::as_str(callback.phase))),
            About::Outcome => is(entry.outcome()),
            About::Code => {
                entry.effect.as_ref().and_then(Effect::refusal_code).is_some_and(|code| is(&code.to_string()))
            }
            About::Platform => entry.recorded.parameter("OptPlatform").is_some_and(|platform| is(&platform)),
            About::Group => entry.group.as_deref().is_some_and(has),
            About::User => entry.who.as_deref().is_some_and(has) || has_text(entry, &format!("\"{}\"", self.value)),
            About::App => entry.recorded.app_id().is_some_and(|app| is(&app.to_string())),
            About::Text => has_text(entry, &self.value),
            About::Is => match &*self.value {
                "pinned" => entry.is_pinned,
                "replay" => matches!(entry.origin, Origin::Replay(_)),
                "changed" => entry.changed.is_some_and(|changed| changed > 0),
                "late" | "refused" => is(entry.outcome()),
                "noted" => !entry.note.is_empty(),
                _ => is(entry.origin.word()),
            },
            About::Anything => {
                let titles = callback.map(|callback| [callback.title, callback.title_zh]).unwrap_or_default();
                let facts = [entry.who.as_deref(), entry.group.as_deref(), Some(&*entry.note), Some(entry.outcome())];
                has(&entry.name()) || titles.into_iter().chain(facts).flatten().any(has) || has_text(entry, &self.value)
            }
        }
    }
}

fn has_text(entry: &Entry, word: &str) -> bool {
    let body = entry.recorded.body();
    String::from_utf8_lossy(&body[..body.len().min(SEARCHED)]).to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tencent_im_callback_testkit::recording::Recorded;

    use super::*;

    fn entry() -> Entry {
        let query = "SdkAppid=1400000001&CallbackCommand=Group.CallbackBeforeCreateTopic&OptPlatform=iOS";
        let body = r#"{"CallbackCommand":"Group.CallbackBeforeCreateTopic","Operator_Account":"acct_1042","Name":"Free Spam","Type":"Community"}"#;
        let answer = r#"{"ActionStatus":"OK","ErrorInfo":"no spam","ErrorCode":10123}"#;
        let recorded = Recorded::new(SystemTime::now(), query, body).answered(200, answer, Duration::from_millis(1));
        Entry::of_recording(recorded)
    }

    #[test]
    fn each_term_narrows_the_list() {
        let entry = entry();
        for fits in [
            "",
            "topic",
            "TOPIC spam",
            "话题",
            "command:createtopic",
            "command:group_before_create_topic",
            "family:group",
            "phase:before",
            "outcome:refuse",
            "code:10123",
            "platform:ios",
            "user:acct_1042",
            "app:1400000001",
            "text:\"free spam\"",
            "-outcome:allow",
            "is:file",
            "nothing:of:the:kind -outcome:refuse -x",
        ] {
            let is_wrong = fits.starts_with("nothing");
            assert_eq!(Filter::parse(fits).matches(&entry), !is_wrong, "{fits}");
        }
        for other in
            ["topic -spam", "family:c2c", "phase:after", "outcome:allow", "code:1", "platform:android", "is:replay"]
        {
            assert!(!Filter::parse(other).matches(&entry), "{other}");
        }
    }

    #[test]
    fn a_long_filter_has_few_terms() {
        assert_eq!(Filter::parse(&"a ".repeat(10_000)).0.len(), TERMS);
    }
}
