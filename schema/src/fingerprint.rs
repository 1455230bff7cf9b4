//! One number for the wire contract of a package, so that two builds can tell whether they speak of the same: FNV-1a
//! over a canonical text of names, shapes and options, with the types of other packages that it uses.
//!
//! Invariants: docs, comments, agents, names that exist in Rust alone and the order of declarations and members change
//! nothing; the text is the same on every machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::check::graph;
use crate::model;
use crate::model::Json;
use crate::model::Model;
use crate::model::PackageId;
use crate::model::Presence;
use crate::model::RoutingWord;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeId;
use crate::model::TypeKind;
use crate::model::TypeRef;

/// Sets the fingerprint of every package.
pub(crate) fn apply(model: &mut Model) {
    let types: Vec<u64> = model
        .types
        .iter()
        .map(|ty| hash(&type_text(model, &ty.kind)))
        .collect();
    let mut lines: Vec<Vec<String>> = model.packages.iter().map(|_| Vec::new()).collect();
    let mut roots: Vec<Vec<TypeId>> = model.packages.iter().map(|_| Vec::new()).collect();
    for ty in &model.types {
        roots[ty.package.0 as usize].push(ty.id);
    }
    channel_lines(model, &mut lines, &mut roots);
    for (package, (mut lines, roots)) in lines.into_iter().zip(roots).enumerate() {
        for (name, ty) in reached(model, roots) {
            lines.push(format!("type {name} {:016x}", types[ty.0 as usize]));
        }
        lines.sort_unstable();
        model.packages[package].fingerprint = hash(&lines.join("\n"));
    }
}

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// All types that some types lead to, by their full names.
fn reached(model: &Model, roots: Vec<TypeId>) -> BTreeMap<String, TypeId> {
    let mut reached = BTreeMap::new();
    let mut open = roots;
    while let Some(id) = open.pop() {
        if reached.insert(full_name(model, id), id).is_none() {
            open.extend(
                graph::references(&model[id].kind)
                    .into_iter()
                    .filter_map(graph::named),
            );
        }
    }
    reached
}

fn full_name(model: &Model, id: TypeId) -> String {
    let ty = &model[id];
    format!("{}.{}", model[ty.package].name, ty.name)
}

/// A text with its length before it, so that no two lists of texts look alike.
fn quoted(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn sorted(mut parts: Vec<String>) -> String {
    parts.sort_unstable();
    parts.join(",")
}

fn quoted_all(texts: &[String]) -> String {
    sorted(texts.iter().map(|text| quoted(text)).collect())
}

fn reference_text(model: &Model, ty: &TypeRef) -> String {
    let mut text = match &ty.shape {
        Shape::List(inner) => format!("[{}]", reference_text(model, inner)),
        Shape::Map(inner) => format!("{{{}}}", reference_text(model, inner)),
        Shape::Named(id) => full_name(model, *id),
        Shape::Bool => "bool".to_owned(),
        Shape::Integer { kind, text } => format!("{kind:?}/{text}"),
        Shape::F32 => "f32".to_owned(),
        Shape::F64 => "f64".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Bytes(encoding) => format!("bytes/{encoding:?}"),
        Shape::Uuid => "uuid".to_owned(),
        Shape::Timestamp(encoding) => format!("timestamp/{encoding:?}"),
        Shape::Date => "date".to_owned(),
        Shape::Duration(encoding) => format!("duration/{encoding:?}"),
        Shape::Decimal { number } => format!("decimal/{number}"),
        Shape::Json => "json".to_owned(),
    };
    let constraints = &ty.constraints;
    let parts = [
        ("min", &constraints.min),
        ("max", &constraints.max),
        ("pattern", &constraints.pattern),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            let _ = write!(text, "({name}={})", quoted(value));
        }
    }
    if let Some(format) = constraints.format {
        let _ = write!(text, "(format={format:?})");
    }
    if ty.optional {
        text.push('?');
    }
    text
}

