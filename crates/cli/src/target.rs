//! The address of an endpoint, as the user gives it.

use std::{fmt, str::FromStr};

use http::Uri;

/// Where callbacks are sent to: the URL that would be set in the console.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) is_https: bool,
    /// For connecting, without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What the `Host` header says.
    pub(crate) authority: String,
    path: String,
    /// The URL's own query, which the service appends its parameters to.
    query: String,
}

impl Target {
    /// The request's target with these parameters after the URL's own.
    pub(crate) fn with(&self, query: &str) -> String {
        let and = if self.query.is_empty() || query.is_empty() { "" } else { "&" };
        let mark = if self.query.is_empty() && query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}{and}{query}", self.path, self.query)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // As people write the servers on their own machine: `:8080/callback`, `localhost:8080/callback`.
        let url = match text {
            _ if text.contains("://") => text.to_owned(),
            _ if text.starts_with(':') => format!("http://127.0.0.1{text}"),
            _ => format!("http://{text}"),
        };
        let uri: Uri = url.parse().map_err(|error| format!("it is not a URL: {error}"))?;
        let is_https = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            scheme => return Err(format!("the scheme is http or https, not {}", scheme.unwrap_or("none"))),
        };
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') {
            return Err("the service sends no user name and no password; leave them out".into());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err("it names no host".into());
        }
        Ok(Self {
            is_https,
            host,
            port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            authority: authority.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }
}

impl fmt::Display for Target {
    // Without the query, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_as_short_as_its_port() {
        for (text, url) in [
            (":8080", "http://127.0.0.1:8080/"),
            (":8080/callback", "http://127.0.0.1:8080/callback"),
            ("localhost/callback", "http://localhost/callback"),
            ("https://im.example.com/callback?tenant=7", "https://im.example.com/callback"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), url, "{text}");
        }
        assert_eq!(":80/x?tenant=7".parse::<Target>().unwrap().with("a=1"), "/x?tenant=7&a=1");
        assert_eq!(":80/x".parse::<Target>().unwrap().with("a=1"), "/x?a=1");
        assert_eq!("http://[::1]:80/x".parse::<Target>().unwrap().host, "::1");
        assert_eq!(":8080/callback".parse::<Target>().unwrap().with(""), "/callback");
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_a_reason() {
        for (text, reason) in [
            ("ftp://example.com/", "the scheme is http or https, not ftp"),
            ("http://user:secret@example.com/", "the service sends no user name and no password; leave them out"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap_err(), reason);
        }
        assert!("http://exa mple/".parse::<Target>().is_err());
    }
}
