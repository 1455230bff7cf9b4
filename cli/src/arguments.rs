//! The command line: what can be said and its help. Knows nothing of what is done.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks, formats and generates from `.mag` contracts.
#[derive(Debug, Parser)]
#[command(name = "mag", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 good, 64 wrong command line, 65 the schema has errors or is not formatted,
66 nothing to read there, 73 it exists already, 74 reading or writing failed.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check schemas, and show everything that is wrong with them
    Check(Check),
    /// Format schemas in place
    Fmt(Fmt),
    /// Generate the Rust code that a build script would generate, or another form of the contract
    Gen(Gen),
    /// Import the `signals.json` of the Python library as a package
    Import(Import),
    /// Explain a diagnostic code; list all of them without one
    Explain(Explain),
    /// Begin a project of two agents that build and run at once
    New(New),
}

/// What is read: named on the command line, or the project in the current folder.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// Include roots, or files in them. Without any: what Cargo knows as
    /// `[package.metadata.microagent] schema = "…"`, else the folder `schema`
    pub(crate) paths: Vec<PathBuf>,
    /// A folder where `use` finds packages of others, and the crate that has their Rust types;
    /// may be given several times
    #[arg(short = 'I', long = "include", value_name = "[CRATE=]DIR")]
    pub(crate) includes: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Style {
    /// For people: source lines, carets, help
    #[default]
    Text,
    /// For tools: a JSON document with a version for each crate, one on a line
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// A broker that the agents will run on, by the scheme of its DSN (`redis`): refuse what it
    /// can't do; may be given several times
    #[arg(long = "broker", value_name = "SCHEME")]
    pub(crate) brokers: Vec<String>,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Style,
}

#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Write nothing; name the files that are not formatted, and end with 65 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Files and folders; `-` formats standard input to standard output.
    /// Without any: the schemas of the project in the current folder
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Gen {
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// What to generate
    #[arg(long, value_enum, default_value_t)]
    pub(crate) target: Target,
    /// The folder to write to; files that are right already are not touched
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// The code that a build script would generate
    #[default]
    Rust,
    /// The contract file of the Python library; what it has no words for is told and left out
    SignalsJson,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A `signals.json`; `-` is standard input
    pub(crate) file: PathBuf,
    /// The name of the package; else it is called as the file is
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// A signal whose receivers answer, which the file does not say; may be given several times
    #[arg(long = "reply", value_name = "SIGNAL")]
    pub(crate) replies: Vec<String>,
    /// The include root to write to; standard output without it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Such as MAG0203
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make; its last name is the name of the crate
    #[arg(value_name = "NAME")]
    pub(crate) path: PathBuf,
    /// The checkout of microagent to depend on, while the crates are not published
    #[arg(long, value_name = "DIR")]
    pub(crate) microagent_path: Option<PathBuf>,
}
