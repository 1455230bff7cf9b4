//! Files that are handed over: written whole, listed in order, taken by renaming, and held under a lock that ends with its
//! process. Knows neither queues nor subscriptions.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The name of a message's file; in the order of names, messages are due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// Not before this.
    pub(crate) due: u64,
    /// When it was first written; with the process and when it is due, no other message has it.
    pub(crate) written: u64,
    pub(crate) process: u32,
    /// Not after this.
    pub(crate) expires: u64,
    /// How often it was tried.
    pub(crate) attempt: u32,
}

impl Name {
    /// A new message, due after some time, for as long as it lives.
    pub(crate) fn new(after: Option<Duration>, ttl: Option<Duration>) -> Self {
        let written = next_instant();
        Self {
            due: after.map_or(written, |it| later(written, it)),
            written,
            process: process::id(),
            expires: ttl.map_or(u64::MAX, |it| later(written, it)),
            attempt: 0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [due, written, process, expires, attempt] = parts[..] else {
            return None;
        };
        let instant = |it| u64::from_str_radix(it, 16).ok();
        Some(Self {
            due: instant(due)?,
            written: instant(written)?,
            process: process.parse().ok()?,
            expires: instant(expires)?,
            attempt: attempt.parse().ok()?,
        })
    }

    /// Where it stands in a directory.
    pub(crate) fn within(&self, directory: &Path) -> PathBuf {
        directory.join(format!(
            "{:016x}-{:016x}-{}-{:016x}-{}",
            self.due, self.written, self.process, self.expires, self.attempt
        ))
    }
}

/// Microseconds of the calendar.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(u64::MAX)
}

/// Some time after that instant.
pub(crate) fn later(instant: u64, wait: Duration) -> u64 {
    instant.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX))
}

/// Now, or a moment later where this process had that instant already: messages of one sender keep their order.
fn next_instant() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let mut next = 0;
    let advance = |last: u64| {
        next = now().max(last + 1);
        Some(next)
    };
    // It fails only where `advance` gives nothing.
    let _ = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
    next
}

/// A wire name as the name of a file.
pub(crate) fn safe(name: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
    let mut safe = String::new();
    for (place, byte) in name.bytes().enumerate() {
        if plain(byte) && !(place == 0 && byte == b'.') {
            safe.push(char::from(byte));
        } else {
            safe.extend(format!("%{byte:02x}").chars());
        }
    }
    safe
}

/// Writes a file that is there whole or not at all.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(path);
    fs::write(&draft, bytes)?;
    fs::rename(&draft, path)
}

/// The same, unless there is one already.
pub(crate) fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(path);
    fs::write(&draft, bytes)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn draft(path: &Path) -> PathBuf {
    let name = format!(".{}-{:016x}", process::id(), next_instant());
    path.with_file_name(name)
}

/// The messages of a directory, in order. What bears another name is none.
pub(crate) fn list(directory: &Path) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.extend(entry?.file_name().to_str().and_then(Name::parse));
    }
    names.sort_unstable();
    Ok(names)
}

/// Renames a file, unless somebody was faster.
pub(crate) fn take(from: &Path, to: &Path) -> io::Result<bool> {
    found(fs::rename(from, to))
}

/// Removes a file, unless somebody was faster.
pub(crate) fn remove(path: &Path) -> io::Result<bool> {
    found(fs::remove_file(path))
}

fn found(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds one to a count that is the length of a file.
pub(crate) fn count_one(path: &Path) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(path)?;
    file.write_all(b".")
}

/// The count that is the length of a file.
pub(crate) fn counted(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |it| it.len())
}

/// A directory of one owner. A file beside it is locked as long as the owner's process lives.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) directory: PathBuf,
    _lock: File,
}

impl Seat {
    /// A new one among others, with a number that others may read.
    pub(crate) fn take(among: &Path, number: usize) -> io::Result<Self> {
        let name = format!("{:016x}-{}", next_instant(), process::id());
        let directory = among.join(name);
        fs::create_dir_all(&directory)?;
        // It is locked before others can see it.
        let draft = draft(&directory);
        let mut lock = File::create_new(&draft)?;
        lock.lock()?;
        write!(lock, "{number}")?;
        fs::rename(&draft, directory.with_extension("lock"))?;
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    /// Gives it up. Doing it twice is fine.
    pub(crate) fn leave(&self) -> io::Result<()> {
        remove_seat(&self.directory)
    }
}

/// A seat whose owner lives, and its number.
pub(crate) type Taken = (PathBuf, usize);

/// The seats whose owners live. Of those who don't, `inherit` takes what is left, and the seat is removed.
pub(crate) fn seats(
    among: &Path,
    inherit: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<Vec<Taken>> {
    let mut taken = Vec::new();
    let entries = match fs::read_dir(among) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(taken),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|it| it != "lock") {
            continue;
        }
        let directory = path.with_extension("");
        let Ok(lock) = File::open(&path) else {
            // Its owner has just left.
            continue;
        };
        match lock.try_lock() {
            Ok(()) => {
                inherit(&directory)?;
                remove_seat(&directory)?;
            }
            Err(TryLockError::WouldBlock) => {
                let number = fs::read_to_string(&path).unwrap_or_default();
                taken.push((directory, number.parse().unwrap_or(1)));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(taken)
}

fn remove_seat(directory: &Path) -> io::Result<()> {
    found(fs::remove_dir_all(directory))?;
    remove(&directory.with_extension("lost"))?;
    remove(&directory.with_extension("lock")).map(drop)
}
