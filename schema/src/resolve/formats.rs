//! The texts of strings with a form: formats of constraints, and the encodings of built-in types. Pure predicates over
//! text; the codec reads the same forms at run time.

use crate::model::Format;

pub(crate) fn fits(format: Format, text: &str) -> bool {
    match format {
        Format::Email => is_email(text),
        Format::Uri => is_uri(text),
        Format::Hostname => is_hostname(text),
        Format::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        Format::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let legal =
        |character: char| character.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(character);
    (1..=64).contains(&local.len())
        && local.chars().all(legal)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && is_hostname(domain)
}

fn is_hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

pub(crate) fn hex_length(text: &str) -> Option<usize> {
    let whole = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then_some(text.len() / 2)
}

/// The bytes behind standard base64 with padding and no stray bits.
pub(crate) fn base64_length(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    if !text.len().is_multiple_of(4) || padding > 2 || !digits.bytes().all(legal) {
        return None;
    }
    let stray_bits = match padding {
        1 => 0b11,
        2 => 0b1111,
        _ => 0,
    };
    let last = digits.bytes().last().map_or(0, base64_digit);
    (last & stray_bits == 0).then_some(text.len() / 4 * 3 - padding)
}

fn base64_digit(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    }
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn digits(text: &str) -> Option<u32> {
    let whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole { text.parse().ok() } else { None }
}

pub(crate) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (digits(year), digits(month), digits(day)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=length).contains(&day)
}

pub(crate) fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else {
        return false;
    };
    let Some(time) = time.strip_prefix(['T', 't']) else {
        return false;
    };
    let clock = time.strip_suffix(['Z', 'z']).or_else(|| {
        let (clock, offset) = time.split_at_checked(time.len().checked_sub(6)?)?;
        let offset = offset.strip_prefix(['+', '-'])?;
        let (hours, minutes) = offset.split_once(':')?;
        (two(hours, 23) && two(minutes, 59)).then_some(clock)
    });
    is_date(date) && clock.is_some_and(is_clock)
}

fn two(text: &str, most: u32) -> bool {
    text.len() == 2 && digits(text).is_some_and(|number| number <= most)
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let fraction = !fraction.is_empty()
        && fraction.len() <= 9
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [hours, minutes, seconds] if two(hours, 23) && two(minutes, 59) && two(seconds, 59))
        && fraction
}

/// `P1DT2H3M4.5S`: days and smaller units only, since months and years have no length of their own.
pub(crate) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let days = units(days, "WD");
    let time = time.map(|time| units(time, "HMS"));
    match (days, time) {
        (Some(days), None) => days > 0,
        (Some(_), Some(Some(time))) => time > 0,
        _ => false,
    }
}

/// How many numbers with a unit stand in a text, each unit once and in order.
fn units(text: &str, order: &str) -> Option<usize> {
    let mut rest = text;
    let mut left = order;
    let mut count = 0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, unit) = (&rest[..end], rest[end..].chars().next()?);
        let position = left.find(unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if digits(whole).is_none()
            || fraction.is_empty()
            || fraction.contains('.')
            || (number.contains('.') && unit != 'S')
        {
            return None;
        }
        left = &left[position + 1..];
        rest = &rest[end + 1..];
        count += 1;
    }
    Some(count)
}

/// Up to 28 digits, the most that the type keeps.
pub(crate) fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let legal = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    legal(whole) && legal(fraction) && unsigned.bytes().filter(u8::is_ascii_digit).count() <= 28
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_emails_and_hosts() {
        assert!(is_email("ada@example.org") && is_email("a.b+c@x"));
        assert!(!is_email("ada") && !is_email("@x") && !is_email("a..b@x") && !is_email("a b@x"));
        assert!(is_hostname("a-b.example") && !is_hostname("-a") && !is_hostname("a..b"));
        assert!(is_uri("https://a/b?c=d") && !is_uri("a/b") && !is_uri("http://a b"));
    }

    #[test]
    fn counts_encoded_bytes() {
        assert_eq!(base64_length("aGk="), Some(2));
        assert_eq!(base64_length("aGl="), None);
        assert_eq!(base64_length("aGk"), None);
        assert_eq!(hex_length("00ff"), Some(2));
        assert_eq!(hex_length("0"), None);
    }

    #[test]
    fn reads_times() {
        assert!(is_date("2024-02-29") && !is_date("2023-02-29") && !is_date("2024-2-1"));
        assert!(
            is_timestamp("2024-01-31T10:00:00Z") && is_timestamp("2024-01-31T10:00:00.5+01:00")
        );
        assert!(!is_timestamp("2024-01-31 10:00:00Z") && !is_timestamp("2024-01-31T10:00Z"));
        assert!(
            is_duration("PT1H30M")
                && is_duration("P1D")
                && is_duration("PT0.5S")
                && is_duration("P1DT1S")
        );
        assert!(
            !is_duration("P")
                && !is_duration("PT")
                && !is_duration("P1Y")
                && !is_duration("PT1M1H")
        );
        assert!(is_decimal("-12.50") && !is_decimal("1.") && !is_decimal("1e5"));
    }
}
