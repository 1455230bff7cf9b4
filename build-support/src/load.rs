//! Reads include roots: every `.mag` file under a folder becomes an input of the schema, or the reason why it can't be
//! read does. Knows nothing of what stands in the files, and of Cargo.
//!
//! Invariants: no file outside its root is opened; nothing but regular files is opened; no link is followed into a
//! folder, so that no walk goes in circles; the same tree gives the same list; the work is bounded by [`Limits`].

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use microagent_schema::limits::Limits;
use microagent_schema::{Input, Unreadable};

/// Folders inside folders. Deeper than any package path can be.
const DEPTH: usize = 64;
/// Entries of folders that are looked at, for each file that a run may have: a root at `/` ends here.
const ENTRIES_PER_FILE: usize = 20;

/// A folder that packages are looked up in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Where it stands.
    pub folder: PathBuf,
    /// What stands for the folder in messages and in generated code: never a path of this machine.
    pub shown: String,
    /// Which root of the schema it is; 0 is the one that code is generated for.
    pub index: usize,
}

/// What was found in all roots of a run.
#[derive(Debug, Default)]
pub struct Loaded {
    /// By root, then by path.
    pub inputs: Vec<Input>,
    /// Every file that was looked at: a change in one of them changes the result.
    pub files: Vec<PathBuf>,
    /// Every folder that was read: a new file in one of them changes the result.
    pub folders: Vec<PathBuf>,
}

/// Reads all roots. What can't be read is an input too, which the schema turns into a diagnostic.
#[must_use]
pub fn load(roots: &[Root], limits: &Limits) -> Loaded {
    let mut loaded = Loaded::default();
    let mut budget = Budget {
        files: limits.files,
        bytes: limits.total_bytes,
        entries: limits.files.saturating_mul(ENTRIES_PER_FILE),
        file_bytes: limits.file_bytes,
    };
    for root in roots {
        load_root(root, &mut budget, &mut loaded);
    }
    loaded
}

/// What is left of the limits, over all roots.
struct Budget {
    files: usize,
    bytes: usize,
    entries: usize,
    file_bytes: usize,
}

/// A folder still to be read.
struct Folder {
    path: PathBuf,
    /// Under the root, with `/` between the names; empty for the root itself.
    below: String,
    depth: usize,
}

/// An entry of a folder whose name is text.
struct Entry {
    name: String,
    path: PathBuf,
    below: String,
}

fn load_root(root: &Root, budget: &mut Budget, loaded: &mut Loaded) {
    let canonical = match fs::canonicalize(&root.folder) {
        Ok(canonical) if canonical.is_dir() => canonical,
        Ok(_) => {
            let why = because("it is a file, not a folder");
            return loaded.inputs.push(refused(root, "", why));
        }
        Err(error) => return loaded.inputs.push(refused(root, "", from_io(&error))),
    };
    let first = loaded.inputs.len();
    walk(root, &canonical, budget, loaded);
    loaded.inputs[first..].sort_by(|left, right| left.path.cmp(&right.path));
    loaded.files.sort();
    loaded.folders.sort();
}

fn walk(root: &Root, canonical: &Path, budget: &mut Budget, loaded: &mut Loaded) {
    let mut folders = vec![Folder {
        path: root.folder.clone(),
        below: String::new(),
        depth: 0,
    }];
    while let Some(folder) = folders.pop() {
        loaded.folders.push(folder.path.clone());
        let entries = list(&folder, budget).unwrap_or_else(|why| {
            loaded.inputs.push(refused(root, &folder.below, why));
            Vec::new()
        });
        for entry in entries {
            match look_at(&entry, canonical, folder.depth) {
                Ok(Kind::Other) => {}
                Ok(Kind::Folder) => folders.push(Folder {
                    path: entry.path,
                    below: entry.below,
                    depth: folder.depth + 1,
                }),
                Ok(Kind::Schema) => {
                    let text = read(&entry.path, budget);
                    loaded.inputs.push(input(root, &entry.below, text));
                    loaded.files.push(entry.path);
                }
                Err(why) => loaded.inputs.push(refused(root, &entry.below, why)),
            }
        }
    }
}

/// What an entry of a folder is to us.
enum Kind {
    Schema,
    Folder,
    Other,
}

