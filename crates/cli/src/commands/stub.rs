//! `im-callback stub`

use std::{collections::BTreeSet, fmt::Write as _, io::Write as _};

use clap::Args;
use tencent_im_callback::{CALLBACKS, Callback};
use tencent_im_callback_testkit::Choices;

use crate::{
    answers::summary,
    cli_error::{CliError, ExitStatus},
    command_word::FamilyOrWord,
};

/// Prints a handler with the methods of these callbacks, ready to paste
#[derive(Args, Debug)]
#[command(after_long_help = "\
Each method allows or acknowledges, and names in a comment what else it could answer. A refusal
code is a constant, in a comment too: `cargo check` refuses a constant that is out of the range.
The text is formatted as rustfmt does it.

Examples:
  im-callback stub Group.CallbackBeforeCreateTopic State.StateChange
  im-callback stub c2c sns
  im-callback stub --all --type Handler > src/handler.rs")]
pub(crate) struct Stub {
    /// The callbacks: their command words, methods or events, or a family such as `c2c`
    #[arg(value_parser = FamilyOrWord, hide_possible_values = true, required_unless_present = "all", value_name = "COMMAND")]
    commands: Vec<Vec<&'static Callback>>,
    /// Every callback
    #[arg(long, conflicts_with = "commands")]
    all: bool,
    /// The name of the type that handles them
    #[arg(long = "type", value_name = "NAME", default_value = "App", value_parser = type_name)]
    handler: String,
    /// Only the methods, to paste into a handler that is there already
    #[arg(long)]
    methods: bool,
}

fn type_name(name: &str) -> Result<String, String> {
    let mut chars = name.chars();
    let is_name = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_');
    if is_name { Ok(name.to_owned()) } else { Err(format!("`{name}` cannot be the name of a type")) }
}

impl Stub {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let wanted = |callback: &&Callback| self.all || self.commands.iter().flatten().any(|wanted| wanted == callback);
        // In the table's order, and each once, however often it was asked for.
        let callbacks: Vec<_> = CALLBACKS.iter().filter(wanted).collect();
        let mut out = anstream::stdout();
        if self.methods {
            let codes = codes(&callbacks);
            if !codes.is_empty() {
                writeln!(out, "    // Outside this impl:")?;
                codes.iter().try_for_each(|code| writeln!(out, "    {code}"))?;
                writeln!(out)?;
            }
            write!(out, "{}", methods(&callbacks))?;
            return Ok(ExitStatus::Met);
        }
        write!(out, "{}", program(&callbacks, &self.handler))?;
        Ok(ExitStatus::Met)
    }
}

