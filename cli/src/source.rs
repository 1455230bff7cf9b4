//! Single files that the command line names: how they are read, and how they are shown. Whole folders are the loader's.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use microagent_schema::limits::FILE_BYTES;

use crate::exit::{Exit, Failure};

/// The text of a regular file that is no larger than a schema may be.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::io("read", path, &error);
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(unsuitable(path, "it is not a regular file"));
    }
    text(File::open(path).map_err(failed)?, path)
}

/// The text of an open file, bounded.
pub(crate) fn text(from: impl Read, path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(FILE_BYTES).map_or(u64::MAX, |most| most.saturating_add(1));
    from.take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::io("read", path, &error))?;
    if bytes.len() > FILE_BYTES {
        return Err(unsuitable(path, "it is larger than 4 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| unsuitable(path, "it is not UTF-8"))
}

fn unsuitable(path: &Path, why: &str) -> Failure {
    Failure::new(
        Exit::Data,
        format!("`{}` is no schema: {why}", path.display()),
    )
}

/// As seen from the current folder where it stands below it, so that a terminal can open it.
pub(crate) fn shown(folder: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let folder = folder.strip_prefix(&current).unwrap_or(folder);
    let text = folder.to_string_lossy().replace('\\', "/");
    let text = text.trim_end_matches('/');
    match text.strip_prefix("./").unwrap_or(text) {
        "" => ".".to_owned(),
        text => text.to_owned(),
    }
}
