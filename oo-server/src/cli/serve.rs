//! `oo serve`

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use oo::{EngineBuilder, Error, Result};

use super::data::Data;
use super::output;
use crate::http::door::Door;
use crate::http::origin::Hosts;
use crate::http::rate::Rate;
use crate::http::streams::Streams;
use crate::http::traffic::Traffic;
use crate::serve::{Server, stop_signal};

/// How long an event stream may be silent: shorter than the idle limits of the usual proxies.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How the server listens.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", env = "OO_ADDR", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Listen on an address other than loopback. There is no sign-in: whoever reaches it may read and change everything
    #[arg(long)]
    allow_remote: bool,
    /// With --allow-remote: a host name by which the server may be called, beside IP addresses
    #[arg(long, value_name = "NAME", requires = "allow_remote")]
    host: Vec<String>,
    /// The most requests a second; 0 is without limit
    #[arg(long, value_name = "PER_SECOND", env = "OO_RATE", default_value_t = 5_000)]
    rate: u32,
    /// The most seconds that a request may take, and that a client may take nothing of its answer or stream
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
    /// The most event streams at once
    #[arg(long, value_name = "COUNT", default_value_t = 64)]
    streams: usize,
    /// How much is logged: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", env = "OO_LOG", default_value = "info")]
    log: tracing::level_filters::LevelFilter,
    /// Take clock, ids, pseudonyms and keys from a file; loopback only
    #[cfg(feature = "testing")]
    #[arg(long, value_name = "FILE", conflicts_with = "allow_remote")]
    test_world: Option<std::path::PathBuf>,
}

impl Serve {
    pub(super) fn run(self, data: &Data) -> Result<()> {
        if !self.addr.ip().is_loopback() && !self.allow_remote {
            return Err(Error::invalid(
                "addr",
                format!(
                    "{} is not loopback, and there is no sign-in; pass --allow-remote if that is what you want",
                    self.addr
                ),
            ));
        }
        let watched = std::io::stderr().is_terminal();
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(watched).with_max_level(self.log).init();
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::internal(format!("no runtime: {error}")))?
            .block_on(self.listen(data))
    }

    async fn listen(self, data: &Data) -> Result<()> {
        let stop = stop_signal()?;
        // The address first: where another server runs, its database is left alone.
        let server = Server::bind(self.addr).await?;
        let engine = self.world(data.builder()?)?.open().await?;
        let health = engine.health().await?;
        tracing::info!(
            version = health.version,
            position = health.position,
            lessons = health.lessons,
            "the engine is open"
        );
        output::line(&format!("oO listens on http://{}", server.addr()))?;
        server.run(engine, self.door(), stop).await
    }

    #[cfg(feature = "testing")]
    fn world(&self, builder: EngineBuilder) -> Result<EngineBuilder> {
        match &self.test_world {
            Some(file) => builder.test_world(file),
            None => Ok(builder),
        }
    }

    #[cfg(not(feature = "testing"))]
    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same signature as with `testing`")]
    fn world(&self, builder: EngineBuilder) -> Result<EngineBuilder> {
        Ok(builder)
    }

    fn door(&self) -> Door {
        Door {
            hosts: Hosts { any_address: self.allow_remote, names: self.host.clone() },
            rate: Rate::new(self.rate),
            patience: Duration::from_secs(self.patience),
            traffic: Traffic::default(),
            streams: Streams::new(self.streams, HEARTBEAT),
        }
    }
}
