//! `oo events tail`

use clap::{Args, Subcommand};
use oo::event_json::EventLine;
use oo::{After, EventStream, EventsRequest, Result};

use super::data::Data;
use super::output;
use super::verbs::close;
use crate::serve::stop_signal;

/// What was committed.
#[derive(Debug, Subcommand)]
pub(super) enum Events {
    /// Print events in the order of the log, one JSON object a line; the log holds no texts
    Tail(Tail),
}

/// Which events.
#[derive(Debug, Args)]
pub(super) struct Tail {
    /// After which position, or `now`; from the beginning when absent
    #[arg(long, value_name = "POSITION")]
    after: Option<String>,
    /// Go on with what is committed from now on, by any process, until interrupted
    #[arg(long)]
    follow: bool,
    /// Only events of this person; everybody's when absent
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only these types, separated by commas
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    types: Vec<String>,
}

impl Events {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let Events::Tail(tail) = self;
        let request = EventsRequest {
            after: tail.after.as_deref().map(After::parse).transpose()?.unwrap_or_default(),
            user: tail.user,
            types: tail.types.into_iter().collect(),
            follow: tail.follow,
        };
        let stop = stop_signal()?;
        let engine = data.open().await?;
        let mut events = engine.events(request).await?;
        let told = tokio::select! {
            told = tell(&mut events) => told,
            () = stop => Ok(()),
        };
        drop(events);
        close(engine).await?;
        told
    }
}

async fn tell(events: &mut EventStream) -> Result<()> {
    let lines = output::Lines::start()?;
    let read = print(events, &lines).await;
    // What was read before an error is printed, too.
    let printed = lines.end().await;
    read.and(printed)
}

async fn print(events: &mut EventStream, lines: &output::Lines) -> Result<()> {
    while let Some(stored) = events.next().await? {
        if !lines.line(EventLine::new(&stored).to_json()?).await {
            break;
        }
    }
    Ok(())
}
