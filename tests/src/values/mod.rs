//! Random messages that fit a type of a checked model, as JSON text: as a peer may send it, and in the form that encoders
//! write. Knows the model and the rules of the language, not the codec that is tested with it.

mod scalars;

use microagent_schema::model::{
    Constraints, DurationEncoding, Enum, Field, Model, Presence, Shape, Struct, Tagging, TypeKind,
    TypeRef, Union,
};

use self::scalars::{bytes, float, integer, json, number, quoted, string, timestamp, uuid};
use crate::random::Random;

/// How deep a message may nest before optional parts are left out.
const DEPTH: usize = 6;

/// How many of a hundred values of an open type are unknown.
const UNKNOWN: usize = 15;

/// A name that no contract has.
const NEVER_HEARD: &str = "never \"heard\"";

/// A message as a peer may send it, and as it is written when it was read.
#[derive(Clone, Debug)]
pub struct Message {
    /// Under any of the names that are read.
    pub sent: String,
    /// Under the names that are written.
    pub written: String,
}

/// A random value of a type, or nothing where no string of ours fits one of its patterns.
#[must_use]
pub fn value(model: &Model, ty: &TypeRef, random: &mut Random) -> Option<Message> {
    let seed = random.bits();
    // The same choices twice, which differ in the names alone.
    let text = |is_sent| {
        let values = Values {
            model,
            random: &mut Random::new(seed),
            is_sent,
            depth: 0,
        };
        { values }.any(ty)
    };
    Some(Message {
        sent: text(true)?,
        written: text(false)?,
    })
}

struct Values<'a> {
    model: &'a Model,
    random: &'a mut Random,
    /// Whether names are chosen that are only read.
    is_sent: bool,
    depth: usize,
}

