//! Generates the agents that the rows run: those of today, and beside them those of teams that were built apart.

use std::path::PathBuf;

use microagent_build::Environment;

fn main() -> microagent_build::Result {
    microagent_build::compile("schema")?;
    let today = Environment::from_process()?;
    let apart = Environment {
        out_dir: PathBuf::from(&today.out_dir).join("other"),
        ..today
    };
    let instructions = microagent_build::configure().run("schema-other", &apart)?;
    println!("{instructions}");
    Ok(())
}
