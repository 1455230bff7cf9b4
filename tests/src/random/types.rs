//! Random declarations of enums, unions and newtypes, with a value of each for defaults and examples. Knows the
//! language's text only.

use std::collections::BTreeSet;

use super::names::member;
use super::objects::Body;
use super::{Declared, Kind, Schema};

impl Schema {
    pub(super) fn declare_type(&mut self) {
        self.decorate("");
        match self.random.below(11) {
            0..=3 => self.declare_struct(),
            4 => self.declare_string_enum(),
            5 => self.declare_integer_enum(),
            6 => self.declare_external_union(),
            7 | 8 => self.declare_tagged_union(),
            9 if self.random.chance(30) => self.declare_derived(),
            _ => self.declare_newtype(),
        }
    }

    pub(super) fn declared(&mut self, declared: Declared) {
        self.types.push(declared);
    }

    fn declared_as(&mut self, name: String, kind: Kind, sample: String) {
        self.declared(Declared {
            name,
            kind,
            sample,
            keys: BTreeSet::new(),
            fields: Vec::new(),
        });
    }

    fn closed(&mut self) -> &'static str {
        if self.random.chance(45) {
            "closed "
        } else {
            ""
        }
    }

    fn declare_string_enum(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let mut used = BTreeSet::new();
        let mut sample = String::new();
        let mut values = Vec::new();
        let most = if self.random.chance(2) { 100 } else { 5 };
        for _ in 0..=self.random.below(most) {
            let value = member(&mut self.random, &mut used);
            let (text, wire) = match self.random.below(4) {
                0 => (
                    format!("\"{value}\\\"# é\" as {value}"),
                    format!("\"{value}\\\"# é\""),
                ),
                _ => (value.clone(), format!("\"{value}\"")),
            };
            values.push(text);
            sample = wire;
        }
        let closed = self.closed();
        let values = values.join(", ");
        self.example(&sample);
        self.line(&format!("{closed}enum {name} {{ {values} }}\n"));
        let kind = match closed {
            "" => Kind::StringEnum,
            _ => Kind::ClosedEnum,
        };
        self.declared_as(name, kind, sample);
    }

    fn declare_integer_enum(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let mut used = BTreeSet::new();
        let mut values = Vec::new();
        for number in 0..=self.random.below(5) {
            let value = member(&mut self.random, &mut used);
            let number = i64::try_from(number).unwrap_or(0) * 7 - 7;
            values.push(format!("{number} as {value}"));
        }
        let closed = self.closed();
        let values = values.join(", ");
        self.line(&format!("{closed}enum {name} {{ {values} }}\n"));
        self.declared_as(name, Kind::IntegerEnum, "-7".to_owned());
    }

    fn declare_external_union(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let mut used = BTreeSet::new();
        let (mut members, mut units) = (Vec::new(), 0);
        let mut sample = String::new();
        for _ in 0..=self.random.below(4) {
            let variant = member(&mut self.random, &mut used);
            let (text, value) = match self.random.below(4) {
                0 => {
                    units += 1;
                    sample = format!("\"{variant}\"");
                    members.push(variant);
                    continue;
                }
                1 => {
                    let body = self.small_body();
                    (
                        format!("{variant} {{ {} }}", body.text(", ")),
                        body.sample(),
                    )
                }
                2 => {
                    let text = format!("\"{variant} é\" as {variant}: [u8](min: 1)");
                    sample = format!("{{ \"{variant} é\": [1] }}");
                    members.push(text);
                    continue;
                }
                _ => {
                    let (of, value) = self.payload_sample();
                    (format!("{variant}: {of}"), value)
                }
            };
            members.push(text);
            sample = format!("{{ \"{variant}\": {value} }}");
        }
        let closed = self.closed();
        let members = members.join(", ");
        self.line(&format!("{closed}union {name} {{ {members} }}\n"));
        let kind = if units == 0 {
            Kind::Payloads
        } else {
            Kind::External
        };
        self.declared_as(name, kind, sample);
    }

    fn small_body(&mut self) -> Body {
        let mut body = Body::default();
        for _ in 0..self.random.below(3) {
            self.field(&mut body, None);
        }
        body
    }

    fn declare_tagged_union(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let adjacent = self.random.chance(40);
        let mut keys: BTreeSet<String> = ["$tag".to_owned()].into();
        let mut used = BTreeSet::new();
        let (mut members, mut sample) = (Vec::new(), String::new());
        for _ in 0..=self.random.below(4) {
            let variant = member(&mut self.random, &mut used);
            let (text, value) = if adjacent {
                self.adjacent_member(&variant)
            } else {
                self.internal_member(&variant, &mut keys)
            };
            members.push(text);
            sample = value;
        }
        let closed = self.closed();
        if adjacent {
            keys.insert("$data".to_owned());
        } else if closed.is_empty() {
            keys.insert("*".to_owned());
        }
        let members = members.join(", ");
        let (by, kind) = if adjacent {
            ("\"$tag\", \"$data\"", Kind::Adjacent)
        } else {
            ("\"$tag\"", Kind::Internal)
        };
        self.line(&format!("{closed}union {name} by {by} {{ {members} }}\n"));
        self.declared(Declared {
            name,
            kind,
            sample,
            keys,
            fields: Vec::new(),
        });
    }

    /// The text of a member, and a value of the union that is this one.
    fn adjacent_member(&mut self, variant: &str) -> (String, String) {
        let tag = format!("\"$tag\": \"{variant}\"");
        match self.random.below(3) {
            0 => (variant.to_owned(), format!("{{ {tag} }}")),
            1 => {
                let (of, value) = self.payload_sample();
                let sample = format!("{{ {tag}, \"$data\": {value} }}");
                (format!("{variant}: {of}"), sample)
            }
            _ => {
                let body = self.small_body();
                let sample = format!("{{ {tag}, \"$data\": {} }}", body.sample());
                (format!("{variant} {{ {} }}", body.text(", ")), sample)
            }
        }
    }

    fn internal_member(&mut self, variant: &str, keys: &mut BTreeSet<String>) -> (String, String) {
        let tag = format!("\"{variant}\"");
        let structs = self.of_kind(Kind::Struct);
        let of = structs.get(self.random.below(structs.len())).cloned();
        match (self.random.below(4), of) {
            (0, _) => (variant.to_owned(), format!("{{ \"$tag\": {tag} }}")),
            (1, Some(of)) => {
                keys.extend(of.keys);
                let inside = of.sample.trim_start_matches('{').trim_end_matches('}');
                let sample = match inside.trim() {
                    "" => format!("{{ \"$tag\": \"{variant}.x\" }}"),
                    inside => format!("{{ \"$tag\": \"{variant}.x\", {inside} }}"),
                };
                (format!("\"{variant}.x\" as {variant}: {}", of.name), sample)
            }
            (2, _) => {
                let mut body = Body::default();
                body.keys.insert("$tag".to_owned());
                self.spread(&mut body);
                self.field(&mut body, None);
                let (text, sample) = (body.text(", "), body.tagged(&tag));
                keys.append(&mut body.keys);
                (format!("{variant} {{ {text} }}"), sample)
            }
            _ => {
                let mut body = self.small_body();
                let (text, sample) = (body.text(", "), body.tagged(&tag));
                keys.append(&mut body.keys);
                (format!("{variant} {{ {text} }}"), sample)
            }
        }
    }

    fn declare_newtype(&mut self) {
        let name = self.names.pascal(&mut self.random);
        let (of, sample) = self.newtype_of();
        self.example(&sample);
        self.line(&format!("type {name} = {of};\n"));
        self.declared_as(name, Kind::Newtype, sample);
    }
}
