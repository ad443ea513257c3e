//! What `listen` answers.

use std::{collections::BTreeSet, fs, str::FromStr};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use tencent_im_callback::{CALLBACKS, Callback, Event, FriendCode, FriendDecision, FriendRequest, sns};
use tencent_im_callback_testkit::Choices;

use crate::command_word;

/// An answer, for one callback or for all.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) callback: Option<&'static Callback>,
    pub(super) answer: Answer,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Allow,
    Refuse { code: Option<u32>, text: String },
    Discard,
    Status(StatusCode),
    Body(Bytes),
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Neither JSON nor the text of a refusal, which may have a colon in it, but a word before the colon.
        let named = text.split_once(':').filter(|(name, _)| !name.contains(['{', '@', '=', ',']));
        let Some((name, rest)) = named else {
            let answer: Answer = text.parse()?;
            answer.check_for_all()?;
            return Ok(Self { callback: None, answer });
        };
        let callback = command_word::find(name).ok_or_else(|| {
            let near = command_word::near(name);
            let hint = near.first().map(|near| format!("; `{near}` may be meant")).unwrap_or_default();
            format!("no callback has the command `{name}`{hint}")
        })?;
        let answer: Answer = rest.parse()?;
        answer.check(callback)?;
        Ok(Self { callback: Some(callback), answer })
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix('@') {
            return fs::read(path).map(|body| Self::Body(body.into())).map_err(|error| format!("{path}: {error}"));
        }
        if text.starts_with('{') {
            serde_json::from_str::<Value>(text).map_err(|error| format!("it is not JSON: {error}"))?;
            return Ok(Self::Body(text.to_owned().into()));
        }
        if let Some(status) = text.strip_prefix("status=") {
            return status.parse().map(Self::Status).map_err(|_| format!("`{status}` is no HTTP status"));
        }
        if let Some(refusal) = text.strip_prefix("refuse=") {
            let (code, text) = refusal.split_once(',').unwrap_or((refusal, ""));
            let code = code.parse().map_err(|_| format!("`{code}` is no code"))?;
            return Ok(Self::Refuse { code: Some(code), text: text.to_owned() });
        }
        match text {
            "allow" => Ok(Self::Allow),
            "refuse" => Ok(Self::Refuse { code: None, text: String::new() }),
            "discard" => Ok(Self::Discard),
            _ => Err("it is one of: allow, refuse, refuse=CODE,TEXT, discard, status=STATUS, {JSON}, @FILE".into()),
        }
    }
}

impl Answer {
    /// Whether the callback can be answered so. A rule for all callbacks is ignored where it cannot.
    fn check(&self, callback: &Callback) -> Result<(), String> {
        let choices = Choices::of(callback.command);
        let can = match self {
            Self::Refuse { code: Some(code), .. } => {
                let range = choices.codes.or(choices.by_account);
                range.is_some_and(|(min, max)| (min..=max).contains(code)) || (choices.refuse && *code == 1)
            }
            Self::Refuse { code: None, .. } => choices.refuse || choices.by_account.is_some(),
            Self::Discard => choices.discard,
            Self::Allow | Self::Status(_) | Self::Body(_) => true,
        };
        if can { Ok(()) } else { Err(format!("{} can be answered with: {choices}", callback.command)) }
    }

    /// Whether any callback can be answered so.
    fn check_for_all(&self) -> Result<(), String> {
        let Self::Refuse { code: Some(code), .. } = self else { return Ok(()) };
        if *code == 1 || CALLBACKS.iter().any(|callback| self.check(callback).is_ok()) {
            return Ok(());
        }
        let ranges = CALLBACKS.iter().map(|callback| Choices::of(callback.command));
        let ranges: BTreeSet<_> = ranges.filter_map(|choices| choices.codes.or(choices.by_account)).collect();
        let ranges: Vec<_> = ranges.into_iter().map(|(min, max)| format!("{min}..={max}")).collect();
        Err(format!("no callback can be refused with the code {code}; the codes are 1 and {}", ranges.join(", ")))
    }

    pub(super) fn response(&self, callback: Option<&Callback>, body: &Bytes) -> Response<Bytes> {
        let (code, text) = match self {
            Self::Body(body) => return with_body(StatusCode::OK, body.clone()),
            Self::Status(status) => {
                return with_body(*status, vendor("FAIL", status.as_u16().into(), "as set by --answer"));
            }
            Self::Refuse { code, text } if callback.is_some_and(|callback| self.check(callback).is_ok()) => {
                (code.unwrap_or(1), text.as_str())
            }
            // A code of another command's range: refused all the same, if that can be done without one.
            Self::Refuse { .. } if callback.is_some_and(|callback| Choices::of(callback.command).refuse) => (1, ""),
            Self::Discard if callback.is_some_and(|callback| Choices::of(callback.command).discard) => (2, ""),
            _ => (0, ""),
        };
        match callback.map(|callback| callback.command) {
            Some(sns::PrevFriendAdd::COMMAND) => by_account::<sns::PrevFriendAdd>(body, code, text),
            Some(sns::PrevFriendResponse::COMMAND) => by_account::<sns::PrevFriendResponse>(body, code, text),
            Some(command) if Choices::of(command).data => with_body(
                StatusCode::OK,
                json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "RspData": "" }).to_string().into(),
            ),
            _ => with_body(StatusCode::OK, vendor("OK", code, text)),
        }
    }
}

