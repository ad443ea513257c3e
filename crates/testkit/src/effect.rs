//! What the service does after an answer, read out of the HTTP response as the service would read it.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive};

use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tencent_im_callback::{
    AgentAssignment, Callback, Code, Decision, Event, FriendDecision, InterfaceReply, InviteDecision, MessageDecision,
    SignalReply, SubscribeDecision, each_callback, message::Element,
};

/// What the service does after an answer.
///
/// It is read out of the HTTP response with the eyes of the service: by the command, because one and
/// the same answer means something else to another callback.
///
/// ```
/// use http::StatusCode;
/// use tencent_im_callback_testkit::Effect;
///
/// let body = br#"{"ActionStatus":"OK","ErrorInfo":"no spam","ErrorCode":10123}"#;
/// let effect = Effect::read("Group.CallbackBeforeCreateTopic", StatusCode::OK, body);
/// assert_eq!(effect, Effect::RefusedWith { code: 10_123, text: "no spam".into() });
/// assert_eq!(effect.to_string(), "refused with code 10123: `no spam`");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "decided", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// What has happened was taken note of. The service looks at nothing but that there was an answer.
    Acknowledged,
    /// It happens.
    Allowed,
    /// It happens, but not for these accounts.
    AllowedExcept {
        /// The accounts that are left out.
        accounts: Vec<String>,
    },
    /// It does not happen, and the client sees the service's own error: code 1.
    Refused,
    /// It does not happen, and code and text reach the client.
    RefusedWith {
        /// The app's own code.
        code: u32,
        /// What the client sees.
        text: String,
    },
    /// The message is dropped, and its sender sees it as sent: code 2.
    Discarded,
    /// The message is sent with changes.
    Replaced {
        /// The new `MsgBody`; `None` where it stays.
        body: Option<Vec<Element>>,
        /// The new `CloudCustomData`; `None` where it stays.
        custom_data: Option<String>,
    },
    /// Each account of a friend request by itself.
    ByAccount {
        /// The accounts, in the order of the answer.
        accounts: Vec<AccountEffect>,
    },
    /// Data for the chatbot that asked for it.
    Data {
        /// `RspData`.
        data: String,
    },
    /// Variables for the flow of the chatbot that asked for them.
    Variables {
        /// `Body`.
        variables: BTreeMap<String, Value>,
    },
    /// The client is passed to agents.
    Assigned {
        /// `AgentGroupId`; `None` where the answer names no group.
        group: Option<u64>,
        /// `AgentIdList`; empty where the answer names no agents.
        agents: Vec<String>,
    },
    /// The service counts the callback as failed: what happens is decided by the policy set in its console.
    Failed {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the answer, and what the answer says about it.
        reason: String,
    },
    /// No document says what the service does with such an answer.
    Undefined {
        /// What is wrong with it.
        reason: String,
    },
}

/// What becomes of one account of a friend request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountEffect {
    /// The account.
    #[serde(rename(deserialize = "To_Account"))]
    pub account: String,
    /// 0 for an account that goes through, else the code that its client sees.
    #[serde(rename(deserialize = "ResultCode"))]
    pub code: u32,
    /// What its client sees.
    #[serde(rename(deserialize = "ResultInfo"), default)]
    pub text: String,
}

impl AccountEffect {
    /// Whether the account goes through.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.code == 0
    }
}

impl Effect {
    /// Reads the answer to `command` with the eyes of the service.
    ///
    /// Faults of an answer that the service understands nevertheless are returned by
    /// [`Answer::remarks`](crate::Answer::remarks).
    #[must_use]
    pub fn read(command: &str, status: StatusCode, body: &[u8]) -> Self {
        read(command, status, body).effect
    }

