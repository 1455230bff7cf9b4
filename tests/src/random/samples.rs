//! Built-in types with every encoding and constraint, each with a value that fits; and how values of declared types are
//! written. Knows the language's text only.

/// A built-in type, and a value of it as it is written behind `=`.
pub(super) struct Scalar(pub(super) &'static str, pub(super) &'static str);

pub(super) const SCALARS: &[Scalar] = &[
    Scalar("bool", "true"),
    Scalar("i8", "-128"),
    Scalar("i16", "-1"),
    Scalar("i32(min: -5, max: 5)", "0"),
    Scalar("i64", "-9_223_372_036_854_775_808"),
    Scalar("u8", "255"),
    Scalar("u16(max: 1_000)", "1_000"),
    Scalar("u32", "4_294_967_295"),
    Scalar("u64", "18446744073709551615"),
    Scalar("u64(as: string)", "\"18446744073709551615\""),
    Scalar("i64(as: string, min: -1)", "\"-1\""),
    Scalar("f32", "0.5"),
    Scalar("f64", "-0.0"),
    Scalar("f64(min: 0, max: 1.5)", "1e-7"),
    Scalar("string", "\"quote \\\" back \\\\ line \\n {{ }} \\\"#\""),
    Scalar("string(min: 1, max: 5)", "\"ab\\u00fc\""),
    Scalar("string(pattern: \"^[a-z\\\"]+$\")", "\"ab\""),
    Scalar("string(format: email)", "\"ada@example.org\""),
    Scalar("string(format: uri)", "\"https://example.org/?q=1\""),
    Scalar("string(format: hostname)", "\"example.org\""),
    Scalar("string(format: ipv4)", "\"127.0.0.1\""),
    Scalar("string(format: ipv6)", "\"::1\""),
    Scalar("bytes", "\"AAEC\""),
    Scalar("bytes(as: hex, max: 8)", "\"00ff\""),
    Scalar("uuid", "\"01890a5d-ac96-774b-bcce-b302099a8057\""),
    Scalar("timestamp", "\"2024-02-29T12:00:00Z\""),
    Scalar("timestamp(as: unix_s)", "0"),
    Scalar("timestamp(as: unix_ms)", "-1"),
    Scalar("date", "\"2024-02-29\""),
    Scalar("duration", "\"PT1.5S\""),
    Scalar("duration(as: seconds)", "1.5"),
    Scalar("decimal", "\"1.50\""),
    Scalar("decimal(as: number)", "0.10"),
    Scalar("json", "{ \"a\": [1, null, \"x\"] }"),
    Scalar("[string]", "[\"a\", \"b\"]"),
    Scalar("[u8?](max: 3)", "[1, null]"),
    Scalar("{string: [f64(min: 0)]}", "{ \"x\": [0, 1] }"),
    Scalar(
        "{string: {string: json}?}",
        "{ \"x\": { \"y\": 1 }, \"z\": null }",
    ),
    Scalar("{string: json}", "{}"),
    Scalar("[[bytes(as: hex)](min: 1)]", "[[\"00\"]]"),
];

/// An object of keys and values that are text of the language already.
pub(super) fn object(entries: &[(String, String)]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    format!("{{ {} }}", entries.join(", "))
}
