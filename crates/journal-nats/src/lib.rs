//! The journal of `tencent-im-callback` in streams of a NATS server with `JetStream`: any number of receivers append, any
//! number of workers call the methods, in order for each key, and another worker takes over when one ends.
//!
//! ```no_run
//! use tencent_im_callback_journal::Journal;
//! use tencent_im_callback_journal_nats::Nats;
//!
//! # async fn open() -> Result<(), tencent_im_callback_journal::StoreError> {
//! let nats = Nats::connect("nats://user:password@nats.example.com/callbacks?sync=always").await?;
//! let journal = Journal::over(nats).await?;
//! # Ok(()) }
//! ```
//!
//! All else is as on the front page of `tencent-im-callback-journal`. [`Nats::builder`] has the settings that are not in the
//! address, such as certificates, and `Journal::builder().over(nats)` has the journal's own.
//!
//! # The server
//!
//! `nats-server` 2.9 or newer with `JetStream`. By default a server acknowledges a message up to two minutes before the
//! message is on its disk. A journal whose entries could be lost in this way is refused, unless one of these holds:
//!
//! | the server | the address |
//! | --- | --- |
//! | the streams have three replicas or more in a cluster | `replicas=3` when the journal is made |
//! | it syncs each message: `jetstream { sync_interval: always }` in its configuration, since 2.10 | `sync=always` |
//! | a loss when the power fails is acceptable | `loss=accepted` |
//!
//! The client cannot find out whether the server syncs: `sync=always` is the user's word for it. Replicas that do not sync
//! lose acknowledged entries when the power of most of them fails together. The best is both.
//!
//! `max_payload` of the server, 1 MiB by default, has to have room for the body of a callback and about 1 KiB. The user of the
//! client needs the right to publish to and to read the subjects below, `$JS.API.>`, `$KV.NAME-workers.>` and `_INBOX.>`.
//!
//! # What is in it
//!
//! A journal with the name `NAME` is made with its first connection:
//!
//! | stream | subjects | messages |
//! | --- | --- | --- |
//! | `NAME` | `NAME.entry.<partition>.<command>` | one for each entry; its sequence is the entry's id |
//! | `NAME-dead` | `NAME.dead.<partition>.<id>` | the dead letters, the last one for each entry |
//! | `NAME-progress` | `NAME.progress.<partition>` | what has become of the entries: only for this package |
//! | `KV_NAME-workers` | `$KV.NAME-workers.<key>` | a key-value bucket with `partitions`, `fence`, `worker.<worker>` and `retry.<partition>.<id>` |
//!
//! Characters of a command that a subject may not have are underscores. `NAME.appended` has empty messages that wake workers
//! and that no stream keeps.
//!
//! Entries and dead letters are JSON:
//!
//! | field | type | |
//! | --- | --- | --- |
//! | `app_id` | number | the application |
//! | `command` | text | the command, as in the query or the body |
//! | `query` | text | the query of the request, without `Sign` |
//! | `received_at` | number | when the request was received, in milliseconds since 1970 |
//! | `key` | text, or missing | entries with the same key are delivered in their order |
//! | `identity` | text, or missing | a repetition has the same |
//! | `body` | text | the body, if it is UTF-8 |
//! | `body_base64` | text | any other body |
//! | `attempts`, `error`, `died_at` | number, text, number | of dead letters: the attempts, the last error, and when it died |
//!
//! The headers `Im-Callback-Command`, `Im-Callback-Key`, `Im-Callback-Received-At` and `Nats-Msg-Id`, which is the identity,
//! have the same values, with control characters, spaces and `%` written as `%` and two digits. Dead letters have
//! `Im-Callback-Attempts` and `Im-Callback-Died-At` besides, and no `Nats-Msg-Id`.
//!
//! # Following it from another language
//!
//! Entries stay in the stream until the journal prunes them, whatever other consumers do. With the command `nats`:
//!
//! ```sh
//! nats sub --stream callbacks --all 'callbacks.entry.*.Group.>'             # from the first one on
//! nats sub --stream callbacks --new 'callbacks.entry.>' --raw               # JSON lines of what comes
//! nats consumer add callbacks audit --pull --deliver all --ack explicit \
//!     --filter 'callbacks.entry.>' --defaults                               # a durable consumer
//! nats consumer next callbacks audit --count 10 --ack
//! nats sub --stream callbacks-dead --all 'callbacks.dead.>'                 # the dead letters
//! ```
//!
//! Publish nothing to these subjects. Without the stream `NAME-progress` every entry that is left is delivered again.
//!
//! # What is promised
//!
//! - An entry that was appended is on the server as durably as the server acknowledges messages: see above.
//! - Entries with one key are in one partition, and one worker feeds from a partition at a time. A worker that has hung for
//!   six seconds loses its partitions, and can write no change of their entries from then on; a method that it had begun may
//!   still end, as it may be called twice anyway.
//! - An append fails after 1.4 seconds if the server is away or slow, and appends succeed again when it is back. An append
//!   that failed may have been kept: its repetition has the same id, within ten minutes, if the event has an identity.
//! - Repetitions that different receivers get are known by the server, within ten minutes.
//!
//! What is not promised: exactly once, as with every journal; and that finished entries stay for as long after their end as
//! `JournalBuilder::keep` says. The time of the append counts here.
//!
//! # Limits
//!
//! - Of a partition at most 20,000 unfinished entries are in the memory of its worker. What is behind them is read when half
//!   of them are finished, so that a key that is held with so many entries holds its partition.
//! - A worker reads the headers of all entries, those of other partitions too.
//! - The text of an error is cut to 2,000 bytes.
//! - `retry` is a key for the worker of the partition: the entry is a dead letter until the worker has seen it, within about
//!   a second.
//! - Clones of a [`Nats`] are one worker. Feed from one of them.

mod append;
mod changes;
mod dead;
mod feeding;
mod index;
mod link;
mod message;
mod names;
mod nats;
mod progress;
mod prune;
mod read;
mod reader;
mod records;
mod settings;
mod store;
mod streams;
mod workers;

pub use crate::{nats::Nats, settings::NatsBuilder};
