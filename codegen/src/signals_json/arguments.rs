//! What a payload is to the Python library: named arguments, each with the JSON types that it may have. Knows nothing
//! of where they are written.

use std::fmt::Write as _;

use microagent_schema::model::{
    BytesEncoding, DurationEncoding, Field, Model, Presence, Shape, Struct, Tagging,
    TimestampEncoding, TypeId, TypeKind, TypeRef, Union,
};

/// The types in the order in which they are written, by their bits.
const NAMES: [&str; 6] = ["string", "number", "boolean", "array", "object", "null"];

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    const STRING: Self = Self(1);
    const NUMBER: Self = Self(2);
    const BOOLEAN: Self = Self(4);
    const ARRAY: Self = Self(8);
    const OBJECT: Self = Self(16);
    const NULL: Self = Self(32);
    /// Anything: an argument without a type.
    pub(super) const ANY: Self = Self(63);

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a receiver in Python can return it: an integer or a string, and `True` is an integer to it.
    pub(super) fn is_answer(self) -> bool {
        self.0 & (Self::ARRAY.0 | Self::OBJECT.0) == 0
    }

    /// `"string"`, or a list where there are several.
    pub(super) fn written(self) -> String {
        let chosen = (0..).zip(NAMES).filter(|(bit, _)| self.0 & 1 << bit != 0);
        let names: Vec<String> = chosen.map(|(_, name)| format!("\"{name}\"")).collect();
        match names.as_slice() {
            [single] => single.clone(),
            several => format!("[{}]", several.join(", ")),
        }
    }
}

/// The arguments that may stand in a payload, each once, in order of declaration.
pub(super) fn arguments(model: &Model, payload: &TypeRef) -> Vec<(String, Types)> {
    let mut found = Found {
        model,
        arguments: Vec::new(),
        inside: Vec::new(),
    };
    found.of_type(payload);
    found.arguments
}

/// The JSON types of the values of a type.
pub(super) fn types(model: &Model, ty: &TypeRef) -> Types {
    let null = if ty.optional { Types::NULL } else { Types(0) };
    let own = match &ty.shape {
        Shape::Bool => Types::BOOLEAN,
        Shape::Integer { text: false, .. }
        | Shape::F32
        | Shape::F64
        | Shape::Decimal { number: true }
        | Shape::Duration(DurationEncoding::Seconds)
        | Shape::Timestamp(TimestampEncoding::UnixSeconds | TimestampEncoding::UnixMilliseconds) => {
            Types::NUMBER
        }
        Shape::Integer { text: true, .. }
        | Shape::String
        | Shape::Bytes(BytesEncoding::Base64 | BytesEncoding::Hex)
        | Shape::Uuid
        | Shape::Timestamp(TimestampEncoding::Rfc3339)
        | Shape::Date
        | Shape::Duration(DurationEncoding::Iso8601)
        | Shape::Decimal { number: false } => Types::STRING,
        Shape::Json => Types::ANY,
        Shape::List(_) => Types::ARRAY,
        Shape::Map(_) => Types::OBJECT,
        Shape::Named(id) => match &model[*id].kind {
            TypeKind::Struct(_) => Types::OBJECT,
            TypeKind::Enum(it) if it.integer => Types::NUMBER,
            TypeKind::Enum(_) => Types::STRING,
            TypeKind::Union(it) => of_union(it),
            TypeKind::Newtype(inner) => types(model, inner),
        },
    };
    own.or(null)
}

/// A member without payload is its name in a string.
fn of_union(union: &Union) -> Types {
    let external = union.tagging == Tagging::External;
    let units = union.variants.iter().filter(|it| it.payload.is_none());
    match (external, units.count()) {
        (false, _) | (true, 0) => Types::OBJECT,
        (true, units) if units == union.variants.len() => Types::STRING,
        (true, _) => Types::OBJECT.or(Types::STRING),
    }
}

fn of_field(model: &Model, field: &Field) -> Types {
    let nullable = matches!(field.presence, Presence::Optional | Presence::Nullable);
    let null = if nullable { Types::NULL } else { Types(0) };
    types(model, &field.ty).or(null)
}

struct Found<'m> {
    model: &'m Model,
    arguments: Vec<(String, Types)>,
    /// The types around: a union by tag may come back to itself.
    inside: Vec<TypeId>,
}

impl<'m> Found<'m> {
    fn of_type(&mut self, ty: &'m TypeRef) {
        let Shape::Named(id) = ty.shape else {
            // The keys of a map are not known.
            return;
        };
        if self.inside.contains(&id) {
            return;
        }
        self.inside.push(id);
        match &self.model[id].kind {
            TypeKind::Struct(it) => self.of_struct(it),
            TypeKind::Union(it) => self.of_members(it),
            TypeKind::Newtype(inner) => self.of_type(inner),
            TypeKind::Enum(_) => {}
        }
        self.inside.pop();
    }

    fn of_struct(&mut self, it: &'m Struct) {
        for field in &it.fields {
            if field.presence == Presence::Spread {
                self.of_type(&field.ty);
                continue;
            }
            let types = of_field(self.model, field);
            for key in std::iter::once(&field.wire).chain(&field.emits) {
                self.add(key, types);
            }
        }
    }

    fn of_members(&mut self, union: &'m Union) {
        if let Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } = &union.tagging {
            self.add(tag, Types::STRING);
        }
        for variant in &union.variants {
            let Some(payload) = &variant.payload else {
                continue;
            };
            match &union.tagging {
                Tagging::External => self.add(&variant.wire, types(self.model, payload)),
                Tagging::Internal { .. } => self.of_type(payload),
                Tagging::Adjacent { content, .. } => self.add(content, types(self.model, payload)),
            }
        }
    }

    fn add(&mut self, name: &str, types: Types) {
        match self.arguments.iter_mut().find(|(it, _)| it == name) {
            Some((_, known)) => *known = known.or(types),
            None => self.arguments.push((name.to_owned(), types)),
        }
    }
}

/// A text as a JSON literal.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            control if control.is_control() => {
                write!(literal, "\\u{:04x}", u32::from(control)).expect("a string takes all");
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}
