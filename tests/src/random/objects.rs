//! Random objects: the fields of structs, of members of unions and of payloads, with everything that may stand at a
//! field, and spreads of other types. Knows the language's text only.

use std::collections::BTreeSet;

use super::names::member;
use super::samples::{SCALARS, Scalar, object};
use super::{Declared, Kind, Schema};

/// What a type that takes all other keys takes, among the keys of an object.
const OTHERS: &str = "*";

/// The inside of a pair of braces while it is written.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Names in Rust, of spread fields too; the names on the wire follow from them.
    pub(super) keys: BTreeSet<String>,
    members: Vec<String>,
    /// What a value of it says.
    entries: Vec<(String, String)>,
    /// Fields that a queue may take its key from, as they were declared.
    declared: Vec<String>,
}

impl Body {
    pub(super) fn text(&self, separator: &str) -> String {
        self.members.join(separator)
    }

    pub(super) fn sample(&self) -> String {
        object(&self.entries)
    }

    /// A value of a tagged union with the fields beside the tag.
    pub(super) fn tagged(&self, tag: &str) -> String {
        let tag = ("\"$tag\"".to_owned(), tag.to_owned());
        let entries: Vec<(String, String)> =
            [tag].into_iter().chain(self.entries.clone()).collect();
        object(&entries)
    }
}

/// The type of a field, and the value that a sample gives it.
struct Typed {
    text: String,
    sample: String,
}

impl Schema {
    pub(super) fn declare_struct(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let mut body = Body::default();
        // Some are wider than one group of the codec's table, and a few than several.
        let most = if self.random.chance(2) { 60 } else { 5 };
        for _ in 0..self.random.below(most) {
            self.field(&mut body, Some(&name));
        }
        if self.random.chance(25) {
            self.spread(&mut body);
        }
        let rest = self.random.chance(20) && body.keys.insert(OTHERS.to_owned());
        if rest {
            let of = self.random.pick(&["json", "u8?", "[string(min: 1)]"]);
            body.members
                .push(format!("..all_the_rest: {{string: {of}}}"));
        } else if self.random.chance(15) {
            body.members
                .push("reserved(gone_for_good, \"gone-too\")".to_owned());
        }
        let sample = body.sample();
        self.example(&sample);
        let text = body.text(",\n    ");
        self.line(&format!("struct {name} {{\n    {text}\n}}\n"));
        self.declared(Declared {
            name,
            kind: if rest { Kind::Rest } else { Kind::Struct },
            sample,
            keys: body.keys,
            fields: body.declared,
        });
    }

    /// A struct of texts, which may have every derive of Rust.
    pub(super) fn declare_derived(&mut self) {
        let name = self.names.pascal(&mut self.random);
        self.line("@derive(Eq, Hash, PartialOrd, Ord)");
        self.line(&format!("struct {name} {{ one: string, other: u8? }}\n"));
        self.declared(Declared {
            name,
            kind: Kind::Struct,
            sample: "{ \"one\": \"\" }".to_owned(),
            keys: ["one", "other"].map(str::to_owned).into(),
            fields: vec!["one".to_owned()],
        });
    }

    pub(super) fn example(&mut self, sample: &str) {
        if self.random.chance(10) {
            self.line(&format!("@example({sample})"));
        }
    }

    /// The keys of another type, where no key stands twice.
    pub(super) fn spread(&mut self, body: &mut Body) {
        let fits = |it: &&Declared| {
            let tag = it.kind == Kind::Internal || it.kind == Kind::Adjacent;
            let spreads = tag || matches!(it.kind, Kind::Struct | Kind::Rest);
            spreads && !it.sample.is_empty() && it.keys.is_disjoint(&body.keys)
        };
        let candidates: Vec<&Declared> = self.types.iter().filter(fits).collect();
        if candidates.is_empty() {
            return;
        }
        let of = candidates[self.random.below(candidates.len())];
        let inside = of.sample.trim_start_matches('{').trim_end_matches('}');
        let mut keys = of.keys.clone();
        let name = member(&mut self.random, &mut body.keys);
        // The name in Rust is no key; a later field may still not have it.
        keys.insert(name.clone());
        body.members.push(format!("..{name}: {}", of.name));
        if !inside.trim().is_empty() {
            let (key, value) = inside.split_once(": ").unwrap_or((inside, ""));
            body.entries
                .push((key.trim().to_owned(), value.trim().to_owned()));
        }
        body.keys.append(&mut keys);
    }

