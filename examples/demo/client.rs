//! A client that sends callbacks as the service does: one after the other on one connection.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// The service waits two seconds for an answer. A longer wait shows what arrives late.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) took: Duration,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the server or with the sender; the sender sees its faults.
        tokio::spawn(connection);
        Ok(Self { address, sender })
    }

    pub(crate) async fn post(&mut self, query: &str, body: String) -> Result<Answer> {
        let request = Request::post(format!("/callback?{query}"))
            .header(header::HOST, self.address.to_string())
            .body(Full::from(body))?;
        let sent_at = Instant::now();
        let response = timeout(PATIENCE, self.exchange(request))
            .await
            .with_context(|| format!("no answer from {} within {PATIENCE:?}", self.address))?
            .with_context(|| format!("no answer from {}", self.address))?;
        Ok(Answer { response, took: sent_at.elapsed() })
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        self.sender.ready().await?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    }
}
