//! Listening, and stopping gracefully.
//!
//! A connection has a limit for sending its head and for taking its answer, and there is a most of them, so that neither
//! slow nor many clients hold the server. On SIGTERM or SIGINT it stops accepting, lets requests in flight finish within a time limit, and
//! closes the engine, which writes a last snapshot.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use oo::{Engine, Error, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::door::Door;
use crate::http::patient::Patient;
use crate::routes;

/// The most connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// How long a connection may take to send the head of a request, idle time before it included.
const HEAD: Duration = Duration::from_secs(75);
/// The largest head of a request.
const HEAD_BYTES: usize = 32 * 1024;
/// How long requests in flight may take after the signal to stop.
const FAREWELL: Duration = Duration::from_secs(15);
/// How long to wait when no connection can be accepted: the process has too many files open.
const BREATH: Duration = Duration::from_millis(100);

/// A server that is bound and not listening yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// `busy` when it is taken; `invalid_input` when it cannot be listened on.
    pub async fn bind(addr: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(addr).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                Error::busy(format!("{addr} is in use; stop what listens there, or pass another --addr"))
            }
            _ => Error::invalid("addr", format!("cannot listen on {addr}: {error}; pass another --addr")),
        })?;
        let addr =
            listener.local_addr().map_err(|error| Error::internal(format!("the address is unknown: {error}")))?;
        Ok(Server { listener, addr })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `stop`, then finishes what is in flight and closes the engine.
    ///
    /// # Errors
    /// `internal` when the engine cannot be closed.
    pub async fn run(self, engine: Engine, door: Door, stop: impl Future<Output = ()>) -> Result<()> {
        let door = Arc::new(door);
        let app = routes::app(engine.clone(), door.clone());
        let open = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let stopping = Arc::new(AtomicBool::new(false));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.accept(&room) => accepted,
            };
            if let Some((stream, permit)) = accepted {
                let stream = Patient::new(TokioIo::new(stream), door.patience, stopping.clone());
                greet(stream, permit, app.clone(), &open);
            }
        }
        drop(self.listener);
        stopping.store(true, Ordering::Relaxed);
        // Streams have no end of their own to wait for.
        door.streams.stop();
        tracing::info!("stopping: requests in flight are finished first");
        if tokio::time::timeout(FAREWELL, open.shutdown()).await.is_err() {
            tracing::warn!("some requests did not finish in time and are cut off");
        }
        tokio::task::spawn_blocking(move || engine.close())
            .await
            .map_err(|error| Error::internal(format!("closing the engine failed: {error}")))
    }

    async fn accept(&self, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let permit = room.clone().acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, _peer)) => {
                // Answers are small and whole: waiting to fill a packet would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "answers of this connection may be delayed");
                }
                Some((stream, permit))
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
                None
            }
        }
    }
}

/// Serves one connection in a task of its own.
fn greet(stream: Patient<TokioIo<TcpStream>>, permit: OwnedSemaphorePermit, app: Router, open: &GracefulShutdown) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut app = app.clone();
        async move { tower_service::Service::call(&mut app, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(stream, service);
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke off");
        }
        drop(permit);
    });
}

/// Resolves on SIGTERM or SIGINT.
///
/// # Errors
/// `internal` when signals cannot be listened to.
#[cfg(unix)]
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let wrong = |error: std::io::Error| Error::internal(format!("signals cannot be listened to: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(wrong)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(wrong)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be listened to");
            std::future::pending::<()>().await;
        }
    })
}
