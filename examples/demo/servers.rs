//! The three receivers, as the examples have them.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tencent_im_callback::Endpoint;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{actix_web_example, axum_example, hyper_example};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framework {
    Axum,
    ActixWeb,
    Hyper,
}

impl Framework {
    pub(crate) const ALL: [Self; 3] = [Self::Axum, Self::ActixWeb, Self::Hyper];
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Axum => "axum",
            Self::ActixWeb => "actix-web",
            Self::Hyper => "hyper",
        })
    }
}

pub(crate) struct Servers {
    running: Vec<Server>,
    stop: watch::Sender<()>,
}

struct Server {
    framework: Framework,
    address: SocketAddr,
    task: JoinHandle<Result<()>>,
}

impl Servers {
    pub(crate) fn start(endpoint: &Endpoint) -> Result<Self> {
        let (stop, stopped) = watch::channel(());
        let start = |framework| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on this machine")?;
            let address = listener.local_addr()?;
            let endpoint = endpoint.clone();
            let mut stopped = stopped.clone();
            // An error means that the sender is dropped, so that nothing will stop the server.
            let stop = async move { _ = stopped.changed().await };
            let task = match framework {
                Framework::Axum => tokio::spawn(axum_example::serve(listener, endpoint, stop)),
                Framework::ActixWeb => tokio::spawn(actix_web_example::serve(listener, endpoint, stop)),
                Framework::Hyper => tokio::spawn(hyper_example::serve(listener, endpoint, stop)),
            };
            Ok(Server { framework, address, task })
        };
        let running = Framework::ALL.into_iter().map(start).collect::<Result<_>>()?;
        Ok(Self { running, stop })
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = (Framework, SocketAddr)> + Clone {
        self.running.iter().map(|server| (server.framework, server.address))
    }

    /// Stops all of them, and reports if one of them failed or does not end.
    pub(crate) async fn stop(self) -> Result<()> {
        drop(self.stop);
        for Server { framework, task, .. } in self.running {
            timeout(Duration::from_secs(20), task)
                .await
                .with_context(|| format!("the server on {framework} does not stop"))?
                .with_context(|| format!("the server on {framework} panicked"))?
                .with_context(|| format!("the server on {framework} failed"))?;
        }
        Ok(())
    }
}
