//! The settings of a journal, and the address that they can be written in.

use std::{fmt, path::PathBuf, time::Duration};

use async_nats::ConnectOptions;
use percent_encoding::percent_decode_str;
use tencent_im_callback_journal::StoreError;

use crate::{Nats, link::API_TIME};

/// The name of a journal whose address has none.
const NAME: &str = "im-callback";

/// For how long identities are known, where the settings do not say it.
pub(crate) const REPETITIONS: Duration = Duration::from_secs(600);

/// How many partitions a new journal has, where the settings do not say it.
const PARTITIONS: u32 = 16;

/// A journal has at most so many partitions: each has requests of its own every second.
const MOST_PARTITIONS: u32 = 256;

/// A connection that is silent for so long is asked for an answer. After the third question it is made anew.
const PING: Duration = Duration::from_secs(1);

/// What the user says about acknowledged messages that are on no disk yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: three replicas are needed.
    Replicas,
    /// The server syncs each message before it acknowledges it.
    SyncsAlways,
    /// A loss is accepted.
    LossAccepted,
}

/// How the client proves who it is.
#[derive(Clone)]
enum Login {
    None,
    Password(String, String),
    Token(String),
}

/// The settings of a [`Nats`], before it is connected.
///
/// ```no_run
/// use tencent_im_callback_journal::Journal;
/// use tencent_im_callback_journal_nats::Nats;
///
/// # async fn open() -> Result<(), tencent_im_callback_journal::StoreError> {
/// let nats = Nats::builder("tls://nats.example.com/callbacks").replicas(3).partitions(32).connect().await?;
/// let journal = Journal::over(nats).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a journal is connected by `connect`"]
pub struct NatsBuilder {
    /// Servers, without logins.
    servers: Vec<String>,
    login: Login,
    pub(crate) name: String,
    pub(crate) partitions: u32,
    pub(crate) replicas: usize,
    pub(crate) durability: Durability,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) repetitions: Duration,
    credentials: Option<PathBuf>,
    roots: Option<PathBuf>,
    certificate: Option<(PathBuf, PathBuf)>,
    /// What is wrong with the address.
    fault: Option<String>,
}

impl NatsBuilder {
    pub(crate) fn new(url: &str) -> Self {
        let mut builder = Self {
            servers: Vec::new(),
            login: Login::None,
            name: NAME.to_owned(),
            partitions: PARTITIONS,
            replicas: 1,
            durability: Durability::Replicas,
            max_bytes: None,
            repetitions: REPETITIONS,
            credentials: None,
            roots: None,
            certificate: None,
            fault: None,
        };
        if let Err(fault) = builder.read(url) {
            builder.fault = Some(fault);
        }
        builder
    }

    /// The number of partitions of a new journal: 16 by default, at most 256. It bounds how many processes feed.
    ///
    /// A journal that exists keeps the number that it was made with.
    pub fn partitions(mut self, partitions: u32) -> Self {
        self.partitions = partitions;
        self
    }

    /// The replicas of the streams of a new journal: 1 by default. With 3 or more, on servers of a cluster, an acknowledged
    /// entry is on most of the servers.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// The user says that the server syncs each message before it acknowledges it: `sync_interval: always` in the section
    /// `jetstream` of its configuration. The client cannot find this out.
    pub fn sync_always(mut self) -> Self {
        self.durability = Durability::SyncsAlways;
        self
    }

    /// The user accepts that entries which were answered OK are lost when the power of the server fails: by default the
    /// server syncs every two minutes.
    pub fn accept_loss(mut self) -> Self {
        self.durability = Durability::LossAccepted;
        self
    }

    /// How large the stream of a new journal becomes at most. Then appends fail with [`StoreError::Full`]. There is no such
    /// bound by default; the journal has one of its own.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// For how long the streams of a new journal know the identity of an entry, so that a repetition of it is dropped: 10
    /// minutes by default. With zero the entries of this process are all appended, whatever the journal knows.
    pub fn repetitions(mut self, time: Duration) -> Self {
        self.repetitions = time;
        self
    }

