//! What happened in a life, in order: a digest by which two runs of one seed are compared, and the lines themselves where they
//! are wanted. Knows no events, only their text.

use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// Shared by all that happens in a life.
#[derive(Clone, Debug)]
pub(super) struct Trace(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    began: Instant,
    digest: DefaultHasher,
    events: u64,
    text: Option<String>,
}

/// Text that only counts.
struct Digest<'a>(&'a mut DefaultHasher);

impl fmt::Write for Digest<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

impl Trace {
    /// Begins now; keeps the text if it is wanted.
    pub(super) fn new(keeps: bool) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            began: Instant::now(),
            digest: DefaultHasher::new(),
            events: 0,
            text: keeps.then(String::new),
        })))
    }

    /// Something happened.
    pub(super) fn note(&self, what: fmt::Arguments<'_>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Lines {
            began,
            digest,
            events,
            text,
        } = &mut *lines;
        let millis = began.elapsed().as_millis();
        *events += 1;
        // Neither fails: one hashes, the other grows.
        let _ = writeln!(Digest(digest), "{millis:>9} {what}");
        if let Some(text) = text {
            let _ = writeln!(text, "{millis:>9} {what}");
        }
    }

    /// The digest, the number of events, and their text.
    pub(super) fn end(&self) -> (u64, u64, String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = lines.text.as_mut().map(std::mem::take).unwrap_or_default();
        (lines.digest.finish(), lines.events, text)
    }
}