impl Values<'_> {
    fn any(&mut self, ty: &TypeRef) -> Option<String> {
        if ty.optional && (self.depth > DEPTH || self.random.chance(30)) {
            return Some("null".to_owned());
        }
        self.present(ty)
    }

    fn present(&mut self, ty: &TypeRef) -> Option<String> {
        self.depth += 1;
        let text = self.shape(&ty.shape, &ty.constraints);
        self.depth -= 1;
        text
    }

    fn shape(&mut self, shape: &Shape, constraints: &Constraints) -> Option<String> {
        let random = &mut *self.random;
        Some(match shape {
            Shape::Bool => random.chance(50).to_string(),
            Shape::Integer { kind, text: false } => integer(*kind, constraints, random),
            Shape::Integer { kind, text: true } => {
                format!("\"{}\"", integer(*kind, constraints, random))
            }
            Shape::F32 => {
                ["0", "0.5", "-7", "0.1", "340000000000000000000000"][random.below(5)].to_owned()
            }
            Shape::F64 => float(constraints, random),
            Shape::String => string(constraints, random)?,
            Shape::Bytes(encoding) => bytes(*encoding, constraints, random),
            Shape::Uuid => uuid(random),
            Shape::Timestamp(encoding) => timestamp(*encoding, random),
            Shape::Date => {
                ["\"2024-02-29\"", "\"0001-01-01\"", "\"9999-12-31\""][random.below(3)].to_owned()
            }
            Shape::Duration(DurationEncoding::Iso8601) => {
                ["\"PT0S\"", "\"PT1.5S\"", "\"P1DT12H\""][random.below(3)].to_owned()
            }
            Shape::Duration(DurationEncoding::Seconds) => {
                ["0", "0.25", "90", "86400"][random.below(4)].to_owned()
            }
            Shape::Decimal { number } => {
                let digits =
                    ["0", "1.50", "-0.01", "79228162514264337593543950335"][random.below(4)];
                if *number {
                    digits.to_owned()
                } else {
                    format!("\"{digits}\"")
                }
            }
            Shape::Json => json(random, 0),
            Shape::List(of) => self.list(of, constraints)?,
            Shape::Map(of) => self.map(of, constraints)?,
            Shape::Named(id) => {
                let model = self.model;
                match &model[*id].kind {
                    TypeKind::Newtype(of) => self.present(of)?,
                    TypeKind::Struct(of) => object(self.fields(of)?),
                    TypeKind::Enum(of) => self.enum_value(of),
                    TypeKind::Union(of) => self.union(of)?,
                }
            }
        })
    }

    fn enum_value(&mut self, of: &Enum) -> String {
        let is_unknown = !of.closed && self.random.chance(UNKNOWN);
        let wire = &of.values[self.random.below(of.values.len())].wire;
        match (is_unknown, of.integer) {
            (true, true) => "-2147483648".to_owned(),
            (true, false) => quoted(NEVER_HEARD),
            (false, true) => wire.clone(),
            (false, false) => quoted(wire),
        }
    }

    fn count(&mut self, constraints: &Constraints) -> usize {
        let least = number(constraints.min.as_deref()).unwrap_or(0);
        let most = number(constraints.max.as_deref())
            .unwrap_or(least + 3)
            .min(least + 3);
        if self.depth > DEPTH {
            least
        } else {
            least + self.random.below(most - least + 1)
        }
    }

    fn list(&mut self, of: &TypeRef, constraints: &Constraints) -> Option<String> {
        let entries: Option<Vec<String>> =
            (0..self.count(constraints)).map(|_| self.any(of)).collect();
        Some(format!("[{}]", entries?.join(",")))
    }

    fn map(&mut self, of: &TypeRef, constraints: &Constraints) -> Option<String> {
        let mut entries = Vec::new();
        for n in 0..self.count(constraints) {
            entries.push((format!("key {n} \"é"), self.any(of)?));
        }
        Some(object(entries))
    }

    fn fields(&mut self, of: &Struct) -> Option<Vec<(String, String)>> {
        let mut entries = Vec::new();
        for field in &of.fields {
            self.field(field, &mut entries)?;
        }
        // Readers take keys in any order.
        if !entries.is_empty() {
            let turn = self.random.below(entries.len());
            entries.rotate_left(turn);
        }
        Some(entries)
    }

    fn field(&mut self, field: &Field, entries: &mut Vec<(String, String)>) -> Option<()> {
        let leave_out = self.depth > DEPTH || self.random.chance(40);
        let text = match &field.presence {
            Presence::Spread => {
                entries.extend(self.spread(&field.ty)?);
                return Some(());
            }
            Presence::Optional if leave_out => return Some(()),
            Presence::Nullable if leave_out => "null".to_owned(),
            Presence::Required if field.ty.optional => self.any(&field.ty)?,
            _ => self.present(&field.ty)?,
        };
        // A `json?` that is null is none, which is left out.
        if text == "null" && field.presence == Presence::Optional {
            return Some(());
        }
        // Null is the default of a field that has one.
        let null_is_default = matches!(field.presence, Presence::Default(_) | Presence::Asymmetric);
        let text = if text == "null" && null_is_default {
            "[]".to_owned()
        } else {
            text
        };
        self.named(field, text, entries);
        Some(())
    }

    /// The value under the name of its field, and under the names that are sent beside it.
    fn named(&mut self, field: &Field, text: String, entries: &mut Vec<(String, String)>) {
        let (other, beside) = (self.random.below(4), self.random.chance(50));
        let alias = field.aliases.get(other).filter(|_| self.is_sent);
        if !self.is_sent || beside {
            let beside = field.emits.iter().filter(|it| Some(*it) != alias);
            entries.extend(beside.map(|it| (it.clone(), text.clone())));
        }
        entries.push((alias.unwrap_or(&field.wire).clone(), text));
    }

    fn spread(&mut self, ty: &TypeRef) -> Option<Vec<(String, String)>> {
        let model = self.model;
        match &ty.shape {
            Shape::Map(of) => {
                let mut entries = Vec::new();
                for n in 0..self.random.below(3) {
                    entries.push((format!("other-{n}"), self.any(of)?));
                }
                Some(entries)
            }
            Shape::Named(id) => match &model[*id].kind {
                TypeKind::Struct(of) => self.fields(of),
                TypeKind::Union(of) => self.tagged(of, false),
                TypeKind::Newtype(of) => self.spread(of),
                TypeKind::Enum(_) => None,
            },
            _ => None,
        }
    }

    fn union(&mut self, of: &Union) -> Option<String> {
        if of.tagging != Tagging::External {
            return self.tagged(of, true).map(object);
        }
        if !of.closed && self.random.chance(UNKNOWN) {
            return Some(match self.random.below(2) {
                0 => quoted(NEVER_HEARD),
                _ => object(vec![(NEVER_HEARD.to_owned(), json(self.random, 0))]),
            });
        }
        let variant = &of.variants[self.random.below(of.variants.len())];
        match &variant.payload {
            None => Some(quoted(&variant.wire)),
            Some(payload) => Some(object(vec![(variant.wire.clone(), self.any(payload)?)])),
        }
    }

    /// A member whose tag stands in its object; what a map beside it may hold is not ours to know, so an unknown member
    /// has keys of its own only where it is alone.
    fn tagged(&mut self, of: &Union, is_alone: bool) -> Option<Vec<(String, String)>> {
        let is_unknown = !of.closed && self.random.chance(UNKNOWN);
        let variant = &of.variants[self.random.below(of.variants.len())];
        let mut entries = match (&of.tagging, &variant.payload) {
            (Tagging::Adjacent { content, .. }, _) if is_unknown => {
                vec![(content.clone(), json(self.random, 0))]
            }
            _ if is_unknown && is_alone => vec![("beside".to_owned(), json(self.random, 0))],
            _ if is_unknown => Vec::new(),
            (_, None) | (Tagging::External, _) => Vec::new(),
            (Tagging::Internal { .. }, Some(payload)) => self.spread(payload)?,
            (Tagging::Adjacent { content, .. }, Some(payload)) => {
                vec![(content.clone(), self.any(payload)?)]
            }
        };
        if let Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } = &of.tagging {
            let at = self.random.below(entries.len() + 1);
            let name = if is_unknown {
                NEVER_HEARD
            } else {
                &variant.wire
            };
            entries.insert(at, (tag.clone(), quoted(name)));
        }
        Some(entries)
    }
}

fn object(entries: Vec<(String, String)>) -> String {
    let entries = entries
        .into_iter()
        .map(|(key, value)| format!("{}:{value}", quoted(&key)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}
