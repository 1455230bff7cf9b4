//! Generates the agents that share queues with peers in Python.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