/// The answer to what came: that of the last rule which names its callback, or else of the last for all.
pub(super) fn answer(rules: &[Rule], callback: Option<&'static Callback>, body: &Bytes) -> Response<Bytes> {
    let named = rules.iter().rfind(|rule| rule.callback.is_some() && rule.callback == callback);
    let rule = named.or_else(|| rules.iter().rfind(|rule| rule.callback.is_none()));
    rule.map_or(&Answer::Allow, |rule| &rule.answer).response(callback, body)
}

/// The same for each account of a friend request.
fn by_account<E: FriendRequest + Event<Answer = FriendDecision>>(
    body: &[u8],
    code: u32,
    text: &str,
) -> Response<Bytes> {
    let Ok(event) = serde_json::from_slice::<E>(body) else {
        return with_body(StatusCode::OK, vendor("OK", 0, ""));
    };
    let decision = if code == 0 {
        FriendDecision::allow_all(&event)
    } else {
        let code = FriendCode::try_new(code).unwrap_or(FriendCode::new(FriendCode::MIN));
        FriendDecision::refuse_all(&event, code, text.to_owned())
    };
    E::response(decision)
}

/// The three fields that every answer has.
pub(super) fn vendor(status: &str, code: u32, text: &str) -> Bytes {
    json!({ "ActionStatus": status, "ErrorInfo": text, "ErrorCode": code }).to_string().into()
}

pub(super) fn with_body(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use tencent_im_callback_testkit::{Effect, sample};

    use super::*;

    fn effect_of(rules: &[&str], command: &str) -> Effect {
        let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let (_, body) = sample::of(command).next().unwrap();
        let response = answer(&rules, Callback::find(command), &Bytes::from_static(body.as_bytes()));
        Effect::read(command, response.status(), response.body())
    }

    #[test]
    fn what_is_said_to_all_is_said_in_each_callbacks_own_way() {
        for callback in tencent_im_callback::CALLBACKS {
            let (choices, command) = (Choices::of(callback.command), callback.command);
            assert!(effect_of(&[], command).is_allowed() || effect_of(&[], command).word() == "allow", "{command}");
            let can_refuse = choices.refuse || choices.by_account.is_some();
            assert_eq!(effect_of(&["refuse"], command).is_refused(), can_refuse, "{command}");
            assert_eq!(effect_of(&["discard"], command).word() == "discard", choices.discard, "{command}");
        }
        assert_eq!(effect_of(&["refuse=10123,no spam"], "Group.CallbackBeforeSendMsg").refusal_code(), Some(10_123));
        assert_eq!(effect_of(&["refuse=10123,no spam"], "C2C.CallbackBeforeSendMsg").refusal_code(), Some(1));
    }

    #[test]
    fn a_rule_for_one_callback_wins_over_one_for_all() {
        let rules = ["State.StateChange:status=503", "Group.CallbackBeforeSendMsg:discard", "refuse"];
        assert_eq!(effect_of(&rules, "Group.CallbackBeforeSendMsg").word(), "discard");
        assert_eq!(effect_of(&rules, "C2C.CallbackBeforeSendMsg").word(), "refuse");
        assert_eq!(effect_of(&rules, "State.StateChange").word(), "failed");
    }

    #[test]
    fn what_a_callback_cannot_be_answered_with_is_refused_where_it_is_named() {
        let error = "Group.CallbackBeforeCreateTopic:refuse=120001".parse::<Rule>().unwrap_err();
        assert_eq!(
            error,
            "Group.CallbackBeforeCreateTopic can be answered with: allow, refuse, own code 10100..=10200"
        );
        let error = "refuse=5".parse::<Rule>().unwrap_err();
        assert_eq!(
            error,
            "no callback can be refused with the code 5; \
             the codes are 1 and 10100..=10200, 38000..=39000, 102100..=102200, 120001..=130000"
        );
        let error = "Foo:refuse".parse::<Rule>().unwrap_err();
        assert_eq!(error, "no callback has the command `Foo`");
        let error = "State.StatChange:allow".parse::<Rule>().unwrap_err();
        assert_eq!(error, "no callback has the command `State.StatChange`; `State.StateChange` may be meant");
        assert!("refuse=10123,see: the rules".parse::<Rule>().is_ok());
        assert!("State.StateChange:refuse".parse::<Rule>().is_err());
        assert!("perhaps".parse::<Rule>().is_err());
        assert!("{no json".parse::<Rule>().is_err());
    }
}
