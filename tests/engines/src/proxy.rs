//! A network between a client and a server.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// What the network does.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Nothing arrives.
    is_stopped: bool,
    /// Everything arrives so much later.
    delay: Duration,
    /// Connections of an earlier generation are closed.
    generation: u64,
}

/// A TCP proxy that can stop, reset and delay connections. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy of this server.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("the listener has an address");
        let (state, seen) = watch::channel(State { is_stopped: false, delay: Duration::ZERO, generation: 0 });
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move {
                    // A connection that cannot be made or breaks is closed on both sides.
                    if let Ok(server) = TcpStream::connect(server).await {
                        _ = connect(client, server, seen).await;
                    }
                });
            }
        });
        Self { address, state, task }
    }

    /// The address that clients connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing arrives, in either direction, and no connection is closed.
    pub fn stop(&self) {
        self.state.send_modify(|state| state.is_stopped = true);
    }

    /// What was held back arrives, and so does everything after it.
    pub fn go_on(&self) {
        self.state.send_modify(|state| state.is_stopped = false);
    }

    /// Everything arrives so much later.
    pub fn delay(&self, time: Duration) {
        self.state.send_modify(|state| state.delay = time);
    }

    /// Closes all connections. New ones are accepted.
    pub fn reset(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.reset();
        self.task.abort();
    }
}

async fn connect(client: TcpStream, server: TcpStream, mut seen: watch::Receiver<State>) -> io::Result<()> {
    let generation = seen.borrow().generation;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        result = copy(from_client, to_server, seen.clone()) => result,
        result = copy(from_server, to_client, seen.clone()) => result,
        _ = seen.wait_for(|state| state.generation != generation) => Ok(()),
    }
}

async fn copy(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut seen: watch::Receiver<State>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let delay = seen.borrow().delay;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        // The proxy may have ended.
        _ = seen.wait_for(|state| !state.is_stopped).await;
        if length == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..length]).await?;
    }
}
