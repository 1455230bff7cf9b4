//! Headers of the user: a small sorted list with limits, shared between clones and free while empty.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// Names and values beside a payload. Names are ASCII letters, digits, `-`, `_` and `.`; values have no control
/// characters. At most [`Headers::MAX_COUNT`] entries and [`Headers::MAX_SIZE`] bytes in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Option<Arc<Vec<Entry>>>);

type Entry = (Box<str>, Box<str>);

impl Headers {
    /// None at all.
    pub(crate) const NONE: Self = Self(None);

    /// Entries at most.
    pub const MAX_COUNT: usize = 64;
    /// Bytes of names and values at most.
    pub const MAX_SIZE: usize = 16 * 1024;

    /// Sets one header and replaces an earlier value.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name or value with other characters, [`ErrorKind::TooLarge`] past the limits;
    /// the headers are then unchanged.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), Error> {
        check_name(name)?;
        if value.chars().any(char::is_control) {
            let message = format!("value of header `{name}` has control characters");
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        let old = self.get(name).map(|old| name.len() + old.len());
        let count = self.len() + usize::from(old.is_none());
        let size = self.size() - old.unwrap_or(0) + name.len() + value.len();
        if count > Self::MAX_COUNT || size > Self::MAX_SIZE {
            let message = format!(
                "header `{name}` exceeds {} headers or {} bytes",
                Self::MAX_COUNT,
                Self::MAX_SIZE
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        match entries.binary_search_by(|(it, _)| (**it).cmp(name)) {
            Ok(place) => entries[place].1 = value.into(),
            Err(place) => entries.insert(place, (name.into(), value.into())),
        }
        Ok(())
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        let entries = self.0.as_ref()?;
        let place = entries.binary_search_by(|(it, _)| (**it).cmp(name)).ok()?;
        Some(&entries[place].1)
    }

    /// All headers, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.0.as_ref().map_or(&[][..], |it| it.as_slice());
        entries.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |entries| entries.len())
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all names and values.
    pub fn size(&self) -> usize {
        self.iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
    if name.is_empty() || !name.bytes().all(allowed) {
        let message = format!("`{}` is no name of a header", name.escape_debug());
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, Headers};

    #[test]
    fn headers_are_sorted_replaced_and_bounded() {
        let mut headers = Headers::default();
        headers.insert("b", "1").unwrap();
        headers.insert("a", "2").unwrap();
        headers.insert("b", "3").unwrap();
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
        assert_eq!(headers.size(), 4);

        for (name, value, kind) in [
            ("", "x", ErrorKind::Invalid),
            ("a b", "x", ErrorKind::Invalid),
            ("a", "x\ny", ErrorKind::Invalid),
            ("c", &*"x".repeat(Headers::MAX_SIZE), ErrorKind::TooLarge),
        ] {
            assert_eq!(headers.insert(name, value).unwrap_err().kind(), kind);
        }
        for number in headers.len()..Headers::MAX_COUNT {
            headers.insert(&format!("h{number}"), "").unwrap();
        }
        assert_eq!(
            headers.insert("one-more", "").unwrap_err().kind(),
            ErrorKind::TooLarge
        );
    }
}