    /// A word for it: `ack`, `allow`, `partial`, `refuse`, `discard`, `modify`, `data`, `variables`,
    /// `assign`, `failed` or `undefined`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Acknowledged => "ack",
            Self::Allowed => "allow",
            Self::AllowedExcept { .. } => "partial",
            Self::Refused | Self::RefusedWith { .. } => "refuse",
            Self::Discarded => "discard",
            Self::Replaced { .. } => "modify",
            Self::ByAccount { accounts } => match accounts.iter().filter(|account| account.is_allowed()).count() {
                0 if !accounts.is_empty() => "refuse",
                allowed if allowed < accounts.len() => "partial",
                _ => "allow",
            },
            Self::Data { .. } => "data",
            Self::Variables { .. } => "variables",
            Self::Assigned { .. } => "assign",
            Self::Failed { .. } => "failed",
            Self::Undefined { .. } => "undefined",
        }
    }

    /// Whether all of it happens as it was asked for: allowed, acknowledged, or answered with data.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self.word(), "ack" | "allow" | "data" | "variables" | "assign")
    }

    /// Whether nothing of it happens because the app refuses, with whatever code.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.word() == "refuse"
    }

    /// The code that it was refused with as a whole: 1 or one of the app's own.
    #[must_use]
    pub const fn refusal_code(&self) -> Option<u32> {
        match self {
            Self::Refused => Some(1),
            Self::RefusedWith { code, .. } => Some(*code),
            _ => None,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged => f.write_str("acknowledged"),
            Self::Allowed => f.write_str("allowed"),
            Self::AllowedExcept { accounts } => write!(f, "allowed except for {}", accounts.join(", ")),
            Self::Refused => f.write_str("refused with code 1"),
            Self::RefusedWith { code, text } => write!(f, "refused with code {code}: `{text}`"),
            Self::Discarded => f.write_str("discarded"),
            Self::Replaced { body, custom_data } => {
                f.write_str("allowed with ")?;
                if let Some(body) = body {
                    write!(f, "another body of {} element(s)", body.len())?;
                }
                if body.is_some() && custom_data.is_some() {
                    f.write_str(" and ")?;
                }
                if let Some(custom_data) = custom_data {
                    write!(f, "other custom data: `{custom_data}`")?;
                }
                Ok(())
            }
            Self::ByAccount { accounts } if accounts.is_empty() => f.write_str("allowed without naming an account"),
            Self::ByAccount { accounts } => {
                for (place, AccountEffect { account, code, text }) in accounts.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    match code {
                        0 => write!(f, "{comma}{account} allowed")?,
                        _ => write!(f, "{comma}{account} refused with code {code}: `{text}`")?,
                    }
                }
                Ok(())
            }
            Self::Data { data } => write!(f, "answered with the data `{data}`"),
            Self::Variables { variables } => {
                let names: Vec<_> = variables.keys().map(|name| format!("`{name}`")).collect();
                write!(f, "answered with the variables {}", names.join(", "))
            }
            Self::Assigned { group: None, agents } if agents.is_empty() => f.write_str("assigned by the service"),
            Self::Assigned { group, agents } => {
                let group = group.map(|group| format!("the group {group}"));
                let agents: Vec<_> = group.into_iter().chain(agents.iter().map(|agent| format!("`{agent}`"))).collect();
                write!(f, "assigned to {}", agents.join(", "))
            }
            Self::Failed { status, reason } => write!(f, "failed with status {status}: {reason}"),
            Self::Undefined { reason } => write!(f, "undefined: {reason}"),
        }
    }
}

/// What a callback can be answered with.
///
/// ```
/// use tencent_im_callback_testkit::Choices;
///
/// let choices = Choices::of("C2C.CallbackBeforeSendMsg");
/// assert_eq!(choices.to_string(), "allow, refuse, own code 120001..=130000, discard, replace");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that can be chosen or not")]
#[non_exhaustive]
pub struct Choices {
    /// Whether it can be refused as a whole. Where it cannot, not even by accounts, it is acknowledged.
    pub refuse: bool,
    /// The app's own codes, from the smallest to the largest.
    pub codes: Option<(u32, u32)>,
    /// Whether a message can be dropped silently.
    pub discard: bool,
    /// Whether a message can be changed.
    pub replace: bool,
    /// The field that names the accounts which are left out.
    pub except: Option<&'static str>,
    /// The codes that an account is refused with where each is decided by itself.
    pub by_account: Option<(u32, u32)>,
    /// Whether the answer carries data.
    pub data: bool,
    /// Whether the answer carries variables.
    pub variables: bool,
    /// Whether the answer names agents.
    pub assign: bool,
}

impl Choices {
    const ACKNOWLEDGE: Self = Self {
        refuse: false,
        codes: None,
        discard: false,
        replace: false,
        except: None,
        by_account: None,
        data: false,
        variables: false,
        assign: false,
    };

