//! What Cargo tells a build script, as a value, so that everything else can be called without a process environment.

use std::env;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind};

/// Set to anything but nothing or `0`: committed code is rewritten instead of compared.
pub const UPDATE: &str = "MICROAGENT_UPDATE";

/// What a build script is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `CARGO_MANIFEST_DIR`
    pub manifest_dir: PathBuf,
    /// `OUT_DIR`
    pub out_dir: PathBuf,
    /// `CARGO_PKG_NAME`
    pub package: String,
    /// `CARGO_MANIFEST_LINKS`
    pub links: Option<String>,
    /// Whether [`UPDATE`] is set.
    pub update: bool,
    /// `DEP_MAG_…_CONTRACTS` with what the contract crates among the direct dependencies published, by name.
    pub dependencies: Vec<(String, String)>,
}

impl Environment {
    /// Reads the environment of a build script.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where Cargo's variables are missing: this is no build script.
    pub fn from_process() -> Result<Self, Error> {
        let mut dependencies: Vec<(String, String)> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("DEP_MAG_") && name.ends_with("_CONTRACTS"))
            .collect();
        dependencies.sort();
        Ok(Self {
            manifest_dir: required("CARGO_MANIFEST_DIR")?.into(),
            out_dir: required("OUT_DIR")?.into(),
            package: required("CARGO_PKG_NAME")?,
            links: env::var("CARGO_MANIFEST_LINKS").ok(),
            update: env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0"),
            dependencies,
        })
    }
}

fn required(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|source| {
        Error::new(
            ErrorKind::Environment,
            format!("`{name}` is not set: `microagent_build` is called from a build script"),
        )
        .caused_by(source)
    })
}
