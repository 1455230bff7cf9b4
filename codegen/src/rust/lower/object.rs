//! Structs: fields, what the codec is told of them, and the constructor.

use microagent_schema::model::{Field, Presence, Shape, Struct, TypeDecl};

use super::checks::Checks;
use super::scope::Scope;
use super::{describe, head, layout, types, value};
use crate::docs;
use crate::ident::{ident, pascal};
use crate::literal;
use crate::rust::view;

/// More than this many fields of `bool` are too many for clippy; what a message says is the schema's to decide.
const BOOLS: usize = 3;
/// So many rows the codec's table takes at once.
const GROUP: usize = 16;

pub(crate) fn lower(
    scope: &Scope<'_>,
    declaration: &TypeDecl,
    object: &Struct,
    checks: &mut Checks,
) -> view::Object {
    let is_redacted = object.fields.iter().any(|it| it.sensitive);
    let name = ident(&declaration.name);
    view::Object {
        head: head_of(scope, declaration, object),
        fields: object.fields.iter().map(|it| member(scope, it)).collect(),
        rows: rows(scope, &declaration.name, object, checks),
        constructor: constructor(scope, &object.fields),
        redacted: if is_redacted {
            redacted(&object.fields)
        } else {
            String::new()
        },
        name,
    }
}

fn head_of(scope: &Scope<'_>, declaration: &TypeDecl, object: &Struct) -> Vec<String> {
    let package = &scope.this().name;
    let mut head = head::of(
        &declaration.meta,
        &format!("Struct `{}` of package `{package}`.", declaration.name),
    );
    let bools = object
        .fields
        .iter()
        .filter(|it| it.ty.shape == Shape::Bool && !is_option(it))
        .count();
    if bools > BOOLS {
        head.extend(head::allow(
            "clippy::struct_excessive_bools",
            "they are what the message says",
        ));
    }
    let derives: &[&str] = if object.fields.iter().any(|it| it.sensitive) {
        &["Clone", "PartialEq"]
    } else {
        &["Clone", "Debug", "PartialEq"]
    };
    head.extend(head::derive(derives, &declaration.derives));
    head
}

fn is_option(field: &Field) -> bool {
    matches!(
        field.presence,
        Presence::Optional | Presence::Nullable | Presence::Asymmetric
    )
}

fn member(scope: &Scope<'_>, field: &Field) -> view::Member {
    view::Member {
        head: head::of(&field.meta, &describe::field(scope.model, field)),
        text: layout::field(&ident(&field.name), &field_type(scope, field)),
    }
}

/// The type of what is there, boxed where it must be.
fn given_type(scope: &Scope<'_>, field: &Field) -> String {
    let inner = types::inner_type(scope, &field.ty.shape);
    if field.boxed {
        types::boxed(&inner)
    } else {
        inner
    }
}

fn field_type(scope: &Scope<'_>, field: &Field) -> String {
    let inner = given_type(scope, field);
    if is_option(field) {
        types::optional(&inner)
    } else {
        inner
    }
}

/// The rows of the codec's table: fields, in groups where there are many, then spreads.
fn rows(scope: &Scope<'_>, owner: &str, object: &Struct, checks: &mut Checks) -> Vec<String> {
    let (spreads, fields): (Vec<&Field>, Vec<&Field>) = object
        .fields
        .iter()
        .partition(|it| it.presence == Presence::Spread);
    let mut lower = |it: Vec<&Field>| -> Vec<String> {
        it.into_iter()
            .map(|it| row(scope, owner, it, checks))
            .collect()
    };
    let mut rows = lower(fields);
    // Groups of rows, and groups of groups: 16 times 16 times 16 is more than a struct may have.
    while rows.len() > GROUP {
        let groups = rows
            .chunks(GROUP)
            .map(|it| format!("{{ {} }}", it.join("\n          ")));
        rows = groups.collect();
    }
    rows.extend(lower(spreads));
    rows
}