    const fn refuse<C: Code>() -> Self {
        Self { refuse: true, codes: Some((C::MIN, C::MAX)), ..Self::ACKNOWLEDGE }
    }

    /// What the callback with this command word can be answered with; an unknown one is acknowledged.
    #[must_use]
    pub fn of(command: &str) -> Self {
        macro_rules! by_command {
            ($($command:literal $method:ident $event:path;)*) => {
                match command {
                    $($command => <$event as Event>::Answer::CHOICES,)*
                    _ => Self::ACKNOWLEDGE,
                }
            };
        }
        each_callback!(by_command)
    }

    /// Whether there is nothing to choose.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        *self == Self::ACKNOWLEDGE
    }

    fn own_codes(&self) -> Option<RangeInclusive<u32>> {
        self.codes.map(|(min, max)| min..=max)
    }

    /// The fields beside the three that every answer has.
    fn fields(&self) -> Vec<&'static str> {
        let fields = [
            self.replace.then_some("MsgBody"),
            self.replace.then_some("CloudCustomData"),
            self.except,
            self.by_account.map(|_| "ResultItem"),
            self.data.then_some("RspData"),
            self.variables.then_some("Body"),
            self.assign.then_some("AgentGroupId"),
            self.assign.then_some("AgentIdList"),
        ];
        fields.into_iter().flatten().collect()
    }
}

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_acknowledged() {
            return f.write_str("acknowledge");
        }
        for (is_so, word) in [(self.data, "data"), (self.variables, "variables"), (self.assign, "assign")] {
            if is_so {
                return f.write_str(word);
            }
        }
        if let Some((min, max)) = self.by_account {
            return write!(f, "by account: allow, refuse with own code {min}..={max}");
        }
        f.write_str("allow")?;
        if self.refuse {
            f.write_str(", refuse")?;
        }
        if let Some((min, max)) = self.codes {
            write!(f, ", own code {min}..={max}")?;
        }
        if let Some(field) = self.except {
            write!(f, ", allow except {field}")?;
        }
        if self.discard {
            f.write_str(", discard")?;
        }
        if self.replace {
            f.write_str(", replace")?;
        }
        Ok(())
    }
}

/// An answer type, which knows what can be said with it.
trait Choose {
    const CHOICES: Choices;
}

impl Choose for () {
    const CHOICES: Choices = Choices::ACKNOWLEDGE;
}

impl<C: Code> Choose for Decision<C> {
    const CHOICES: Choices = Choices::refuse::<C>();
}

impl<C: Code> Choose for MessageDecision<C> {
    const CHOICES: Choices = Choices { discard: true, replace: true, ..Choices::refuse::<C>() };
}

impl<C: Code> Choose for InviteDecision<C> {
    const CHOICES: Choices = Choices { except: Some("RefusedMembers_Account"), ..Choices::refuse::<C>() };
}

impl Choose for SubscribeDecision {
    const CHOICES: Choices =
        Choices { refuse: true, except: Some("RefusedSubscribers_Account"), ..Choices::ACKNOWLEDGE };
}

impl Choose for FriendDecision {
    const CHOICES: Choices = Choices {
        by_account: Some((tencent_im_callback::FriendCode::MIN, tencent_im_callback::FriendCode::MAX)),
        ..Choices::ACKNOWLEDGE
    };
}

impl Choose for InterfaceReply {
    const CHOICES: Choices = Choices { variables: true, ..Choices::ACKNOWLEDGE };
}

impl Choose for AgentAssignment {
    const CHOICES: Choices = Choices { assign: true, ..Choices::ACKNOWLEDGE };
}

impl Choose for SignalReply {
    const CHOICES: Choices = Choices { data: true, ..Choices::ACKNOWLEDGE };
}

/// An answer, read.
pub(crate) struct Read {
    pub(crate) effect: Effect,
    /// `ErrorCode`, where there is one.
    pub(crate) code: Option<i64>,
    /// `ErrorInfo`, where there is one.
    pub(crate) text: Option<String>,
    /// What the service overlooks in it.
    pub(crate) remarks: Vec<String>,
}

