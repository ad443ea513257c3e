//! The settings of a store.

use std::{fmt, fs, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tencent_im_callback_journal::StoreError;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Postgres, address::Address, link::Server, store::Inner, tables};

/// The most partitions that a journal can have.
const MOST_PARTITIONS: u32 = 1_024;

/// The settings of a [`Postgres`], before it connects.
#[must_use = "a store is made by `connect`"]
pub struct PostgresBuilder {
    address: String,
    schema: Option<String>,
    partitions: u32,
    repetitions: Duration,
    accepts_loss: bool,
    is_existing: bool,
}

impl PostgresBuilder {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            schema: None,
            partitions: 16,
            repetitions: Duration::from_secs(600),
            accepts_loss: false,
            is_existing: false,
        }
    }

    /// The schema of the tables: `im_callback` by default. Several journals can be in one database, each in a schema.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// The number of partitions of a journal that is made: 16 by default, and at most 1,024. So many workers can feed from
    /// it. A journal keeps the number that it was made with.
    pub fn partitions(mut self, number: u32) -> Self {
        self.partitions = number.clamp(1, MOST_PARTITIONS);
        self
    }

    /// For how long the identity of an entry is known to a worker, so that it removes a repetition in place of calling the
    /// method: 10 minutes by default.
    pub fn repetitions(mut self, time: Duration) -> Self {
        self.repetitions = time;
        self
    }

    /// Accepts a server with `fsync = off`, which loses what it has committed when its machine fails. It is for tests.
    pub fn accept_loss(mut self) -> Self {
        self.accepts_loss = true;
        self
    }

    /// Fails where there is no journal, in place of making one.
    pub(crate) fn existing(mut self) -> Self {
        self.is_existing = true;
        self
    }

    /// Connects, and makes the tables if there are none: see [`Postgres::connect`].
    pub async fn connect(self) -> Result<Postgres, StoreError> {
        let Address { config, schema, root_certificates } = Address::parse(&self.address)?;
        let schema = self.schema.or(schema).unwrap_or_else(|| "im_callback".to_owned());
        let tls = MakeRustlsConnect::new(tls(root_certificates.as_deref())?);
        let server = Arc::new(Server::new(config, tls, &schema));
        let partitions = tables::prepare(&server, self.partitions, self.is_existing, self.accepts_loss).await?;
        Ok(Postgres(Arc::new(Inner::new(server, partitions, self.repetitions))))
    }
}

impl fmt::Debug for PostgresBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the address: it may have a password.
        f.debug_struct("PostgresBuilder").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// The certificates of this file, or those of the system.
fn tls(root_certificates: Option<&str>) -> Result<ClientConfig, StoreError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = root_certificates {
        let wrong = |error: &dyn fmt::Display| StoreError::failed(format!("the certificates of {file}: {error}"));
        let pem = fs::read(file).map_err(|error| wrong(&error))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(StoreError::failed)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
