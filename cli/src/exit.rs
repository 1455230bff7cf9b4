//! How the process ends: the codes of sysexits, and a failure with its message.

use std::fmt::Display;
use std::path::Path;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Good,
    /// The command line is wrong.
    Usage,
    /// The schema has errors, or is not formatted.
    Data,
    /// There is nothing to read where it was looked for.
    NoInput,
    /// The output can't be made: it exists.
    CantCreate,
    /// Reading or writing failed.
    Io,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Usage => 64,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::CantCreate => 73,
            Self::Io => 74,
        }
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// Reading or writing a file failed: `can't read ‘x’: …`.
    pub(crate) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        let exit = match error.kind() {
            std::io::ErrorKind::NotFound => Exit::NoInput,
            _ => Exit::Io,
        };
        Self::new(exit, couldnt(doing, path, error))
    }

    /// A file could not be made.
    pub(crate) fn create(path: &Path, error: &dyn Display) -> Self {
        Self::new(Exit::CantCreate, couldnt("create", path, error))
    }
}

fn couldnt(doing: &str, path: &Path, why: &dyn Display) -> String {
    format!("can't {doing} `{}`: {why}", path.display())
}