fn type_text(model: &Model, kind: &TypeKind) -> String {
    match kind {
        TypeKind::Newtype(ty) => format!("newtype {}", reference_text(model, ty)),
        TypeKind::Struct(it) => {
            let fields = it.fields.iter().map(|field| field_text(model, field));
            format!("struct {}", sorted(fields.collect()))
        }
        TypeKind::Enum(it) => {
            let values = it.values.iter().map(|value| quoted(&value.wire));
            format!(
                "enum {} {} {}",
                it.closed,
                it.integer,
                sorted(values.collect())
            )
        }
        TypeKind::Union(it) => {
            let members = it.variants.iter().map(|variant| {
                let payload = variant
                    .payload
                    .as_ref()
                    .map(|payload| reference_text(model, payload));
                format!("{} {}", quoted(&variant.wire), payload.unwrap_or_default())
            });
            let tagging = match &it.tagging {
                Tagging::External => "external".to_owned(),
                Tagging::Internal { tag } => format!("internal {}", quoted(tag)),
                Tagging::Adjacent { tag, content } => {
                    format!("adjacent {} {}", quoted(tag), quoted(content))
                }
            };
            format!(
                "union {} {tagging} {}",
                it.closed,
                sorted(members.collect())
            )
        }
    }
}

fn field_text(model: &Model, field: &model::Field) -> String {
    let presence = match &field.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Nullable => "nullable".to_owned(),
        Presence::Default(value) => format!("default {}", json_text(value)),
        Presence::Asymmetric => "asymmetric".to_owned(),
        Presence::Spread => "spread".to_owned(),
    };
    format!(
        "{} {} {presence} alias({}) emit({})",
        quoted(&field.wire),
        reference_text(model, &field.ty),
        quoted_all(&field.aliases),
        quoted_all(&field.emits)
    )
}

fn json_text(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(it) => it.to_string(),
        Json::Number(digits) => digits.clone(),
        Json::String(text) => quoted(text),
        Json::List(items) => {
            let items: Vec<String> = items.iter().map(json_text).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}={}", quoted(key), json_text(value)));
            format!("{{{}}}", sorted(entries.collect()))
        }
    }
}

/// One line per signal, call, queue and exchange, and the types they carry.
fn channel_lines(model: &Model, lines: &mut [Vec<String>], roots: &mut [Vec<TypeId>]) {
    let signals = model.signals.iter().map(|it| signal_line(model, it));
    let calls = model.calls.iter().map(|it| call_line(model, it));
    let queues = model.queues.iter().map(|it| queue_line(model, it));
    let exchanges = model.exchanges.iter().map(|it| exchange_line(model, it));
    for (package, line, used) in signals.chain(calls).chain(queues).chain(exchanges) {
        lines[package.0 as usize].push(line);
        roots[package.0 as usize].extend(used.into_iter().filter_map(graph::named));
    }
}

/// The package of a declaration, its text, and the types in it.
type Line<'m> = (PackageId, String, Vec<&'m TypeRef>);

fn signal_line<'m>(model: &'m Model, it: &'m model::Signal) -> Line<'m> {
    let line = format!(
        "signal {} {} -> {} {:?}",
        quoted(&it.wire),
        optional_text(model, it.payload.as_ref()),
        optional_text(model, it.reply.as_ref()),
        it.deadline
    );
    (
        it.package,
        line,
        it.payload.iter().chain(&it.reply).collect(),
    )
}

fn call_line<'m>(model: &'m Model, it: &'m model::Call) -> Line<'m> {
    let line = format!(
        "call {} {} -> {} throws {} {:?}",
        quoted(&it.wire),
        optional_text(model, it.payload.as_ref()),
        reference_text(model, &it.reply),
        optional_text(model, it.throws.as_ref()),
        it.deadline
    );
    let used = it.payload.iter().chain([&it.reply]).chain(&it.throws);
    (it.package, line, used.collect())
}

fn queue_line<'m>(model: &'m Model, it: &'m model::Queue) -> Line<'m> {
    let payload = reference_text(model, &it.payload);
    let line = format!(
        "queue {} {payload} {}",
        quoted(&it.wire),
        queue_text(model, it)
    );
    (it.package, line, vec![&it.payload])
}

