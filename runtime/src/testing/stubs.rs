//! Canned answers of a world: listeners beside those of the agents, each for one question. Knows questions by wire name
//! and answers as bytes.

use std::sync::Arc;
use std::time::Duration;

use microagent_contract::__private::Stub;
use microagent_contract::Canned;
use microagent_contract::ChannelKind;

use crate::bus::{BusBackend, Interest, Received};
use crate::error::Error;
use crate::failure::{Failure, FailureKind};
use crate::message::BoxFuture;
use crate::rpc::{self, ListenPolicy, Listening};

/// A question and what it is answered.
#[derive(Debug)]
pub(super) struct CannedLine {
    pub(super) wire: &'static str,
    pub(super) kind: ChannelKind,
    pub(super) stub: Stub,
}

/// Whom askers are told of.
const NAME: &str = "microagent.World";

/// Askers whose questions are met with silence, at a time; those beyond wait, which to them is the same.
const SILENT: usize = 1024;

/// Longer than any asker waits.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// Begins to answer.
pub(super) async fn listen(
    bus: &Arc<dyn BusBackend>,
    line: CannedLine,
) -> Result<Listening, Error> {
    let subjects = vec![line.wire.into()];
    let interest = match line.kind {
        ChannelKind::Call => Interest::Calls(subjects),
        _ => Interest::Signals(subjects),
    };
    let policy = ListenPolicy {
        concurrency: SILENT,
        timeout: FOR_EVER,
        ..ListenPolicy::default()
    };
    let handle: rpc::Handle = Arc::new(move |received: Received| -> BoxFuture<'static, _> {
        let canned = line.stub.reply(&received.message.body);
        Box::pin(async move {
            match canned {
                Ok(Canned::Answer(answer)) => Ok(Some(answer)),
                Ok(Canned::Silence) => std::future::pending().await,
                Ok(_) => Err(Failure::new("the test asked for it")),
                Err(error) => Err(Failure::of(FailureKind::Undecodable, error)),
            }
        })
    });
    let attached = rpc::attach(bus, interest, NAME.into(), (policy, handle)).await?;
    Ok(attached.start())
}
