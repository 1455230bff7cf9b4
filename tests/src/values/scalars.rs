//! Random values that are no list and no object, as JSON text.

use microagent_schema::model::{
    BytesEncoding, Constraints, Format, IntegerKind, TimestampEncoding,
};

use crate::random::Random;

/// Strings, one of which fits most constraints.
const STRINGS: &[&str] = &[
    "",
    "a",
    "x\"\\\n\u{1}é👋",
    "plain",
    "ada@example.org",
    "https://example.org/a?b=c#d",
    "example.org",
    "127.0.0.1",
    "::1",
    "EUR",
    "DE89370400440532013000",
    "C024BE91L",
    "U061F1EUR",
    "T061EG9RZ",
    "A0FFV41KK",
    "Ev9UQ52YNA",
    "1464196127.000002",
    "ch_1",
    "sub_1",
    "evt_1",
    "BTC-USD",
    "0055AED6DCD90281E5",
    "arn:aws:s3:::bucket",
    "2.1",
    "/api/v1",
    "HardWorker",
    "b4a577edbccf1d805744efa9",
];

pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' | '\\' => quoted.extend(['\\', sign]),
            '\0'..='\u{1f}' => quoted.push_str(&control(sign)),
            _ => quoted.push(sign),
        }
    }
    quoted + "\""
}

pub(super) fn number(text: Option<&str>) -> Option<usize> {
    text?.replace('_', "").parse().ok()
}

pub(super) fn integer(kind: IntegerKind, constraints: &Constraints, random: &mut Random) -> String {
    let (least, most): (i128, i128) = match kind {
        IntegerKind::I8 => (i8::MIN.into(), i8::MAX.into()),
        IntegerKind::I16 => (i16::MIN.into(), i16::MAX.into()),
        IntegerKind::I32 => (i32::MIN.into(), i32::MAX.into()),
        IntegerKind::I64 => (i64::MIN.into(), i64::MAX.into()),
        IntegerKind::U8 => (0, u8::MAX.into()),
        IntegerKind::U16 => (0, u16::MAX.into()),
        IntegerKind::U32 => (0, u32::MAX.into()),
        IntegerKind::U64 => (0, u64::MAX.into()),
    };
    let bound = |text: &Option<String>| {
        text.as_deref()
            .and_then(|it| it.replace('_', "").parse().ok())
    };
    let least = bound(&constraints.min).unwrap_or(least);
    let most = bound(&constraints.max).unwrap_or(most);
    let between = least + i128::from(random.bits()).rem_euclid(most - least + 1);
    [least, most, between][random.below(3)].to_string()
}

pub(super) fn float(constraints: &Constraints, random: &mut Random) -> String {
    let bound = |text: &Option<String>| {
        text.as_deref()
            .and_then(|it| it.replace('_', "").parse::<f64>().ok())
    };
    let least = bound(&constraints.min).unwrap_or(-1e300);
    let most = bound(&constraints.max).unwrap_or(1e300);
    let fits: Vec<&&str> = [
        "0",
        "0.1",
        "-7",
        "1e-7",
        "123456789012345680",
        "-0.5",
        "90",
        "1e300",
    ]
    .iter()
    .filter(|it| {
        it.parse::<f64>()
            .is_ok_and(|it| (least..=most).contains(&it))
    })
    .collect();
    fits.get(random.below(fits.len()))
        .map_or_else(|| least.to_string(), |it| (**it).to_owned())
}

pub(super) fn string(constraints: &Constraints, random: &mut Random) -> Option<String> {
    let least = number(constraints.min.as_deref()).unwrap_or(0);
    let most = number(constraints.max.as_deref()).unwrap_or(usize::MAX);
    let pattern = constraints
        .pattern
        .as_deref()
        .map(|it| regex_lite::Regex::new(it).expect("it was checked"));
    let fits: Vec<&&str> = STRINGS
        .iter()
        .filter(|it| (least..=most).contains(&it.chars().count()))
        .filter(|it| pattern.as_ref().is_none_or(|pattern| pattern.is_match(it)))
        .filter(|it| {
            constraints
                .format
                .is_none_or(|format| has_format(it, format))
        })
        .collect();
    fits.get(random.below(fits.len())).map(|it| quoted(it))
}

fn has_format(text: &str, format: Format) -> bool {
    match format {
        Format::Email => text.contains('@'),
        Format::Uri => text.starts_with("https:"),
        Format::Hostname => text == "example.org",
        Format::Ipv4 => text == "127.0.0.1",
        Format::Ipv6 => text == "::1",
    }
}

pub(super) fn bytes(
    encoding: BytesEncoding,
    constraints: &Constraints,
    random: &mut Random,
) -> String {
    let least = number(constraints.min.as_deref()).unwrap_or(0);
    match encoding {
        BytesEncoding::Hex => format!("\"{}\"", "0f".repeat(least)),
        BytesEncoding::Base64 if least == 0 => {
            ["\"\"", "\"AA==\"", "\"AAE=\"", "\"//79\""][random.below(4)].to_owned()
        }
        BytesEncoding::Base64 => format!("\"{}\"", "AAAA".repeat(least.div_ceil(3))),
    }
}

pub(super) fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.bits(), random.bits());
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    format!(
        "\"{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}\"",
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

pub(super) fn timestamp(encoding: TimestampEncoding, random: &mut Random) -> String {
    let index = random.below(3);
    match encoding {
        TimestampEncoding::Rfc3339 => [
            "\"2024-02-29T23:59:59.123456789Z\"",
            "\"1969-12-31T23:59:59.5Z\"",
            "\"2024-01-01T00:00:00Z\"",
        ][index],
        TimestampEncoding::UnixSeconds => ["0", "-1", "1700000000"][index],
        TimestampEncoding::UnixMilliseconds => ["0", "-1", "1700000000123"][index],
    }
    .to_owned()
}

pub(super) fn json(random: &mut Random, depth: usize) -> String {
    match random.below(if depth > 3 { 5 } else { 7 }) {
        0 => "null".to_owned(),
        1 => "true".to_owned(),
        2 => "18446744073709551615".to_owned(),
        3 => "-0.25".to_owned(),
        4 => quoted(STRINGS[random.below(STRINGS.len())]),
        5 => format!("[{},{}]", json(random, depth + 1), json(random, depth + 1)),
        _ => format!(
            "{{\"a\":{},\"\":{}}}",
            json(random, depth + 1),
            json(random, depth + 1)
        ),
    }
}

fn control(sign: char) -> String {
    format!("\\u{:04x}", u32::from(sign))
}
