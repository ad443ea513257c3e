//! The address of a server: what `tokio_postgres` reads, and some of what libpq reads besides.

use percent_encoding::percent_decode_str;
use tencent_im_callback_journal::StoreError;
use tokio_postgres::Config;

/// An address as it was read.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) schema: Option<String>,
    /// The file of the certificates that a certificate of the server is checked with.
    pub(crate) root_certificates: Option<String>,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut schema, mut root_certificates, mut others) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("schema", name)) => schema = Some(decoded(name)?),
                Some(("sslrootcert", file)) => root_certificates = Some(decoded(file)?),
                // The certificate is checked, with the name of the host, wherever TLS is used.
                Some(("sslmode", "verify-full" | "verify-ca")) => others.push("sslmode=require"),
                _ => others.push(pair),
            }
        }
        let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
        // The error of the parser names a parameter, and never its value.
        let config = format!("{base}{query}").parse();
        let config = config.map_err(|error| StoreError::failed(format!("the address of PostgreSQL: {error}")))?;
        Ok(Self { config, schema, root_certificates })
    }
}

/// Without `%` and two digits in place of a character.
fn decoded(text: &str) -> Result<String, StoreError> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| StoreError::failed("the address of PostgreSQL has text that is not UTF-8"))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::*;

    #[test]
    fn what_libpq_reads_besides_is_read_too() {
        let text = "postgres://me:secret@host:5433/db?sslmode=verify-full&schema=chat%20journal&connect_timeout=3\
                    &sslrootcert=/etc/ssl/db.pem";
        let address = Address::parse(text).unwrap();
        assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(address.config.get_dbname(), Some("db"));
        assert_eq!(address.schema.as_deref(), Some("chat journal"));
        assert_eq!(address.root_certificates.as_deref(), Some("/etc/ssl/db.pem"));
        assert!(!format!("{address:?}").contains("secret"));
    }

    #[test]
    fn what_cannot_be_read_is_named_without_the_password() {
        for text in ["postgres://me:secret@host:port/db", "postgres://me:secret@host/db?sslmode=maybe", "me:secret"] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("the address of PostgreSQL: ") && !error.contains("secret"), "{error}");
        }
    }
}
