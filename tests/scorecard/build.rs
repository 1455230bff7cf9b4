//! Generates the agents that the rows run.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