/// A handler with the methods of these callbacks, of a type with this name.
pub(crate) fn program(callbacks: &[&'static Callback], handler: &str) -> String {
    let (imports, methods) = (imports(callbacks), methods(callbacks));
    let codes: Vec<_> = codes(callbacks).into_iter().collect();
    let codes = if codes.is_empty() { String::new() } else { codes.join("\n") + "\n\n" };
    format!(
        "{imports}\n\n{codes}struct {handler};\n\n#[async_trait]\nimpl CallbackHandler for {handler} {{\n{methods}}}\n"
    )
}

fn methods(callbacks: &[&'static Callback]) -> String {
    callbacks.iter().map(|callback| method(callback)).collect::<Vec<_>>().join("\n")
}

/// The `use` of everything that the signatures name, in rustfmt's order and width.
fn imports(callbacks: &[&'static Callback]) -> String {
    let mut names = BTreeSet::from(["CallbackHandler", "Context", "Result", "async_trait"]);
    for callback in callbacks {
        names.extend(callback.event.split_once("::").map(|(family, _)| family));
        names.extend(callback.answer.split(['<', '>']).filter(|name| !name.is_empty() && *name != "()"));
    }
    let names: Vec<_> = names.into_iter().collect();
    let line = format!("use tencent_im_callback::{{{}}};", names.join(", "));
    if line.len() <= WIDTH {
        return line;
    }
    let mut text = String::from("use tencent_im_callback::{\n   ");
    let mut column = 3;
    for name in names {
        // A space before it and a comma after.
        if column + name.len() + 2 > WIDTH {
            text.push_str("\n   ");
            column = 3;
        }
        column += name.len() + 2;
        text.push(' ');
        text.push_str(name);
        text.push(',');
    }
    text + "\n};"
}

/// The constants that the comments of the methods name, each in a comment: unused, it would be warned about.
fn codes(callbacks: &[&'static Callback]) -> BTreeSet<String> {
    callbacks.iter().filter_map(|callback| Code::of(callback)).map(|code| format!("// {}", code.constant())).collect()
}

/// The default of rustfmt.
const WIDTH: usize = 100;

fn method(callback: &Callback) -> String {
    let Callback { method, event, answer, .. } = callback;
    let body = Body::of(callback);
    let param = if body.answer.contains("event") { "event" } else { "_event" };
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "    /// {}\n    ///\n    /// `{}`", summary(callback), callback.command);
    let line = format!("    async fn {method}(&self, _ctx: &Context, {param}: {event}) -> Result<{answer}> {{");
    if line.len() <= WIDTH {
        let _ = writeln!(text, "{line}");
    } else {
        let _ = writeln!(
            text,
            "    async fn {method}(\n        &self,\n        _ctx: &Context,\n        {param}: {event},\n    ) -> Result<{answer}> {{"
        );
    }
    if !body.others.is_empty() {
        let _ = writeln!(text, "        // Or:");
    }
    for other in &body.others {
        for line in format!("Ok({other})").lines() {
            let _ = writeln!(text, "        // {line}");
        }
    }
    let _ = writeln!(text, "        Ok({})\n    }}", body.answer);
    text
}

/// What a method answers, and what else it could.
struct Body {
    answer: &'static str,
    others: Vec<String>,
}

impl Body {
    fn of(callback: &Callback) -> Self {
        let kind = callback.answer.split('<').next().unwrap_or(callback.answer);
        let all_or_nothing = [format!("{kind}::Refuse")];
        let all_but_some = [format!("{kind}::AllowExcept(vec![\"user id\".into()])"), format!("{kind}::Refuse")];
        let (answer, mut others) = match kind {
            "SignalReply" => ("SignalReply::new(\"\")", vec![]),
            "InterfaceReply" => ("InterfaceReply::new()", vec![format!("{kind}::failed(1, \"why\")")]),
            "AgentAssignment" => {
                ("AgentAssignment::default()", vec![format!("{kind}::default().agents([\"agent id\"])")])
            }
            "Decision" => ("Decision::Allow", all_or_nothing.into()),
            "InviteDecision" => ("InviteDecision::Allow", all_but_some.into()),
            "SubscribeDecision" => ("SubscribeDecision::Allow", all_but_some.into()),
            "MessageDecision" => (
                "MessageDecision::Allow",
                vec![
                    format!("{kind}::Replace(tencent_im_callback::Replacement::text(\"text\"))"),
                    format!("{kind}::Replace(tencent_im_callback::Replacement::custom_data(\"data\"))"),
                    format!("{kind}::Discard"),
                    format!("{kind}::Refuse"),
                ],
            ),
            "FriendDecision" => ("FriendDecision::allow_all(&event)", vec![]),
            // A new kind of answer shows in the test that compiles them all.
            _ => ("()", vec![]),
        };
        if let Some(code) = Code::of(callback) {
            if kind == "FriendDecision" {
                let decision = "tencent_im_callback::AccountDecision";
                let code = code.name();
                others.push(format!(
                    "{kind}::each(&event, |item| match item.to_account.as_str() {{\n    \
                     \"user id\" => {decision}::refuse_with({code}, \"why\"),\n    \
                     _ => {decision}::Allow,\n}})"
                ));
            }
            others.push(match kind {
                "FriendDecision" => format!("{kind}::refuse_all(&event, {}, \"why\")", code.name()),
                _ => format!("{kind}::refuse_with({}, \"why\")", code.name()),
            });
        }
        Self { answer, others }
    }
}

/// A refusal code of the app's own, as a constant.
struct Code {
    /// `GroupCode`, or the path of a type that no signature names.
    kind: &'static str,
    /// The first of its range.
    number: u32,
}

impl Code {
    /// The code that this callback can be refused with, if there is one.
    fn of(callback: &Callback) -> Option<Self> {
        let choices = Choices::of(callback.command);
        if let Some((number, _)) = choices.by_account {
            return Some(Self { kind: "tencent_im_callback::FriendCode", number });
        }
        let (_, kind) = callback.answer.trim_end_matches('>').split_once('<')?;
        choices.codes.map(|(number, _)| Self { kind, number })
    }

    /// `GROUP_REFUSED` for a `GroupCode`.
    fn name(&self) -> String {
        let mut name = String::new();
        let kind = self.kind.rsplit("::").next().unwrap_or(self.kind);
        for char in kind.trim_end_matches("Code").chars() {
            if char.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(char.to_ascii_uppercase());
        }
        name + "_REFUSED"
    }

    fn constant(&self) -> String {
        let Self { kind, number } = self;
        format!("const {}: {kind} = {kind}::new({});", self.name(), grouped(*number))
    }
}

/// A number as it is written in Rust: `120_001`.
fn grouped(number: u32) -> String {
    let (thousands, rest) = (number / 1000, number % 1000);
    if thousands == 0 { rest.to_string() } else { format!("{thousands}_{rest:03}") }
}