pub(crate) fn read(command: &str, status: StatusCode, body: &[u8]) -> Read {
    let fields: Result<Map<String, Value>, String> = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("the body is JSON, but not an object".into()),
        Err(_) if body.is_empty() => Err("the body is empty".into()),
        Err(error) => Err(format!("the body is not JSON: {error}")),
    };
    let mut read = Read { effect: Effect::Acknowledged, code: None, text: None, remarks: Vec::new() };
    if let Ok(fields) = &fields {
        read.code = fields.get("ErrorCode").and_then(Value::as_i64);
        read.text = fields.get("ErrorInfo").and_then(Value::as_str).map(str::to_owned);
    }
    let failed = |reason| Effect::Failed { status: status.as_u16(), reason };
    read.effect = match fields {
        _ if status != StatusCode::OK => failed(match &read.text {
            Some(text) if !text.is_empty() => text.clone(),
            _ => "the service takes every status but 200 for a failure".into(),
        }),
        // To the service a body that is no JSON is no answer.
        Err(reason) => failed(reason),
        Ok(mut fields) => {
            read_fields(command, &mut fields, &mut read.remarks).unwrap_or_else(|no_effect| match no_effect {
                NoEffect::Failed(reason) => failed(reason),
                NoEffect::Undefined(reason) => Effect::Undefined { reason },
            })
        }
    };
    read
}

/// Why an answer with status 200 and a JSON object decides nothing.
enum NoEffect {
    Failed(String),
    Undefined(String),
}

/// Reads what status 200 and a JSON object say.
fn read_fields(command: &str, fields: &mut Map<String, Value>, remarks: &mut Vec<String>) -> Result<Effect, NoEffect> {
    let undefined = |reason: String| Err(NoEffect::Undefined(reason));
    let choices = Choices::of(command);
    let has_failed = match fields.remove("ActionStatus") {
        Some(Value::String(word)) if word == "OK" => false,
        Some(Value::String(word)) if word == "FAIL" || word == "FAILURE" => true,
        Some(other) => return undefined(format!("`ActionStatus` is {other}, and not \"OK\" or \"FAIL\"")),
        None => return undefined("`ActionStatus` is missing".into()),
    };
    let code = match fields.remove("ErrorCode") {
        Some(Value::Number(code)) if code.is_u64() || code.is_i64() => code,
        Some(other) => return undefined(format!("`ErrorCode` is {other}, and not an integer")),
        None => return undefined("`ErrorCode` is missing".into()),
    };
    let text = match fields.remove("ErrorInfo") {
        Some(Value::String(text)) => text,
        Some(other) => return undefined(format!("`ErrorInfo` is {other}, and not text")),
        None => return undefined("`ErrorInfo` is missing".into()),
    };
    let known = choices.fields();
    remarks.extend(
        fields
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| format!("`{key}` means nothing in an answer to {command}")),
    );
    if Callback::find(command).is_none() {
        remarks.push(format!("`{command}` is no command that this version knows"));
    }
    if choices.is_acknowledged() {
        // By the documents the answer is not looked at.
        if has_failed || code.as_u64() != Some(0) {
            remarks.push(format!("{command} is sent after the fact: the code {code} changes nothing"));
        }
        return Ok(Effect::Acknowledged);
    }
    let Some(code) = code.as_u64().and_then(|code| u32::try_from(code).ok()) else {
        return undefined(format!("the code {code} is none that {command} can be answered with"));
    };
    let is_request_for_data = choices.data || choices.variables || choices.assign;
    if choices.by_account.is_some() || is_request_for_data {
        if has_failed || code != 0 {
            return Err(NoEffect::Failed(format!("the code of the whole, {code}, says that the app failed: {text}")));
        }
        return match choices {
            Choices { data: true, .. } => read_data(fields),
            Choices { variables: true, .. } => read_variables(fields),
            Choices { assign: true, .. } => read_assignment(fields),
            _ => read_accounts(fields, choices),
        };
    }
    if has_failed && code == 0 {
        return undefined("`ActionStatus` is \"FAIL\" and `ErrorCode` is 0".into());
    }
    if has_failed {
        remarks.push("a refusal goes with `ActionStatus` \"OK\", not with \"FAIL\"".into());
    }
    if code != 0 {
        let in_vain = fields.keys().filter(|key| known.contains(&key.as_str()));
        remarks.extend(in_vain.map(|key| format!("`{key}` is looked at with code 0 only, and this is {code}")));
    }
    match code {
        0 if choices.replace => read_replacement(fields),
        0 => read_exceptions(fields, choices),
        1 => {
            if !text.is_empty() {
                remarks.push("the text of a refusal with code 1 does not reach the client".into());
            }
            Ok(Effect::Refused)
        }
        2 if choices.discard => Ok(Effect::Discarded),
        _ if choices.own_codes().is_some_and(|codes| codes.contains(&code)) => Ok(Effect::RefusedWith { code, text }),
        _ => undefined(format!("the code {code} is none that {command} can be answered with: {choices}")),
    }
}

