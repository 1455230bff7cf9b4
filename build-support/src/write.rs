//! Puts generated files into a folder, or compares them with those that stand there. Knows nothing of what they hold,
//! but for the mark by which it tells its own files from those of others.
//!
//! Invariants: a file that has the right bytes is not written; no file without the mark is removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use microagent_codegen::{File, Files};

use crate::error::{Error, ErrorKind};

/// What stands in the first line of every generated file.
const MARK: &str = "@generated";

/// How a folder differs from what was generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that were, or have to be, written: new ones and those with other bytes.
    pub written: Vec<PathBuf>,
    /// Generated files that nothing generates any more.
    pub removed: Vec<PathBuf>,
}

impl Changes {
    /// Whether the folder holds just what was generated.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

/// Makes `folder` hold these files: writes those that differ and removes generated ones that are none of them.
///
/// # Errors
/// [`ErrorKind::Io`] where a file can't be read, written or removed.
pub fn write(folder: &Path, files: &Files) -> Result<Changes, Error> {
    let changes = compare(folder, files)?;
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    for path in &changes.removed {
        fs::remove_file(path).map_err(|error| Error::io("remove", path, error))?;
    }
    for (path, text) in in_folder(folder, files) {
        if changes.written.contains(&path) {
            fs::write(&path, text).map_err(|error| Error::io("write", &path, error))?;
        }
    }
    Ok(changes)
}

/// How `folder` differs from these files. Writes nothing.
///
/// # Errors
/// [`ErrorKind::Io`] where a file can't be read.
pub fn compare(folder: &Path, files: &Files) -> Result<Changes, Error> {
    let mut changes = Changes::default();
    for (path, text) in in_folder(folder, files) {
        if read_if_any(&path)?.as_deref() != Some(text.as_bytes()) {
            changes.written.push(path);
        }
    }
    for path in marked(folder)? {
        if !in_folder(folder, files).any(|(current, _)| current == path) {
            changes.removed.push(path);
        }
    }
    Ok(changes)
}

/// The error for committed code that is out of date.
pub(crate) fn drift(shown: &str, changes: &Changes) -> Error {
    let line = |what: &str, path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!("  {what}: {shown}/{name}\n")
    };
    let differing = changes.written.iter().map(|path| line("differs", path));
    let left_over = changes.removed.iter().map(|path| line("left over", path));
    let lines: String = differing.chain(left_over).collect();
    let update = crate::environment::UPDATE;
    let text = format!(
        "the generated code in `{shown}` is not what the schema says\n{lines}  help: run `{update}=1 cargo build`, \
         look at the difference, and commit it"
    );
    Error::new(ErrorKind::Drift, text)
}

fn in_folder<'a>(folder: &'a Path, files: &'a Files) -> impl Iterator<Item = (PathBuf, &'a str)> {
    let at = |file: &'a File| (folder.join(&file.path), file.text.as_str());
    files.iter().map(at)
}

fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// The generated files that stand in a folder, in order; none where there is no such folder.
fn marked(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Error::io("read", folder, error))?
            .path();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust && path.is_file() && is_marked(&path)? {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_marked(path: &Path) -> Result<bool, Error> {
    let bytes = read_if_any(path)?.unwrap_or_default();
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let first = String::from_utf8_lossy(first);
    Ok(first.contains(MARK) && first.contains("microagent"))
}
