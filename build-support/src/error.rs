//! Why a build fails, and how it is shown: a `main` that returns an error prints its `Debug`, so that is the whole text.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// What [`compile`](crate::compile) returns, and the `main` of a build script: `fn main() -> microagent_build::Result`.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why nothing was generated. Both `Display` and `Debug` are the text for people: a build script that returns it from
/// `main` shows its user every diagnostic in full.
pub struct Error {
    kind: ErrorKind,
    text: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The schema has errors; the text is the rendered diagnostics.
    Schema,
    /// A contract crate has no `links` key, or another than its dependants look for.
    Links,
    /// What a dependency published can't be used, or `.contract(..)` names none.
    Contract,
    /// The schema is good, but no code can be made of it with these settings.
    Generator,
    /// Committed code is not what the schema says.
    Drift,
    /// This is no build script.
    Environment,
    /// A file could not be read or written.
    Io,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            source: None,
        }
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    pub(crate) fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        let text = format!("can't {doing} `{}`: {source}", path.display());
        Self::new(ErrorKind::Io, text).caused_by(source)
    }

    /// Which kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text.trim_end())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It stands behind `Error: `, and carets must stand under what they point to.
        write!(formatter, "\n{self}\n")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}
