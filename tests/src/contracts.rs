//! The contracts under `corpus/`: each folder is one include root, with messages beside the schemas.

use std::fs;
use std::path::{Path, PathBuf};

use microagent_schema::Input;

/// The files of one include root: the path in the root and the text.
pub type Files = Vec<(String, String)>;

/// Where the contracts stand.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// A file of the include root that code is generated for.
#[must_use]
pub fn input(path: &str, text: &str) -> Input {
    Input {
        root: 0,
        path: path.to_owned(),
        shown: path.to_owned(),
        text: Ok(text.as_bytes().to_vec()),
    }
}

/// The include roots, each with its files: the path in the root and the text, in order of their paths.
///
/// # Panics
///
/// Panics where a file of the repository can't be read.
#[must_use]
pub fn roots() -> Vec<Files> {
    named_roots().into_iter().map(|(_, files)| files).collect()
}

/// The include roots with the names of their folders.
///
/// # Panics
///
/// Panics where a file of the repository can't be read.
#[must_use]
pub fn named_roots() -> Vec<(String, Files)> {
    let folders = sorted(&folder()).into_iter().filter(|it| it.is_dir());
    folders
        .map(|root| {
            let mut files = Vec::new();
            collect(&root, &root, &mut files);
            let name = root.file_name().expect("it has one").to_string_lossy();
            (name.into_owned(), files)
        })
        .collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for path in sorted(folder) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|it| it == "mag") {
            let text = fs::read_to_string(&path).expect("a file of the repository");
            let shown = path.strip_prefix(root).expect("found below the root");
            files.push((shown.to_string_lossy().replace('\\', "/"), text));
        }
    }
}

/// What a folder holds, in order of names; nothing where there is no folder.
///
/// # Panics
///
/// Panics where the folder can't be read.
#[must_use]
pub fn sorted(folder: &Path) -> Vec<PathBuf> {
    if !folder.exists() {
        return Vec::new();
    }
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of a folder").path())
        .collect();
    paths.sort();
    paths
}
