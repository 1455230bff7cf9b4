//! Why nothing was generated. Knows no files: what can't be written is the caller's error.

use std::fmt;

/// See [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A package of another include root is used, and no crate was given for it.
    UnknownCrate { package: String },
    /// The path of the crate that owns a package is no path of Rust.
    BadCratePath { package: String, path: String },
    /// A template failed to write.
    Template,
}

/// Why nothing was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
}

impl Error {
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl From<askama::Error> for Error {
    fn from(_: askama::Error) -> Self {
        Self {
            kind: ErrorKind::Template,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::UnknownCrate { package } => {
                write!(f, "no crate is known for package `{package}`")
            }
            ErrorKind::BadCratePath { package, path } => {
                write!(
                    f,
                    "`{path}`, given for package `{package}`, is no path of a crate"
                )
            }
            ErrorKind::Template => f.write_str("a template could not be written"),
        }
    }
}

impl std::error::Error for Error {}
