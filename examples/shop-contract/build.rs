//! Generates the Rust of the contract.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