/// The entries of a folder. Hidden ones are not of the schema: editors leave locks and backups there.
fn list(folder: &Folder, budget: &mut Budget) -> Result<Vec<Entry>, Unreadable> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(&folder.path).map_err(|error| from_io(&error))? {
        let entry = entry.map_err(|error| from_io(&error))?;
        budget.entries = budget
            .entries
            .checked_sub(1)
            .ok_or(Unreadable::TooManyFiles)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let below = match folder.below.as_str() {
            "" => name.to_string(),
            below => format!("{below}/{name}"),
        };
        entries.push(Entry {
            name: name.into_owned(),
            path: entry.path(),
            below,
        });
    }
    entries.sort_by(|left, right| left.below.cmp(&right.below));
    Ok(entries)
}

/// Decides by metadata alone, before anything is opened.
fn look_at(entry: &Entry, canonical_root: &Path, depth: usize) -> Result<Kind, Unreadable> {
    let is_schema = has_extension(&entry.name);
    let metadata = fs::symlink_metadata(&entry.path).map_err(|error| from_io(&error))?;
    if metadata.is_symlink() {
        return look_through(entry, canonical_root);
    }
    if metadata.is_dir() {
        return match () {
            () if is_schema => Err(Unreadable::NotRegular),
            () if depth >= DEPTH => Err(because("it stands in too many folders")),
            () => Ok(Kind::Folder),
        };
    }
    regular(metadata.file_type(), is_schema)
}

/// A link may lead to a file of the same root. A folder has one way in, so that a package has one place.
fn look_through(entry: &Entry, canonical_root: &Path) -> Result<Kind, Unreadable> {
    let is_schema = has_extension(&entry.name);
    let target = match fs::canonicalize(&entry.path) {
        Ok(target) => target,
        Err(_) if !is_schema => return Ok(Kind::Other),
        Err(error) => return Err(from_io(&error)),
    };
    let metadata = fs::metadata(&target).map_err(|error| from_io(&error))?;
    if !is_schema && !metadata.is_dir() {
        return Ok(Kind::Other);
    }
    if !target.starts_with(canonical_root) {
        return Err(Unreadable::SymlinkOutside);
    }
    if metadata.is_dir() {
        return Err(linked_folder(&entry.path, &target));
    }
    regular(metadata.file_type(), is_schema)
}

fn regular(file_type: FileType, is_schema: bool) -> Result<Kind, Unreadable> {
    match (is_schema, file_type.is_file()) {
        (false, _) => Ok(Kind::Other),
        (true, true) => Ok(Kind::Schema),
        (true, false) => Err(Unreadable::NotRegular),
    }
}

fn has_extension(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "mag")
}

/// The bytes of a regular file, at most as many as the limits leave.
fn read(path: &Path, budget: &mut Budget) -> Result<Vec<u8>, Unreadable> {
    budget.files = budget
        .files
        .checked_sub(1)
        .ok_or(Unreadable::TooManyFiles)?;
    let file = File::open(path).map_err(|error| from_io(&error))?;
    // Asked once more of the open file: it may have been replaced since it was looked at.
    if !file.metadata().map_err(|error| from_io(&error))?.is_file() {
        return Err(Unreadable::NotRegular);
    }
    let most = budget.file_bytes.min(budget.bytes);
    let mut bytes = Vec::new();
    file.take(u64::try_from(most).map_or(u64::MAX, |most| most.saturating_add(1)))
        .read_to_end(&mut bytes)
        .map_err(|error| from_io(&error))?;
    if bytes.len() > budget.file_bytes {
        return Err(Unreadable::TooLarge);
    }
    budget.bytes = budget
        .bytes
        .checked_sub(bytes.len())
        .ok_or(Unreadable::TooManyFiles)?;
    Ok(bytes)
}

fn refused(root: &Root, below: &str, why: Unreadable) -> Input {
    input(root, below, Err(why))
}

fn input(root: &Root, below: &str, text: Result<Vec<u8>, Unreadable>) -> Input {
    let shown = match below {
        "" => root.shown.clone(),
        below => format!("{}/{below}", root.shown),
    };
    Input {
        root: root.index,
        path: below.to_owned(),
        shown,
        text,
    }
}

/// A circle, or a second way to the same files.
fn linked_folder(link: &Path, target: &Path) -> Unreadable {
    let parent = link
        .parent()
        .and_then(|parent| fs::canonicalize(parent).ok());
    if parent.is_some_and(|parent| parent.starts_with(target)) {
        return Unreadable::FolderCycle;
    }
    because("it is a link to a folder of the same include root, and a package has one place")
}

fn from_io(error: &io::Error) -> Unreadable {
    Unreadable::Io(error.to_string())
}

fn because(why: &str) -> Unreadable {
    Unreadable::Io(why.to_owned())
}
