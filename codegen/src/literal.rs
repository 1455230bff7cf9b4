//! Literals of Rust, all made by `proc_macro2`, so that no text of the schema can end the literal it stands in. Knows
//! no types of the schema.

use std::fmt::Write;

use proc_macro2::Literal;

/// A string literal, quotes included.
pub fn string(text: &str) -> String {
    Literal::string(text).to_string()
}

/// A whole number, grouped so that people can read it (`1_000_000`).
pub fn integer(value: i128) -> String {
    let digits = Literal::u128_unsuffixed(value.unsigned_abs()).to_string();
    let digits = grouped(&digits);
    if value < 0 {
        format!("-{digits}")
    } else {
        digits
    }
}

/// A finite number with a fraction or exponent (`7.0`, `1e300`).
pub fn float(value: f64) -> String {
    let text = format!("{:?}", value.abs());
    let (whole, rest) = text.split_at(text.find(['.', 'e']).unwrap_or(text.len()));
    let (fraction, exponent) = rest.split_at(rest.find('e').unwrap_or(rest.len()));
    let mut literal = String::with_capacity(text.len() + 8);
    if value.is_sign_negative() {
        literal.push('-');
    }
    literal.push_str(&grouped(whole));
    literal.push_str(&grouped_fraction(fraction));
    literal.push_str(exponent);
    literal
}

/// A fingerprint: sixteen hexadecimal digits.
pub fn fingerprint(value: u64) -> String {
    let mut literal = String::from("0x");
    for shift in [48, 32, 16, 0] {
        let separator = if shift == 0 { "" } else { "_" };
        // Writing to a string cannot fail.
        let _ = write!(literal, "{:04x}{separator}", (value >> shift) & 0xffff);
    }
    literal
}

/// A set of bits: hexadecimal digits in groups of four.
pub fn hexadecimal(value: u64) -> String {
    let digits = format!("{value:x}");
    let mut literal = String::from("0x");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(4) {
            literal.push('_');
        }
        literal.push(digit);
    }
    literal
}

/// Digits in groups of three from the right, where there are enough of them to be hard to read.
fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// `.12345` as `.123_45`.
fn grouped_fraction(fraction: &str) -> String {
    if fraction.len() < 6 {
        return fraction.to_owned();
    }
    let mut text = String::with_capacity(fraction.len() * 4 / 3 + 1);
    for (index, character) in fraction.chars().enumerate() {
        if index > 1 && (index - 1).is_multiple_of(3) {
            text.push('_');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_be_left() {
        for text in [
            "",
            "plain",
            "\"; fn evil() {} //",
            "\"#",
            "\\",
            "\\\"",
            "\0",
            "\n\r\t",
            "*/",
            "{{ evil }}{% raw %}",
            "\u{202e}",
            "ünï",
        ] {
            let literal = string(text);
            let parsed = syn::parse_str::<syn::LitStr>(&literal).expect("one literal");
            assert_eq!(parsed.value(), text);
            assert!(!literal.contains(['\n', '\0', '\u{202e}']), "{literal}");
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(integer(0), "0");
        assert_eq!(integer(9999), "9999");
        assert_eq!(integer(-1_234_567), "-1_234_567");
        assert_eq!(integer(i128::from(u64::MAX)), "18_446_744_073_709_551_615");
        assert_eq!(float(7.0), "7.0");
        assert_eq!(float(-0.5), "-0.5");
        assert_eq!(float(1e300), "1e300");
        assert_eq!(float(0.000_1), "0.0001");
        assert_eq!(float(12_345.123_456), "12_345.123_456");
        assert_eq!(fingerprint(0x0123_4567_89ab_cdef), "0x0123_4567_89ab_cdef");
    }

    #[test]
    fn numbers_read_back() {
        for value in [
            0.1,
            123.456_789_012,
            1e-7,
            f64::MAX,
            f64::MIN_POSITIVE,
            2.5e-300,
        ] {
            let literal = syn::parse_str::<syn::LitFloat>(&float(value)).expect("a literal");
            let read: f64 = literal.base10_parse().expect("a number");
            assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
