//! A receiver that speaks HTTPS itself, by rustls, without a proxy in front of it.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 LISTEN=0.0.0.0:8443 \
//!     TLS_CERTIFICATE=fullchain.pem TLS_KEY=privkey.pem cargo run --release --example tls
//! ```
//!
//! The callback URL is `https://your.host:8443/callback`. The certificate has to be that of an authority which the service
//! accepts, with the chain up to it in the file. The files are read again at SIGHUP, after a certificate was renewed.

use std::{env, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use examples::{ReloadSignal, Settings, Topics, connections, drain, log, stop_signal};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tencent_im_callback::Endpoint;
use tokio::{net::TcpListener, time::timeout};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

/// How long a client may take for the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

fn acceptor() -> Result<TlsAcceptor> {
    let path = |name: &'static str| env::var(name).with_context(|| format!("{name} is not set"));
    let (certificate, key) = (path("TLS_CERTIFICATE")?, path("TLS_KEY")?);
    let chain = CertificateDer::pem_file_iter(&certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.with_context(|| format!("no certificate can be read from {certificate}"))?;
    let key = PrivateKeyDer::from_pem_file(&key).with_context(|| format!("no key can be read from {key}"))?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let topics = Topics::new(settings.forbidden_words, settings.topics_per_creator);
    let endpoint = Endpoint::builder(topics).app(settings.app_id, settings.tokens).build()?;
    let service = tencent_im_callback_hyper::service(endpoint.clone());
    let mut tls = acceptor()?;
    let listener = connections::listen(&settings.listen)?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    tracing::info!("listening on https://{}/callback", listener.local_addr()?);

    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(connections::HEAD_TIMEOUT).half_close(true);
    let graceful = GracefulShutdown::new();
    let (mut stop, mut reload) = (Box::pin(stop_signal()?), ReloadSignal::new()?);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = reload.next() => {
                match acceptor() {
                    Ok(renewed) => {
                        tls = renewed;
                        tracing::info!("the certificate was read again");
                    }
                    Err(error) => tracing::error!("the certificate stays as it was: {error:#}"),
                }
                continue;
            }
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Often for want of file descriptors.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (tls, http, service) = (tls.clone(), http.clone(), service.clone());
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await else { return };
            if let Err(error) = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await {
                tracing::debug!(%error, "a connection ended before its time");
            }
        });
    }
    drop(listener);
    _ = timeout(connections::STOP_TIMEOUT, graceful.shutdown()).await;
    drain(&endpoint).await;
    Ok(())
}
