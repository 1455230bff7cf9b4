//! Generates the Rust that the programs under `ui/` get wrong.

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")
}
