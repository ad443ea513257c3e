//! A callback of a journal, as it is shown.

use std::{
    io::{self, Write},
    time::{SystemTime, UNIX_EPOCH},
};

use anstyle::Style;
use serde_json::{Value, json};
use tencent_im_callback_journal::store::{Record, State};

use crate::{
    json::{self, Pretty},
    paint::{BAD, FAINT, GOOD, STRONG, WARN},
    untrusted_text::{excerpt, plain},
    when::date,
};

/// Unix milliseconds.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

const fn style(state: State) -> Style {
    match state {
        State::Done => GOOD,
        State::Dead => BAD,
        _ => WARN,
    }
}

/// A record as a JSON object. A body that is no JSON is a text.
pub(super) fn as_json(record: &Record, with_body: bool) -> Value {
    let entry = &record.entry;
    let mut value = json!({
        "id": record.id,
        "state": record.state.as_str(),
        "command": entry.command,
        "app_id": entry.app_id,
        "received_at": millis(entry.received_at),
        "key": entry.key.as_ref().map(AsRef::<str>::as_ref),
        "identity": entry.identity.as_ref().map(AsRef::<str>::as_ref),
        "attempts": record.attempts,
        "due": record.due.map(millis),
        "error": record.error,
        "suspected": record.suspected,
        "body_length": entry.body.len(),
    });
    if with_body {
        value["query"] = entry.query.clone().into();
        value["body"] = body(&entry.body);
    }
    value
}

fn body(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

/// A record on one line, with its body behind it on request.
pub(super) fn write_line(out: &mut impl Write, record: &Record, with_body: bool, as_line: bool) -> io::Result<()> {
    if as_line {
        return writeln!(out, "{}", json::line(&as_json(record, with_body)));
    }
    let (entry, style) = (&record.entry, style(record.state));
    write!(
        out,
        "{:>8}  {FAINT}{}{FAINT:#}  {style}{:<10}{style:#}  {STRONG}{}{STRONG:#}",
        record.id,
        date(millis(entry.received_at)),
        record.state.as_str(),
        plain(&entry.command),
    )?;
    if record.attempts > 0 {
        write!(out, "  attempts {}", record.attempts)?;
    }
    if record.suspected > 0 {
        write!(out, "  {BAD}suspected {}{BAD:#}", record.suspected)?;
    }
    if let Some(key) = &entry.key {
        write!(out, "  {FAINT}{}{FAINT:#}", plain(key.as_str()))?;
    }
    if let Some(error) = record.error.as_ref().filter(|_| record.state != State::Done) {
        write!(out, "  {}", plain(error))?;
    }
    writeln!(out)?;
    if with_body {
        write_body(out, &entry.body)?;
    }
    Ok(())
}

/// A record over several lines.
pub(super) fn write_record(out: &mut impl Write, record: &Record, with_body: bool) -> io::Result<()> {
    let (entry, style) = (&record.entry, style(record.state));
    writeln!(out, "id           {}", record.id)?;
    writeln!(out, "command      {STRONG}{}{STRONG:#}", plain(&entry.command))?;
    writeln!(out, "application  {}", entry.app_id)?;
    writeln!(out, "received     {}", date(millis(entry.received_at)))?;
    writeln!(out, "state        {style}{}{style:#}", record.state.as_str())?;
    writeln!(out, "attempts     {}", record.attempts)?;
    if record.suspected > 0 {
        writeln!(out, "suspected    {BAD}the process has ended {} times in its method{BAD:#}", record.suspected)?;
    }
    if let Some(due) = record.due.filter(|_| record.state == State::Unfinished) {
        writeln!(out, "next attempt {}", date(millis(due)))?;
    }
    if let Some(error) = &record.error {
        writeln!(out, "last error   {}", plain(error))?;
    }
    if let Some(key) = &entry.key {
        writeln!(out, "key          {}", plain(key.as_str()))?;
    }
    if let Some(identity) = &entry.identity {
        writeln!(out, "identity     {}", plain(identity.as_ref()))?;
    }
    writeln!(out, "body         {} bytes", entry.body.len())?;
    if with_body {
        writeln!(out, "query        {}", plain(&entry.query))?;
        write_body(out, &entry.body)?;
    }
    Ok(())
}

fn write_body(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let value = excerpt(&body(bytes));
    writeln!(out, "          {}", Pretty { value: &value, margin: "          ", times: true })
}
