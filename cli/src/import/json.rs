//! JSON with the place of every value and key, read one level at a time, so that no depth of nesting matters. Knows nothing
//! of what the values mean.

use std::collections::BTreeSet;
use std::fmt;

use microagent_schema::codes;
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::span::Span;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A value that was not looked into yet. Its syntax is right, as that of the whole document is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    /// From where the document begins, in the offset space of all files.
    document: Document<'a>,
    raw: &'a RawValue,
}

/// A key and its value.
pub(crate) type Entry<'a> = (Text, Value<'a>);

#[derive(Clone, Copy, Debug)]
struct Document<'a> {
    text: &'a str,
    start: u32,
}

/// The document, whose text stands from `start` on.
pub(crate) fn parse(text: &str, start: u32) -> Result<Value<'_>, Box<Diagnostic>> {
    let document = Document { text, start };
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Ok(Value { document, raw }),
        Err(error) => Err(Box::new(document.syntax(&error))),
    }
}

impl<'a> Value<'a> {
    pub(crate) fn span(self) -> Span {
        self.document.span(self.raw)
    }

    /// What it is, for people.
    pub(crate) fn kind(self) -> &'static str {
        match self.raw.get().as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    /// As it is written.
    pub(crate) fn written(self) -> &'a str {
        self.raw.get()
    }

    /// Its entries in order, where it is an object; a key that stands twice is told.
    pub(crate) fn object(self) -> Option<Result<Vec<Entry<'a>>, Box<Diagnostic>>> {
        let entries = serde_json::from_str::<Entries<'a>>(self.raw.get()).ok()?;
        let mut seen = BTreeSet::new();
        let entries = entries.0.into_iter().map(|(key, raw)| {
            let document = self.document;
            let key = Value { document, raw: key }.string()?;
            if seen.insert(key.text.clone()) {
                return Ok((key, Value { document, raw }));
            }
            let message = format!("key `{}` stands twice", key.text);
            let twice = Diagnostic::error(codes::NOT_JSON, key.span, message);
            Err(twice.help("remove one; Python reads the last").into())
        });
        Some(entries.collect())
    }

    /// Its entries, where it is a list.
    pub(crate) fn list(self) -> Option<Vec<Value<'a>>> {
        let entries = serde_json::from_str::<Vec<&'a RawValue>>(self.raw.get()).ok()?;
        let document = self.document;
        let values = entries.into_iter().map(|raw| Value { document, raw });
        Some(values.collect())
    }

    /// Whether it is a string, if perhaps none that can be decoded.
    pub(crate) fn is_string(self) -> bool {
        self.raw.get().starts_with('"')
    }

    /// Its text. The only thing that can be wrong with a string is half of a surrogate pair.
    pub(crate) fn string(self) -> Result<Text, Box<Diagnostic>> {
        let span = self.span();
        let Ok(text) = serde_json::from_str(self.raw.get()) else {
            let message = "a string with half of a character: a surrogate without the other";
            let half = Diagnostic::error(codes::NOT_JSON, span, message);
            return Err(half.help("write the character itself").into());
        };
        Ok(Text { text, span })
    }
}

impl Document<'_> {
    /// Where a piece of the document stands in it.
    fn span(self, raw: &RawValue) -> Span {
        let offset = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        self.at(offset, offset + raw.get().len())
    }

    fn at(self, from: usize, to: usize) -> Span {
        let place = |offset: usize| {
            let offset = self.text.floor_char_boundary(offset);
            self.start
                .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
        };
        Span::new(place(from), place(to))
    }

    fn syntax(self, error: &serde_json::Error) -> Diagnostic {
        let before = error.line().saturating_sub(1);
        let lines = self.text.split_inclusive('\n').take(before);
        let line: usize = lines.map(str::len).sum();
        let offset = line + error.column().saturating_sub(1);
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or(&text);
        Diagnostic::error(codes::NOT_JSON, self.at(offset, offset + 1), what)
            .help("JSON has no comments, trailing commas or `NaN`")
    }
}

/// The keys and values of an object as they are written.
struct Entries<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(All)
    }
}