    /// One field with everything that may stand at it.
    pub(super) fn field(&mut self, body: &mut Body, own: Option<&str>) {
        let mut annotations: Vec<String> = Vec::new();
        if self.random.chance(8) {
            annotations.push("@sensitive ".to_owned());
        }
        if self.random.chance(5) {
            annotations.push("@deprecated(\"no `more`\") ".to_owned());
        }
        let rust = member(&mut self.random, &mut body.keys);
        let (name, wire) = match self.random.below(8) {
            0 => (
                format!("\"{rust}-on-wire\" as {rust}"),
                format!("\"{rust}-on-wire\""),
            ),
            1 => (
                format!("\"@{rust}.é\\\"\" as {rust}"),
                format!("\"@{rust}.é\\\"\""),
            ),
            _ => (rust.clone(), format!("\"{rust}\"")),
        };
        if self.random.chance(7) {
            annotations.push(format!("@alias(\"old-{rust}\") "));
        }
        if self.random.chance(5) {
            annotations.push(format!("@emit(\"twice-{rust}\") "));
        }
        let typed = self.field_type(own);
        let required = !typed.text.contains('=') && !typed.text.ends_with('?');
        if required && self.random.chance(5) {
            annotations.push(format!("@example({}) ", typed.sample));
        }
        let asymmetric = if required && self.random.chance(8) {
            "asymmetric "
        } else {
            ""
        };
        let (text, annotations) = (typed.text, annotations.concat());
        body.members
            .push(format!("{annotations}{asymmetric}{name}: {text}"));
        body.declared.push(wire.clone());
        if required || self.random.chance(30) {
            body.entries.push((wire, typed.sample));
        }
    }

    fn field_type(&mut self, own: Option<&str>) -> Typed {
        if let Some(own) = own
            && self.random.chance(10)
        {
            let (text, sample) = match self.random.below(4) {
                0 => (format!("{own}?"), "null"),
                1 => (format!("{own}? = null"), "null"),
                2 => (format!("[{own}]"), "[]"),
                _ => (format!("{{string: {own}?}} = {{}}"), "{ \"x\": null }"),
            };
            let sample = sample.to_owned();
            return Typed { text, sample };
        }
        let inner = self.any_type(40);
        let mut typed = self.composed(inner);
        match self.random.below(4) {
            0 => typed.text.push('?'),
            1 => typed.text.push_str("? = null"),
            2 => typed.text = format!("{} = {}", typed.text, typed.sample),
            _ => {}
        }
        typed
    }

    /// A declared type by name, `percent` times of a hundred, else a built-in one.
    fn any_type(&mut self, percent: usize) -> Typed {
        if !self.types.is_empty() && self.random.chance(percent) {
            let declared = &self.types[self.random.below(self.types.len())];
            return Typed {
                text: declared.name.clone(),
                sample: declared.sample.clone(),
            };
        }
        let Scalar(text, sample) = &SCALARS[self.random.below(SCALARS.len())];
        let (text, sample) = ((*text).to_owned(), (*sample).to_owned());
        Typed { text, sample }
    }

    /// The type, or a list or map of it.
    fn composed(&mut self, inner: Typed) -> Typed {
        let Typed { text, sample } = inner;
        let (text, sample) = match self.random.below(12) {
            0 => (format!("[{text}]"), format!("[{sample}]")),
            1 => (
                format!("[{text}?](min: 1)"),
                format!("[null, {sample}, {sample}]"),
            ),
            2 => (
                format!("{{string: {text}?}}"),
                format!("{{ \"x\": {sample}, \"y\": null }}"),
            ),
            3 => (
                format!("{{string: [{text}]}}(max: 9)"),
                format!("{{ \"x\": [{sample}] }}"),
            ),
            _ => (text, sample),
        };
        Typed { text, sample }
    }

    /// What a newtype stands for, and a value of it.
    pub(super) fn newtype_of(&mut self) -> (String, String) {
        let inner = self.any_type(40);
        let Typed { text, sample } = self.composed(inner);
        (text, sample)
    }

    /// Any type: what a queue carries, or a member of a union holds.
    pub(super) fn payload_name(&mut self) -> String {
        self.payload_sample().0
    }

    pub(super) fn payload_sample(&mut self) -> (String, String) {
        let Typed { text, sample } = self.any_type(70);
        (text, sample)
    }

    /// What is answered: also lists, maps and what may be missing.
    pub(super) fn reply(&mut self) -> String {
        let inner = self.any_type(60);
        let Typed { text, .. } = self.composed(inner);
        let optional = if self.random.chance(15) { "?" } else { "" };
        format!("{text}{optional}")
    }
}
