//! The scripts that make a step of several commands one. They live in the server's cache under the digest that it tells,
//! and are loaded by every connection that runs them. Knows none of their arguments.

use ::redis::{Cmd, Pipeline, cmd};

/// Which script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Attend,
    Bind,
    Call,
    Counts,
    Declare,
    Join,
    Leave,
    ListCounts,
    ListDeclare,
    ListLeave,
    ListRedrive,
    ListRenew,
    ListSend,
    ListSettle,
    ListTake,
    ListTend,
    Redrive,
    Renew,
    Send,
    Settle,
    Tend,
    Turn,
}

const SOURCES: [&str; 22] = [
    include_str!("bus/scripts/attend.lua"),
    include_str!("scripts/bind.lua"),
    include_str!("bus/scripts/call.lua"),
    include_str!("streams/scripts/counts.lua"),
    include_str!("streams/scripts/declare.lua"),
    include_str!("streams/scripts/join.lua"),
    include_str!("streams/scripts/leave.lua"),
    include_str!("lists/scripts/counts.lua"),
    include_str!("lists/scripts/declare.lua"),
    include_str!("lists/scripts/leave.lua"),
    include_str!("lists/scripts/redrive.lua"),
    include_str!("lists/scripts/renew.lua"),
    include_str!("lists/scripts/send.lua"),
    include_str!("lists/scripts/settle.lua"),
    include_str!("lists/scripts/take.lua"),
    include_str!("lists/scripts/tend.lua"),
    include_str!("streams/scripts/redrive.lua"),
    include_str!("streams/scripts/renew.lua"),
    include_str!("streams/scripts/send.lua"),
    concat!(
        include_str!("streams/scripts/lanes.lua"),
        include_str!("streams/scripts/settle.lua")
    ),
    include_str!("streams/scripts/tend.lua"),
    concat!(
        include_str!("streams/scripts/lanes.lua"),
        include_str!("streams/scripts/turn.lua")
    ),
];

/// The digests of all scripts, as the server told them.
#[derive(Debug)]
pub(super) struct Digests(pub(super) Vec<String>);

/// The commands that load all scripts, in the order of [`Digests`].
pub(super) fn load() -> Pipeline {
    let mut pipeline = Pipeline::new();
    for source in SOURCES {
        pipeline.cmd("SCRIPT").arg("LOAD").arg(source);
    }
    pipeline
}

impl Digests {
    /// A call of a script, to which its arguments are still to be added.
    pub(super) fn call(&self, script: Script, keys: &[&str]) -> Cmd {
        let mut command = cmd("EVALSHA");
        command
            .arg(&self.0[script as usize])
            .arg(keys.len())
            .arg(keys);
        command
    }
}
