//! What a build script says to Cargo: one line each on its standard output. Knows the spelling and nothing else.
//!
//! Invariants: no text from a schema or a file name can begin a line of its own.

use std::fmt;
use std::path::Path;

/// Lines for Cargo, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    lines: Vec<String>,
}

impl Instructions {
    /// Runs the build script again when the file changes, or anything in the folder. A path that does not fit on a
    /// line is watched through the nearest folder above it that does.
    pub(crate) fn rerun_if_changed(&mut self, path: &Path) {
        let clean = path
            .ancestors()
            .find(|path| !path.to_string_lossy().contains(char::is_control));
        if let Some(path) = clean.filter(|path| !path.as_os_str().is_empty()) {
            self.add("rerun-if-changed", &path.to_string_lossy());
        }
    }

    pub(crate) fn rerun_if_env_changed(&mut self, name: &str) {
        self.add("rerun-if-env-changed", name);
    }

    pub(crate) fn warning(&mut self, text: &str) {
        self.add("warning", text);
    }

    pub(crate) fn metadata(&mut self, key: &str, value: &str) {
        self.add("metadata", &format!("{key}={value}"));
    }

    fn add(&mut self, instruction: &str, value: &str) {
        let value = value.replace(char::is_control, " ");
        let line = format!("cargo::{instruction}={value}");
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// The lines, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|line| writeln!(formatter, "{line}"))
    }
}