fn exchange_line<'m>(model: &'m Model, it: &'m model::Exchange) -> Line<'m> {
    let (routing, mut used) = routing_text(model, it);
    let payload = reference_text(model, &it.payload);
    let line = format!("exchange {} {payload} {routing}", quoted(&it.wire));
    used.push(&it.payload);
    (it.package, line, used)
}

fn optional_text(model: &Model, ty: Option<&TypeRef>) -> String {
    ty.map_or_else(|| "-".to_owned(), |ty| reference_text(model, ty))
}

fn queue_text(model: &Model, it: &model::Queue) -> String {
    let options = &it.options;
    let binding = it.binding.as_ref().map_or_else(String::new, |binding| {
        let exchange = quoted(&model[binding.exchange].wire);
        format!(
            "on {exchange} {}",
            quoted(binding.pattern.as_deref().unwrap_or(""))
        )
    });
    let key: Vec<String> = options.key.iter().map(|field| quoted(field)).collect();
    let dead_letter = options.dead_letter.map(|id| quoted(&model[id].wire));
    format!(
        "{binding} key({}) {} {:?} {:?} {:?} {:?} {:?} {dead_letter:?} {:?}",
        key.join(","),
        options.ordered,
        options.partitions,
        options.ttl,
        options.max_length,
        options.overflow,
        options.max_priority,
        options.durable
    )
}

fn routing_text<'m>(model: &'m Model, it: &'m model::Exchange) -> (String, Vec<&'m TypeRef>) {
    let mut text = String::new();
    let mut used = Vec::new();
    for word in it.routing.iter().flat_map(|routing| &routing.words) {
        match word {
            RoutingWord::Literal(literal) => {
                let _ = write!(text, " {}", quoted(literal));
            }
            RoutingWord::Parameter { ty, .. } => {
                let _ = write!(text, " {{{}}}", reference_text(model, ty));
                used.push(ty);
            }
        }
    }
    (text, used)
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;

    const BASE: &str = "package p;
        struct Mail { to: string(max: 9), body: string = \"\", plan: Plan? }
        enum Plan { free, pro }
        queue mailer: Mail with { ttl: 7d };
        signal started;";

    fn fingerprint(text: &str) -> u64 {
        let input = crate::Input {
            root: 0,
            path: "p.mag".to_owned(),
            shown: "p.mag".to_owned(),
            text: Ok(text.as_bytes().to_vec()),
        };
        let analysis = crate::analyze(vec![input], &Limits::default());
        let model = analysis
            .model
            .unwrap_or_else(|| panic!("{:?}", analysis.diagnostics));
        model.packages[0].fingerprint
    }

    #[test]
    fn is_the_same_on_every_machine() {
        assert_eq!(super::hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::hash("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn does_not_see_what_is_not_on_the_wire() {
        let same = [
            ("signal started;", "/// Docs.\nsignal started; // comment"),
            ("free, pro", "pro, free"),
            ("free, pro", "free, \"pro\" as best"),
            (
                "to: string(max: 9), body: string = \"\"",
                "body: string = \"\", to: string(max: 9)",
            ),
            (
                "signal started;",
                "signal started; agent A { receive started; }",
            ),
            ("to: string", "@sensitive @deprecated to: string"),
        ];
        for (from, to) in same {
            assert!(BASE.contains(from), "{from}");
            assert_eq!(
                fingerprint(BASE),
                fingerprint(&BASE.replace(from, to)),
                "{to}"
            );
        }
    }

    #[test]
    fn sees_names_shapes_and_options() {
        let different = [
            ("max: 9", "max: 8"),
            ("body: string", "text: string"),
            ("string = \"\"", "string = \"-\""),
            ("Plan?", "Plan? = null"),
            ("free, pro", "free, pro, gold"),
            ("enum Plan", "closed enum Plan"),
            ("ttl: 7d", "ttl: 8d"),
            ("signal started", "signal stopped"),
            ("signal started;", "signal started { at: timestamp }"),
            ("package p", "package p with { wire: flat }"),
        ];
        for (from, to) in different {
            assert!(BASE.contains(from), "{from}");
            assert_ne!(
                fingerprint(BASE),
                fingerprint(&BASE.replace(from, to)),
                "{to}"
            );
        }
    }
}
