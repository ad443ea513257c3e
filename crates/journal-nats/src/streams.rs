//! The streams of a journal: how they are made, and which are refused.

use async_nats::{
    HeaderMap,
    header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
    jetstream::{
        Context,
        stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
    },
};
use tencent_im_callback_journal::StoreError;

use crate::{
    link::{Link, Refusal, fault},
    names::Names,
    settings::{Durability, NatsBuilder, REPETITIONS},
};

/// So many replicas keep what was acknowledged without a sync.
const ENOUGH_REPLICAS: usize = 3;

/// The oldest server with the requests that are used.
const OLDEST: (u32, u32) = (2, 9);

/// The oldest server with the setting `sync_interval`.
const OLDEST_THAT_SYNCS: (u32, u32) = (2, 10);

/// The key of the number of partitions.
const PARTITIONS: &str = "partitions";

/// The streams of a journal that exists.
pub(crate) struct Streams {
    pub(crate) entries: Stream<()>,
    pub(crate) dead: Stream<()>,
    pub(crate) progress: Stream<()>,
    /// The stream of the key-value bucket.
    pub(crate) bucket: Stream<()>,
    pub(crate) partitions: u32,
}

/// Checks the streams of the journal, and makes those that are missing if this is wanted.
pub(crate) async fn open(
    context: &Context,
    names: &Names,
    settings: &NatsBuilder,
    makes: bool,
) -> Result<Streams, StoreError> {
    for config in [entries(names, settings), dead(names, settings), progress(names, settings), bucket(names, settings)]
    {
        let found = match context.get_stream(&config.name).await {
            Ok(stream) => stream.cached_info().config.clone(),
            Err(error) if !is_missing(&error) => return Err(fault("the stream cannot be read", &error)),
            Err(_) if !makes => {
                return Err(StoreError::failed(format!(
                    "there is no journal: the stream `{}` is missing",
                    config.name
                )));
            }
            Err(_) => {
                check_durability(&config, settings.durability)?;
                // Another process may have made it meanwhile.
                let made = context.get_or_create_stream(config).await;
                made.map_err(|error| fault("the stream cannot be made", &error))?.cached_info().config.clone()
            }
        };
        check(&found, settings.durability)?;
    }
    let handle = |name: String| async move {
        context.get_stream_no_info(name).await.map_err(|error| fault("the stream cannot be read", &error))
    };
    let bucket = handle(names.bucket_stream()).await?;
    let partitions = partitions(context, &bucket, names, settings.partitions).await?;
    Ok(Streams {
        entries: handle(names.entries()).await?,
        dead: handle(names.dead()).await?,
        progress: handle(names.progress()).await?,
        bucket,
        partitions,
    })
}