/// `"replyTo" | "reply" => reply_to: ::core::option::Option<Email>, Optional;`
fn row(scope: &Scope<'_>, owner: &str, field: &Field, checks: &mut Checks) -> String {
    let name = format!("{owner}{}", pascal(&field.name));
    let identifier = ident(&field.name);
    let kind = match &field.presence {
        Presence::Spread => {
            return format!("..{identifier}: {};", spread(scope, field, &name, checks));
        }
        Presence::Required => "Required",
        Presence::Optional => "Optional",
        Presence::Nullable => "OrNull",
        Presence::Default(_) => "Defaulted",
        Presence::Asymmetric => "Asymmetric",
    };
    let codec =
        field_codec(scope, field, &name, checks).map_or_else(String::new, |it| format!("<{it}>"));
    let default = match &field.presence {
        Presence::Default(_) => format!(" = {}", default(scope, field)),
        _ => String::new(),
    };
    let ty = field_type(scope, field);
    format!(
        "{} => {identifier}: {ty}, {kind}{codec}{default};",
        keys(field)
    )
}

/// `"wire" | "alias" & "alias and emitted" + "emitted"`
fn keys(field: &Field) -> String {
    let mut keys = literal::string(&field.wire);
    let both = |it: &String| field.emits.contains(it) && field.aliases.contains(it);
    let marks = [
        (
            " | ",
            field
                .aliases
                .iter()
                .filter(|it| !both(it))
                .collect::<Vec<_>>(),
        ),
        (" & ", field.aliases.iter().filter(|it| both(it)).collect()),
        (" + ", field.emits.iter().filter(|it| !both(it)).collect()),
    ];
    for (mark, names) in marks {
        for name in names {
            keys.push_str(mark);
            keys.push_str(&literal::string(name));
        }
    }
    keys
}

fn field_codec(
    scope: &Scope<'_>,
    field: &Field,
    name: &str,
    checks: &mut Checks,
) -> Option<String> {
    let codec = types::inner_codec(scope, &field.ty, name, checks);
    if field.sensitive {
        return Some(format!("__rt::Redacted<{}>", types::plain_unless(codec)));
    }
    codec
}

/// The type whose keys stand in the object around it, or the codec of a map's.
fn spread(scope: &Scope<'_>, field: &Field, name: &str, checks: &mut Checks) -> String {
    match &field.ty.shape {
        Shape::Map(entry) => format!(
            "__rt::Map<{}>",
            types::codec(scope, entry, &format!("{name}Entry"), checks)
        ),
        shape => types::inner_type(scope, shape),
    }
}

fn default(scope: &Scope<'_>, field: &Field) -> String {
    let Presence::Default(value) = &field.presence else {
        return "::core::option::Option::None".to_owned();
    };
    let value = value::default(scope, &field.ty, value, &field.name);
    if field.boxed {
        format!("::std::boxed::Box::new({value})")
    } else {
        value
    }
}

fn constructor(scope: &Scope<'_>, fields: &[Field]) -> view::Constructor {
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    for field in fields {
        let name = ident(&field.name);
        match (&field.presence, &field.ty.shape) {
            (Presence::Spread, Shape::Map(_)) => {
                values.push(format!("{name}: __rt::BTreeMap::new()"));
            }
            (Presence::Required | Presence::Spread | Presence::Asymmetric, _) => {
                parameters.push(format!("{name}{}", parameter(scope, field)));
            }
            _ => values.push(format!("{name}: {}", default(scope, field))),
        }
    }
    view::Constructor {
        is_default: parameters.is_empty(),
        parameters,
        values: layout::filled(8, values.into_iter().map(|it| format!("{it},"))),
    }
}

/// What follows a parameter's name: its type, after `as` where anything that becomes it will do, after an arrow or a
/// bar where the field is an `Option` of it.
fn parameter(scope: &Scope<'_>, field: &Field) -> String {
    let ty = given_type(scope, field);
    let is_into = field.boxed || field.ty.shape == Shape::String;
    match (field.presence == Presence::Asymmetric, is_into) {
        (false, false) => format!(": {ty}"),
        (false, true) => format!(" as {ty}"),
        (true, false) => format!(" => {ty}"),
        (true, true) => format!(" | {ty}"),
    }
}

fn redacted(fields: &[Field]) -> String {
    let fields = fields.iter().map(|it| {
        let shown = if it.sensitive { "redacted" } else { "shown" };
        format!("{}: {shown}", ident(&it.name))
    });
    fields.collect::<Vec<_>>().join(", ")
}

/// The line that documents a parameter or member without docs of its own.
pub(crate) fn described(name: &str, text: &str) -> String {
    docs::line(&docs::code(&format!("{name}: {text}")))
}
