//! Generates the agents whose deeds are written down.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
