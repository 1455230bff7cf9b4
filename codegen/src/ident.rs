//! Names of the schema as identifiers of Rust: the one place that knows Rust's keywords. Knows no scopes; which names
//! clash is the checker's business.
//!
//! Invariants: the result is an identifier in every edition from 2015 to 2024; a name that is no keyword is unchanged.

use proc_macro2::{Ident, Span};

/// Strict and reserved keywords of all editions. Weak ones (`union`, `auto`, `default`, `macro_rules`, `raw`, `safe`)
/// are identifiers wherever a name of ours stands.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Those that can't be raw identifiers.
const NEVER_RAW: &[&str] = &["Self", "crate", "self", "super"];

/// Modules that stand in every package, and types of the language that a module would hide: an agent's module gets
/// another name.
const TAKEN_MODULES: &[&str] = &[
    "bool",
    "calls",
    "char",
    "exchanges",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "queues",
    "signals",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

/// `name` where Rust wants an identifier: as it is, `r#type` for a keyword, `self_` for one that can't be raw.
///
/// # Panics
/// If `name` is no identifier at all; the schema lets none through.
pub fn ident(name: &str) -> String {
    if NEVER_RAW.contains(&name) {
        return format!("{name}_");
    }
    if KEYWORDS.binary_search(&name).is_ok() {
        return Ident::new_raw(name, Span::call_site()).to_string();
    }
    Ident::new(name, Span::call_site()).to_string()
}

/// The name of the module that belongs to agent `name`: `mail_agent` for `MailAgent`.
pub fn agent_module(name: &str) -> String {
    let module = snake(name);
    if TAKEN_MODULES.contains(&module.as_str()) {
        return format!("{module}_");
    }
    ident(&module)
}

/// The name of the module that holds package `name`: `orders__v1` for `orders.v1`.
pub fn package_module(name: &str) -> String {
    ident(&name.replace('.', "__"))
}

/// `user_deleted` as `UserDeleted`; `accounts.v2` as `AccountsV2`.
pub fn pascal(name: &str) -> String {
    let mut pascal = String::with_capacity(name.len());
    for word in name.split(['_', '.']) {
        let mut characters = word.chars();
        if let Some(first) = characters.next() {
            pascal.push(first.to_ascii_uppercase());
            pascal.push_str(characters.as_str());
        }
    }
    pascal
}

/// `MailAgent` as `mail_agent`, `HTTPServer` as `http_server`.
pub fn snake(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_uppercase() && index > 0 {
            let before = bytes[index - 1];
            let ends_a_run = bytes.get(index + 1).is_some_and(u8::is_ascii_lowercase);
            if !before.is_ascii_uppercase() || ends_a_run {
                snake.push('_');
            }
        }
        snake.push(char::from(byte.to_ascii_lowercase()));
    }
    snake
}

/// `send_report` as `SEND_REPORT`: no keyword is in capitals.
pub fn screaming(name: &str) -> String {
    name.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted() && NEVER_RAW.is_sorted() && TAKEN_MODULES.is_sorted());
    }

    #[test]
    fn makes_identifiers_of_any_name() {
        for (name, expected) in [
            ("mail", "mail"),
            ("type", "r#type"),
            ("gen", "r#gen"),
            ("async", "r#async"),
            ("try", "r#try"),
            ("abstract", "r#abstract"),
            ("union", "union"),
            ("default", "default"),
            ("self", "self_"),
            ("super", "super_"),
            ("crate", "crate_"),
            ("Self", "Self_"),
            ("Option", "Option"),
        ] {
            assert_eq!(ident(name), expected);
            syn::parse_str::<Ident>(expected).expect("an identifier");
        }
    }

    #[test]
    fn every_keyword_becomes_an_identifier() {
        for name in KEYWORDS.iter().chain(NEVER_RAW) {
            syn::parse_str::<Ident>(&ident(name)).expect("an identifier");
        }
    }

    #[test]
    fn changes_case() {
        assert_eq!(pascal("user_deleted"), "UserDeleted");
        assert_eq!(pascal("accounts.v2"), "AccountsV2");
        assert_eq!(pascal("a__b_"), "AB");
        assert_eq!(snake("MailAgent"), "mail_agent");
        assert_eq!(snake("HTTPServer"), "http_server");
        assert_eq!(snake("V2Agent"), "v2_agent");
        assert_eq!(screaming("send_report"), "SEND_REPORT");
        assert_eq!(agent_module("Signals"), "signals_");
        assert_eq!(agent_module("Match"), "r#match");
        assert_eq!(package_module("orders.v1"), "orders__v1");
    }
}