fn is_missing(error: &async_nats::jetstream::context::GetStreamError) -> bool {
    use async_nats::jetstream::{ErrorCode, context::GetStreamErrorKind};
    matches!(error.kind(), GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

fn base(name: String, subject: String, settings: &NatsBuilder) -> Config {
    Config {
        name,
        subjects: vec![subject],
        num_replicas: settings.replicas,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        allow_direct: true,
        ..Config::default()
    }
}

fn entries(names: &Names, settings: &NatsBuilder) -> Config {
    let max_bytes = settings.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let description = Some("Entries of a journal of tencent-im-callback".to_owned());
    let base = base(names.entries(), names.all_entries(), settings);
    // A process that appends repetitions makes a journal whose other processes do not.
    let time = if settings.repetitions.is_zero() { REPETITIONS } else { settings.repetitions };
    Config { duplicate_window: time, max_bytes, description, ..base }
}

fn dead(names: &Names, settings: &NatsBuilder) -> Config {
    let description = Some("Dead letters of a journal of tencent-im-callback".to_owned());
    // The last one of each entry.
    let base = base(names.dead(), names.all_dead(), settings);
    Config { max_messages_per_subject: 1, discard: DiscardPolicy::Old, description, ..base }
}

fn progress(names: &Names, settings: &NatsBuilder) -> Config {
    let description = Some("Progress of a journal of tencent-im-callback".to_owned());
    Config { description, ..base(names.progress(), names.all_progress(), settings) }
}

/// The stream of a key-value bucket, as NATS lays it out.
fn bucket(names: &Names, settings: &NatsBuilder) -> Config {
    let description = Some("Workers of a journal of tencent-im-callback".to_owned());
    let base = base(names.bucket_stream(), names.key(">"), settings);
    Config { max_messages_per_subject: 1, allow_rollup: true, deny_delete: true, description, ..base }
}

/// The number of partitions that the journal was made with.
async fn partitions(context: &Context, bucket: &Stream<()>, names: &Names, wanted: u32) -> Result<u32, StoreError> {
    let subject = names.key(PARTITIONS);
    let mut headers = HeaderMap::new();
    // Only if there is no such key.
    headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
    match Link(context.clone()).publish(subject.clone(), headers, wanted.to_string().into()).await {
        Ok(_) | Err(Refusal::NotLast) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    let last = bucket.get_last_raw_message_by_subject(&subject).await;
    let value = last.map_err(|error| fault("the number of partitions cannot be read", &error))?.payload;
    let text = String::from_utf8_lossy(&value);
    match text.parse() {
        Ok(partitions) if (1..=65_536).contains(&partitions) => Ok(partitions),
        _ => Err(StoreError::failed(format!("the key `partitions` of the journal's bucket is `{text}`"))),
    }
}

/// Refuses a server that cannot do what the user says of it.
pub(crate) fn check_server(version: &str, durability: Durability) -> Result<(), StoreError> {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if found < OLDEST {
        return Err(StoreError::failed(format!("the NATS server has version {version}; 2.9 or newer is needed")));
    }
    if durability == Durability::SyncsAlways && found < OLDEST_THAT_SYNCS {
        return Err(StoreError::failed(format!(
            "the address says `sync=always`, but the NATS server has version {version}, and `sync_interval` is a setting of \
             2.10 and newer"
        )));
    }
    Ok(())
}

/// Refuses a stream that could lose what it has acknowledged.
fn check(config: &Config, durability: Durability) -> Result<(), StoreError> {
    check_durability(config, durability)?;
    let name = &config.name;
    let refused = |what: &str| Err(StoreError::failed(format!("the stream `{name}` could lose entries: {what}")));
    if !config.max_age.is_zero() {
        return refused("it has a `max_age`; set it to 0");
    }
    if config.max_messages > 0 {
        return refused("it has a bound of messages; set `max_msgs` to -1");
    }
    if config.max_messages_per_subject > 0 && !keeps_last(name) {
        return refused("it has a bound of messages for each subject; set `max_msgs_per_subject` to -1");
    }
    if config.max_bytes > 0 && config.discard == DiscardPolicy::Old {
        return refused("it removes old messages when it is full; set `discard` to `new`");
    }
    if config.retention != RetentionPolicy::Limits {
        return refused("consumers remove messages; set `retention` to `limits`");
    }
    if config.no_ack {
        return refused("it acknowledges nothing; set `no_ack` to false");
    }
    Ok(())
}

/// Whether a stream has the last message of each subject only.
fn keeps_last(name: &str) -> bool {
    name.ends_with("-dead") || name.starts_with("KV_")
}

fn check_durability(config: &Config, durability: Durability) -> Result<(), StoreError> {
    let name = &config.name;
    if config.storage == StorageType::Memory && durability != Durability::LossAccepted {
        return Err(StoreError::failed(format!(
            "the stream `{name}` is in memory, and loses its entries when the server ends; set `storage` to `file`, or say \
             `loss=accepted` in the address"
        )));
    }
    if config.num_replicas < ENOUGH_REPLICAS && durability == Durability::Replicas {
        let replicas = config.num_replicas;
        return Err(StoreError::failed(format!(
            "the stream `{name}` could lose what it has acknowledged: it has {replicas} of at least {ENOUGH_REPLICAS} \
             replicas, and a server syncs every two minutes by default. Either set `sync_interval: always` in the section \
             `jetstream` of the server's configuration and say `sync=always` in the address, or make the stream with 3 \
             replicas, `replicas=3`, or accept the loss with `loss=accepted`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_refused() {
        check_server("2.9.10", Durability::LossAccepted).unwrap();
        check_server("2.10.0-RC.1", Durability::SyncsAlways).unwrap();
        for (version, durability) in
            [("2.9.10", Durability::SyncsAlways), ("2.8.4", Durability::Replicas), ("", Durability::Replicas)]
        {
            let error = check_server(version, durability).unwrap_err().to_string();
            assert!(error.contains(version), "{error}");
        }
    }

    #[test]
    fn a_stream_that_could_lose_entries_is_refused_with_what_to_set() {
        let good = || Config { name: "j".into(), num_replicas: 3, ..Config::default() };
        check(&good(), Durability::Replicas).unwrap();
        check(&Config { num_replicas: 1, ..good() }, Durability::SyncsAlways).unwrap();
        for (config, part) in [
            (Config { num_replicas: 1, ..good() }, "sync_interval: always"),
            (Config { storage: StorageType::Memory, ..good() }, "in memory"),
            (Config { max_age: REPETITIONS, ..good() }, "max_age"),
            (Config { max_messages: 5, ..good() }, "max_msgs"),
            (Config { max_messages_per_subject: 5, ..good() }, "max_msgs_per_subject"),
            (Config { max_bytes: 5, discard: DiscardPolicy::Old, ..good() }, "discard"),
            (Config { retention: RetentionPolicy::WorkQueue, ..good() }, "retention"),
        ] {
            let error = check(&config, Durability::Replicas).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
