//! A small client of Tencent's REST API, over HTTPS, or HTTP for tests.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail, ensure};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

/// How long a request may take, the connection included.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than any answer of the REST API to a message.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Calls the REST API as one administrator of one application.
pub struct RestApi {
    base: Uri,
    /// With the signature of the administrator, which is a secret.
    query: String,
    tls: Option<TlsConnector>,
}

impl RestApi {
    /// A client for `base`, such as `https://console.tim.qq.com`.
    pub fn new(base: &str, app_id: u64, admin: &str, user_sig: &str) -> Result<Self> {
        let base: Uri = base.parse().with_context(|| format!("no address of the REST API: {base}"))?;
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*@".contains(&byte));
        ensure!(is_plain(admin) && is_plain(user_sig), "ADMIN or USER_SIG has a character that neither can have");
        let query = format!("sdkappid={app_id}&identifier={admin}&usersig={user_sig}&contenttype=json");
        let tls = match base.scheme_str() {
            Some("http") => None,
            Some("https") => Some(connector()?),
            _ => bail!("the REST API is reached by https:, or by http: in a test"),
        };
        Ok(Self { base, query, tls })
    }

    /// Posts a request, and returns the answer's JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        timeout(PATIENCE, self.exchange(path, body)).await.context("the REST API does not answer in time")?
    }

    async fn exchange(&self, path: &str, body: &Value) -> Result<Value> {
        let host = self.base.host().context("the address of the REST API has no host")?;
        let port = self.base.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        // A number of its own in each request, as the REST API asks for it.
        let uri = format!("/{path}?{}&random={}", self.query, random_u32());
        let request = Request::post(uri)
            .header(HOST, self.base.authority().map_or(host, |authority| authority.as_str()))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let stream = TcpStream::connect((host, port)).await.context("no connection to the REST API")?;
        match &self.tls {
            None => send(stream, request).await,
            Some(tls) => send(tls.connect(ServerName::try_from(host.to_owned())?, stream).await?, request).await,
        }
    }
}

impl fmt::Debug for RestApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestApi").field("base", &self.base).finish_non_exhaustive()
    }
}

fn connector() -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(!roots.is_empty(), "this machine has no certificate authorities");
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config).into())
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Value> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    ensure!(response.status().is_success(), "the REST API answers with status {}", response.status());
    let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
    connection.abort();
    let body = body.map_err(|error| anyhow::anyhow!("the answer of the REST API: {error}"))?.to_bytes();
    serde_json::from_slice(&body).context("the answer of the REST API is no JSON")
}

/// A number that is another one each time: the clock's nanoseconds, mixed.
#[must_use]
pub fn random_u32() -> u32 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mixed = u64::try_from(nanos & u128::from(u64::MAX)).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or_default()
}
