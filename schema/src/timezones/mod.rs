//! Which time zones a schedule may name. Knows names alone, no offsets: a build script has no use for the rules
//! themselves, and they would bring a dozen crates along.

mod names;

use crate::suggest;

pub use names::NAMES;

/// Whether `name` is a time zone, spelled as the IANA database spells it.
#[must_use]
pub fn is_known(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

/// The zone that was probably meant: another case, blanks for underscores, the city alone, or a slip of the fingers.
#[must_use]
pub fn suggest(name: &str) -> Option<String> {
    let name = name.trim().replace(' ', "_");
    NAMES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(&name))
        .or_else(|| {
            let city = |known: &&&str| last_part(known).eq_ignore_ascii_case(last_part(&name));
            NAMES.iter().find(city)
        })
        .map(|known| (*known).to_owned())
        .or_else(|| suggest::suggest(&name, NAMES.iter().copied()))
        .or_else(|| {
            let city = suggest::suggest(&name, NAMES.iter().map(|known| last_part(known)))?;
            let known = NAMES.iter().find(|known| last_part(known) == city)?;
            Some((*known).to_owned())
        })
}

/// `Berlin` of `Europe/Berlin`.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(NAMES.is_sorted_by(|before, after| before < after));
    }

    #[test]
    fn knows_exact_names_only() {
        for name in ["UTC", "Europe/Berlin", "Etc/GMT+5", "US/Eastern", "GB"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "utc", "Berlin", "Europe/Berlin ", "CEST", "+01:00"] {
            assert!(!is_known(name), "{name}");
        }
    }

    #[test]
    fn suggests_what_was_meant() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(suggest(name), expected.map(str::to_owned), "{name}");
        };
        check("Europe/Belrin", Some("Europe/Berlin"));
        check("europe/berlin", Some("Europe/Berlin"));
        check("Berlin", Some("Europe/Berlin"));
        check("Germany/Berlin", Some("Europe/Berlin"));
        check("America/New York", Some("America/New_York"));
        check("Lodnon", Some("Europe/London"));
        check("utc", Some("UTC"));
        check("Middle-earth/The_Shire", None);
        check("", None);
    }
}
