//! Answers that are set while `listen` runs, from its page.

use std::{sync::Mutex, time::Duration};

use serde_json::{Value, json};
use tencent_im_callback::Callback;

use super::answer::{Answer, Rule};

/// How many answers can be set.
const ANSWERS: usize = 100;
/// The longest delay: nobody waits for more.
const DELAY: Duration = Duration::from_secs(60);

/// The answers that are set, the newest last.
#[derive(Default)]
pub(crate) struct NextAnswers(Mutex<Vec<Next>>);

#[derive(Clone)]
struct Next {
    rule: Rule,
    /// As it was set.
    text: String,
    delay: Duration,
    /// Whether it is for one callback only.
    is_once: bool,
}

impl NextAnswers {
    /// Sets the answer to a command, or to all. `text` is what `--answer` takes, but no file. The error is for the user.
    pub(crate) fn set(&self, command: &str, text: &str, delay: Duration, is_once: bool) -> Result<(), String> {
        if text.starts_with('@') {
            return Err("a file can be answered by `--answer` only".into());
        }
        if delay > DELAY {
            return Err(format!("the delay is {DELAY:?} at most"));
        }
        let rule: Rule = if command.is_empty() { text.to_owned() } else { format!("{command}:{text}") }.parse()?;
        if rule.callback.is_none() && !command.is_empty() {
            return Err(format!("`{command}` is no command"));
        }
        let mut answers = self.0.lock().map_err(|_| "the answers are lost")?;
        if !is_once {
            answers.retain(|next| next.is_once || next.rule.callback != rule.callback);
        }
        if answers.len() >= ANSWERS {
            return Err(format!("{ANSWERS} answers are set already"));
        }
        answers.push(Next { rule, text: text.to_owned(), delay, is_once });
        Ok(())
    }

    /// Removes all.
    pub(crate) fn clear(&self) {
        if let Ok(mut answers) = self.0.lock() {
            answers.clear();
        }
    }

    /// The answers, for the page.
    pub(crate) fn list(&self) -> Value {
        let Ok(answers) = self.0.lock() else { return json!([]) };
        let shown = answers.iter().map(|next| {
            json!({
                "command": next.rule.callback.map(|callback| callback.command),
                "answer": next.text,
                "delay_ms": u64::try_from(next.delay.as_millis()).unwrap_or(u64::MAX),
                "once": next.is_once,
            })
        });
        shown.collect()
    }

    /// The answer to a callback, and how long to wait before it. One that names the callback is before one for all, one for
    /// one callback is before one for every callback; of these the first that was set is taken.
    pub(super) fn take(&self, callback: Option<&'static Callback>) -> Option<(Answer, Duration)> {
        let mut answers = self.0.lock().ok()?;
        let rank = |next: &Next| (next.rule.callback.is_none(), !next.is_once);
        let fits = |next: &&(usize, &Next)| next.1.rule.callback.is_none() || next.1.rule.callback == callback;
        let (place, _) = answers.iter().enumerate().filter(|next| fits(&next)).min_by_key(|(_, next)| rank(next))?;
        let next = if answers[place].is_once { answers.remove(place) } else { answers[place].clone() };
        Some((next.rule.answer, next.delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

    fn taken(answers: &NextAnswers, command: &str) -> Option<Answer> {
        answers.take(Callback::find(command)).map(|(answer, _)| answer)
    }

    #[test]
    fn an_answer_for_one_callback_is_used_up_and_a_named_one_is_first() {
        let answers = NextAnswers::default();
        let set = |command, answer, is_once| answers.set(command, answer, Duration::ZERO, is_once).unwrap();
        set("", "refuse", false);
        set("", "status=503", true);
        set(TOPIC, "refuse=10123,no", true);
        set(TOPIC, "refuse=10124,no", true);
        assert_eq!(taken(&answers, TOPIC), Some(Answer::Refuse { code: Some(10_123), text: "no".into() }));
        assert_eq!(taken(&answers, TOPIC), Some(Answer::Refuse { code: Some(10_124), text: "no".into() }));
        assert_eq!(taken(&answers, "State.StateChange"), Some(Answer::Status(http::StatusCode::SERVICE_UNAVAILABLE)));
        assert_eq!(taken(&answers, TOPIC), Some(Answer::Refuse { code: None, text: String::new() }));
        set("", "allow", false);
        assert_eq!(taken(&answers, TOPIC), Some(Answer::Allow));
        assert_eq!(answers.list().as_array().map(Vec::len), Some(1));
        answers.clear();
        assert_eq!(taken(&answers, TOPIC), None);
    }

    #[test]
    fn what_cannot_be_answered_and_files_are_refused() {
        let answers = NextAnswers::default();
        let error = |command, answer| answers.set(command, answer, Duration::ZERO, true).unwrap_err();
        assert_eq!(error("", "@/etc/passwd"), "a file can be answered by `--answer` only");
        assert!(error(TOPIC, "@/etc/passwd").contains("a file"));
        assert!(error(TOPIC, "refuse=120001").contains("can be answered with: allow, refuse, own code 10100..=10200"));
        assert!(error("No.Such", "allow").contains("no callback has the command `No.Such`"));
        assert!(error("", "perhaps").contains("it is one of"));
        assert!(answers.set("", "allow", DELAY * 2, true).is_err());
        for _ in 0..ANSWERS {
            answers.set("", "allow", Duration::ZERO, true).unwrap();
        }
        assert!(error("", "allow").contains("already"));
    }
}