fn read_replacement(fields: &Map<String, Value>) -> Result<Effect, NoEffect> {
    let wrong = |field: &str, what: &dyn fmt::Display| Err(NoEffect::Undefined(format!("`{field}` {what}")));
    let body = match fields.get("MsgBody") {
        None | Some(Value::Null) => None,
        Some(body) => match Vec::<Element>::deserialize(body) {
            Ok(elements) if elements.is_empty() => return wrong("MsgBody", &"has no element"),
            Ok(elements) => Some(elements),
            Err(error) => return wrong("MsgBody", &format_args!("is not a list of elements: {error}")),
        },
    };
    let custom_data = match fields.get("CloudCustomData") {
        None | Some(Value::Null) => None,
        Some(Value::String(data)) => Some(data.clone()),
        Some(_) => return wrong("CloudCustomData", &"is not text"),
    };
    Ok(if body.is_none() && custom_data.is_none() { Effect::Allowed } else { Effect::Replaced { body, custom_data } })
}

fn read_exceptions(fields: &Map<String, Value>, choices: Choices) -> Result<Effect, NoEffect> {
    let Some((field, accounts)) = choices.except.and_then(|field| Some((field, fields.get(field)?))) else {
        return Ok(Effect::Allowed);
    };
    match Vec::<String>::deserialize(accounts) {
        Ok(accounts) if accounts.is_empty() => Ok(Effect::Allowed),
        Ok(accounts) => Ok(Effect::AllowedExcept { accounts }),
        Err(error) => Err(NoEffect::Undefined(format!("`{field}` is not a list of accounts: {error}"))),
    }
}

fn read_accounts(fields: &Map<String, Value>, choices: Choices) -> Result<Effect, NoEffect> {
    let items = fields.get("ResultItem").unwrap_or(&Value::Null);
    let accounts = Vec::<AccountEffect>::deserialize(items)
        .map_err(|error| NoEffect::Undefined(format!("`ResultItem` is not a list of results: {error}")))?;
    let is_known = |code: u32| code == 0 || choices.by_account.is_some_and(|(min, max)| (min..=max).contains(&code));
    match accounts.iter().find(|account| !is_known(account.code)) {
        Some(AccountEffect { account, code, .. }) => Err(NoEffect::Undefined(format!(
            "the code {code} of `{account}` is none that an account can be answered with: {choices}"
        ))),
        None => Ok(Effect::ByAccount { accounts }),
    }
}

fn read_data(fields: &Map<String, Value>) -> Result<Effect, NoEffect> {
    match fields.get("RspData") {
        None | Some(Value::Null) => Ok(Effect::Data { data: String::new() }),
        Some(Value::String(data)) => Ok(Effect::Data { data: data.clone() }),
        Some(_) => Err(NoEffect::Undefined("`RspData` is not text".into())),
    }
}

/// A field of an answer that may be absent or null.
fn optional<T: DeserializeOwned>(fields: &Map<String, Value>, field: &str) -> Result<Option<T>, NoEffect> {
    let value = fields.get(field).unwrap_or(&Value::Null);
    Option::deserialize(value).map_err(|error| NoEffect::Undefined(format!("`{field}` has another type: {error}")))
}

fn read_variables(fields: &Map<String, Value>) -> Result<Effect, NoEffect> {
    Ok(Effect::Variables { variables: optional(fields, "Body")?.unwrap_or_default() })
}

fn read_assignment(fields: &Map<String, Value>) -> Result<Effect, NoEffect> {
    let agents = optional(fields, "AgentIdList")?.unwrap_or_default();
    Ok(Effect::Assigned { group: optional(fields, "AgentGroupId")?, agents })
}
