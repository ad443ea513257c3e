//! A journal for `tencent-im-callback`: an *after* callback is durable before it is answered, and its method is called until
//! it succeeds.
//!
//! The service sends a callback once and waits two seconds. Without a journal a callback is lost when its method fails or
//! when the process dies. With a journal the endpoint writes the callback to disk, answers OK, and a task calls the method:
//! again after an error, and again after a restart.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use tencent_im_callback::{CallbackHandler, Endpoint};
//! use tencent_im_callback_journal::Journal;
//!
//! # struct App;
//! # impl CallbackHandler for App {}
//! # async fn serve(_: &Endpoint) {}
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let journal = Journal::open("callbacks.journal").await?;
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").journal(&journal).build()?;
//! let feed = journal.feed(&endpoint); // The methods are called from here on.
//!
//! serve(&endpoint).await; // As without a journal.
//!
//! endpoint.drain().await;
//! feed.stop(Duration::from_secs(20)).await; // What is not done by then is done after the next start.
//! # Ok(()) }
//! ```
//!
//! What holds:
//!
//! - A callback that was answered OK is on the disk.
//! - Callbacks with the same [key](tencent_im_callback::Key), such as those of one group, are delivered one after the other
//!   in the order in which they were received. Others are delivered at the same time.
//! - A method that fails, panics or takes too long is called again after a pause, which doubles each time. After the last
//!   attempt the callback is a dead letter, which `im-callback journal` shows and retries.
//! - A method **may be called twice** for one callback: when the process dies between the end of the method and the note of
//!   it. Write [`Attempt::id`](tencent_im_callback::Attempt::id) beside the effects of a method to do them once.
//!
//! *Before* callbacks and requests for data wait for an answer and are not kept.

mod error;
mod feed;
mod journal;
mod metered;
mod repetitions;
mod schedule;
mod settings;
pub mod sqlite;
pub mod store;
pub mod suite;

pub use crate::{
    error::{Permanent, RetryAfter},
    feed::Feed,
    journal::Journal,
    settings::{JournalBuilder, OnDead},
    sqlite::Sqlite,
    store::{Store, StoreError},
};
