//! The format of the service: query strings, JSON bodies and answers.

pub(crate) mod decode;
pub(crate) mod enums;
pub(crate) mod lenient;
pub(crate) mod named_callback;
pub(crate) mod query;
pub(crate) mod raw_json;
pub(crate) mod reasons;
pub(crate) mod redact;
pub(crate) mod repair;
pub(crate) mod response;
pub(crate) mod time;
pub(crate) mod unread;
