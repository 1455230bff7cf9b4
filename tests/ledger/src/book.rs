//! The ledger of one process: a line for everything that it did, appended in one write, so that a kill loses none that it
//! went by. Knows no processes and no brokers.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a process can have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A sender is about to send.
    Sent,
    /// The send succeeded.
    Confirmed,
    /// The send failed: nobody promised anything.
    Refused,
    /// A handler got a message.
    Began,
    /// A handler is done with it, and is about to say so.
    Processed,
    /// A signal went out.
    Emitted,
    /// A signal was heard.
    Heard,
    /// The agent says that it is ready.
    Ready,
    /// The agent says that it no longer is.
    Unready,
    /// `pre_stop` ran.
    Stopping,
    /// The broker refused an acknowledgement: the message had gone to another.
    Late,
}

const NAMES: [(Deed, &str); 11] = [
    (Deed::Sent, "sent"),
    (Deed::Confirmed, "confirmed"),
    (Deed::Refused, "refused"),
    (Deed::Began, "began"),
    (Deed::Processed, "processed"),
    (Deed::Emitted, "emitted"),
    (Deed::Heard, "heard"),
    (Deed::Ready, "ready"),
    (Deed::Unready, "unready"),
    (Deed::Stopping, "stopping"),
    (Deed::Late, "late"),
];

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) deed: Deed,
    pub(crate) id: u64,
    /// Milliseconds since 1970: all processes of a run are on one machine.
    pub(crate) at: u64,
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split(' ');
        let mut next = || words.next().ok_or_else(|| format!("`{line}` is no entry"));
        let name = next()?;
        let (id, at) = (next()?.parse(), next()?.parse());
        let known = NAMES.iter().find(|(_, it)| *it == name);
        match (known, id, at) {
            (Some((deed, _)), Ok(id), Ok(at)) => Ok(Self {
                deed: *deed,
                id,
                at,
            }),
            _ => Err(format!("`{line}` is no entry")),
        }
    }
}

/// Where a process writes.
#[derive(Debug)]
pub(crate) struct Book(File);

impl Book {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(file))
    }

    /// Written when it comes back: whatever happens to this process, the line is there.
    pub(crate) fn write(&self, deed: Deed, id: u64) -> io::Result<()> {
        let (_, name) = NAMES
            .iter()
            .find(|(it, _)| *it == deed)
            .expect("every deed has its name");
        (&self.0).write_all(format!("{name} {id} {}\n", now()).as_bytes())
    }
}

/// All that stands in the ledgers of a directory, by time.
///
/// # Errors
/// A ledger that can't be read, or holds what is no entry.
pub(crate) fn read_all(directory: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in std::fs::read_dir(directory)? {
        let path = file?.path();
        if path.extension().is_some_and(|it| it == "ledger") {
            let text = std::fs::read_to_string(path)?;
            for line in text
                .split_inclusive('\n')
                .filter_map(|it| it.strip_suffix('\n'))
            {
                entries.push(line.parse().map_err(io::Error::other)?);
            }
        }
    }
    entries.sort_by_key(|it: &Entry| it.at);
    Ok(entries)
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH);
    let passed = passed.expect("the clock is set").as_millis();
    u64::try_from(passed).expect("it is below the year 584 million")
}