    /// A file with the credentials of the user, as `nsc` writes it.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Some(path.into());
        self
    }

    /// A file with the certificates, in PEM, that the server's certificate is checked with, besides those of the system.
    pub fn tls_roots(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots = Some(path.into());
        self
    }

    /// Files with a certificate of the client and its key, in PEM.
    pub fn tls_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Connects to the journal, which is made if there is none. Call it within a tokio runtime.
    ///
    /// Fails if the address is wrong, if no server answers, and for a stream that could lose what it has acknowledged.
    pub async fn connect(self) -> Result<Nats, StoreError> {
        Nats::open(self, true).await
    }

    /// [`connect`](Self::connect), which fails if there is no such journal.
    pub async fn connect_existing(self) -> Result<Nats, StoreError> {
        Nats::open(self, false).await
    }

    /// Checks the settings, and makes a connection.
    pub(crate) async fn client(&self) -> Result<async_nats::Client, StoreError> {
        if let Some(fault) = &self.fault {
            return Err(StoreError::failed(fault));
        }
        if !(1..=MOST_PARTITIONS).contains(&self.partitions) {
            let found = self.partitions;
            return Err(StoreError::failed(format!("a journal has 1 to {MOST_PARTITIONS} partitions, not {found}")));
        }
        let mut options = ConnectOptions::new()
            .name("tencent-im-callback-journal")
            .ping_interval(PING)
            .connection_timeout(API_TIME)
            .request_timeout(Some(API_TIME))
            .reconnect_delay_callback(|attempts| Duration::from_millis(100 * attempts.min(10) as u64))
            .event_callback(|event| async move {
                match event {
                    async_nats::Event::Disconnected => tracing::warn!("the NATS server is away"),
                    async_nats::Event::Connected => tracing::info!("the NATS server is connected"),
                    _ => {}
                }
            });
        options = match self.login.clone() {
            Login::None => options,
            Login::Password(user, password) => options.user_and_password(user, password),
            Login::Token(token) => options.token(token),
        };
        if let Some(path) = &self.credentials {
            let text = std::fs::read_to_string(path)
                .map_err(|error| StoreError::failed(format!("{}: {error}", path.display())))?;
            // The error may have a part of the file.
            options = options
                .credentials(&text)
                .map_err(|_| StoreError::failed(format!("{} has no credentials", path.display())))?;
        }
        if let Some(path) = &self.roots {
            options = options.add_root_certificates(path.clone());
        }
        if let Some((certificate, key)) = &self.certificate {
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        let servers = self.servers.join(",");
        options.connect(&self.servers[..]).await.map_err(|error| StoreError::failed(format!("{servers}: {error}")))
    }

    /// Reads `nats://[user:password@]host[:port][,host..][/name][?setting=value&..]`. No text of a fault has the login.
    fn read(&mut self, url: &str) -> Result<(), String> {
        let (scheme, rest) =
            url.split_once("://").ok_or("the address of a NATS server begins with `nats://` or `tls://`")?;
        if !["nats", "tls"].contains(&scheme) {
            return Err("the address of a NATS server begins with `nats://` or `tls://`".to_owned());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) =
            authority.rsplit_once('@').map_or((None, authority), |(login, hosts)| (Some(login), hosts));
        if let Some(login) = login {
            self.login = match login.split_once(':') {
                Some((user, password)) => Login::Password(decoded(user)?, decoded(password)?),
                None => Login::Token(decoded(login)?),
            };
        }
        for host in hosts.split(',') {
            if host.is_empty() {
                return Err("the address of a NATS server has no host".to_owned());
            }
            self.servers.push(format!("{scheme}://{host}"));
        }
        if !name.is_empty() {
            name.clone_into(&mut self.name);
        }
        if self.name.len() > 64 || !self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return Err(format!(
                "`{}` is no name of a journal: it has 1 to 64 letters, digits, `-` and `_`",
                self.name
            ));
        }
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            let (setting, value) = setting.split_once('=').unwrap_or((setting, ""));
            self.set(setting, value)?;
        }
        Ok(())
    }

    fn set(&mut self, setting: &str, value: &str) -> Result<(), String> {
        let wrong = || format!("`{value}` is no value of `{setting}`");
        match (setting, value) {
            ("sync", "always") => self.durability = Durability::SyncsAlways,
            ("loss", "accepted") => self.durability = Durability::LossAccepted,
            ("sync" | "loss", _) => return Err(wrong()),
            ("partitions", _) => self.partitions = value.parse().map_err(|_| wrong())?,
            ("replicas", _) => self.replicas = value.parse().map_err(|_| wrong())?,
            ("max_bytes", _) => self.max_bytes = Some(value.parse().map_err(|_| wrong())?),
            _ => {
                return Err(format!(
                    "`{setting}` is no setting: there are `sync=always`, `loss=accepted`, `partitions`, `replicas` and \
                     `max_bytes`"
                ));
            }
        }
        Ok(())
    }
}

/// The text of a part of the login.
fn decoded(part: &str) -> Result<String, String> {
    let text = percent_decode_str(part).decode_utf8().map_err(|_| "the login in the address is no UTF-8")?;
    Ok(text.into_owned())
}

impl fmt::Debug for NatsBuilder {
    // By hand: the login is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBuilder")
            .field("servers", &self.servers)
            .field("name", &self.name)
            .field("partitions", &self.partitions)
            .field("replicas", &self.replicas)
            .field("durability", &self.durability)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_servers_a_login_a_name_and_settings() {
        let builder = NatsBuilder::new("nats://me:p%40ss@one:4222,two/calls?sync=always&partitions=4&replicas=3");
        assert_eq!(builder.fault, None);
        assert_eq!(builder.servers, ["nats://one:4222", "nats://two"]);
        assert!(matches!(&builder.login, Login::Password(user, password) if user == "me" && password == "p@ss"));
        assert_eq!((builder.name.as_str(), builder.partitions, builder.replicas), ("calls", 4, 3));
        assert_eq!(builder.durability, Durability::SyncsAlways);
        let text = format!("{builder:?}");
        assert!(!text.contains("p@ss") && !text.contains("p%40ss"), "{text}");

        let builder = NatsBuilder::new("tls://secret@one?loss=accepted&max_bytes=5");
        assert!(matches!(&builder.login, Login::Token(token) if token == "secret"));
        assert_eq!((builder.name.as_str(), builder.partitions, builder.max_bytes), (NAME, PARTITIONS, Some(5)));
        assert_eq!(builder.durability, Durability::LossAccepted);
        assert!(!format!("{builder:?}").contains("secret"));
    }

    #[test]
    fn a_wrong_address_is_a_fault_without_the_login() {
        for (url, part) in [
            ("localhost:4222", "nats://"),
            ("postgres://me:secret@host/x", "nats://"),
            ("nats://me:secret@/x", "no host"),
            ("nats://me:secret@host/a.b", "`a.b` is no name"),
            ("nats://me:secret@host/a?sync=sometimes", "`sometimes` is no value of `sync`"),
            ("nats://me:secret@host/a?partitions=many", "`many` is no value of `partitions`"),
            ("nats://me:secret@host/a?colour=red", "`colour` is no setting"),
            ("nats://me:%ff@host/a", "no UTF-8"),
        ] {
            let fault = NatsBuilder::new(url).fault.unwrap_or_default();
            assert!(fault.contains(part), "{url}: {fault}");
            assert!(!fault.contains("secret"), "{url}: {fault}");
        }
    }
}
