//! Generates the Rust of the agents.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
