//! Names for random schemas: the words of Rust and of its prelude, names that generated code might use itself, and
//! plain ones. No name is given twice in a schema; a numeral makes it new.

use std::collections::BTreeSet;

use super::Random;

/// Words that mean something in Rust, in the generated code or in the language itself.
const WORDS: &[&str] = &[
    "self",
    "crate",
    "super",
    "type",
    "match",
    "async",
    "await",
    "gen",
    "dyn",
    "union",
    "fn",
    "impl",
    "trait",
    "where",
    "loop",
    "box",
    "try",
    "yield",
    "macro",
    "abstract",
    "final",
    "override",
    "priv",
    "typeof",
    "unsized",
    "virtual",
    "do",
    "become",
    "static",
    "const",
    "mut",
    "ref",
    "move",
    "return",
    "extern",
    "pub",
    "use",
    "mod",
    "let",
    "if",
    "else",
    "true",
    "false",
    "in",
    "as",
    "break",
    "continue",
    "enum",
    "struct",
    "for",
    "while",
    "unsafe",
    "std",
    "core",
    "alloc",
    "serde",
    "some",
    "none",
    "ok",
    "err",
    "new",
    "default",
    "clone",
    "drop",
    "into",
    "from",
    "string",
    "vec",
    "option",
    "result",
    "rt",
    "message",
    "cx",
    "send",
    "this",
    "key",
    "value",
    "writer",
    "reader",
    "d",
    "s",
    "e",
    "t",
    "fmt",
    "f",
    "it",
    "index",
    "path",
    "queue",
    "signal",
    "call",
    "exchange",
    "agent",
    "with",
    "by",
    "on",
    "reserved",
    "asymmetric",
    "closed",
    "every",
    "cron",
    "emits",
    "package",
    "mag",
    "json",
    "bool",
    "u8",
    "str",
    "usize",
    "user_id",
    "created_at",
    "macro_rules",
    "raw",
    "safe",
    "auto",
    "print",
    "len",
    "eq",
    "hash",
    "debug",
    "codec",
    "options",
    "field",
    "name",
    "body",
    "text",
    "amount",
];

const TYPES: &[&str] = &[
    "Option",
    "Vec",
    "String",
    "Result",
    "Box",
    "Some",
    "None",
    "Ok",
    "Err",
    "Self",
    "Send",
    "Sync",
    "Sized",
    "Copy",
    "Clone",
    "Debug",
    "Default",
    "Drop",
    "Fn",
    "FnOnce",
    "FnMut",
    "Iterator",
    "IntoIterator",
    "Into",
    "From",
    "TryFrom",
    "ToString",
    "PartialEq",
    "Eq",
    "Ord",
    "Hash",
    "Bytes",
    "Value",
    "Uuid",
    "Duration",
    "DateTime",
    "Decimal",
    "Bus",
    "Broker",
    "Outcome",
    "Future",
    "Signal",
    "Queue",
    "Call",
    "Exchange",
    "Payload",
    "Cow",
    "Port",
    "Agent",
    "Message",
    "Error",
    "Empty",
    "Deserialize",
    "Serialize",
    "Codec",
    "Plain",
    "Visitor",
    "Key",
    "Tick",
    "Delivery",
    "Arc",
    "Rc",
    "BTreeMap",
    "Rules",
    "Checked",
    "Object",
    "List",
    "Map",
    "Json",
    "Integer",
    "Float",
    "Text",
    "Mail",
    "Order",
    "Receipt",
    "Address",
    "Invoice",
    "Account",
    "Customer",
];

/// Hands out names, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: BTreeSet<String>,
}

impl Names {
    /// A `PascalCase` name, new in the schema.
    pub(super) fn pascal(&mut self, random: &mut Random) -> String {
        let base = random.pick(TYPES);
        self.fresh(base, "")
    }

    /// A `snake_case` name, new in the schema.
    pub(super) fn snake(&mut self, random: &mut Random) -> String {
        let base = random.pick(WORDS);
        self.fresh(base, "_")
    }

    fn fresh(&mut self, base: &str, separator: &str) -> String {
        let mut name = base.to_owned();
        let mut numeral = 2;
        while !self.used.insert(name.to_lowercase().replace('_', "")) {
            name = format!("{base}{separator}{numeral}");
            numeral += 1;
        }
        name
    }
}

/// A `snake_case` name that is new among some names only.
pub(super) fn member(random: &mut Random, used: &mut BTreeSet<String>) -> String {
    let base = random.pick(WORDS);
    let mut name = base.to_owned();
    let mut numeral = 2;
    while !used.insert(name.replace('_', "")) {
        name = format!("{base}_{numeral}");
        numeral += 1;
    }
    name
}
