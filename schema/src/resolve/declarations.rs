//! Structs, enums, unions and newtypes: from what was written to the model, member by member. Knows nothing of channels.

use std::collections::HashMap;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeId;
use crate::model::TypeKind;
use crate::resolve::annotations;
use crate::resolve::bodies;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::draft::reference;
use crate::resolve::rust_name;
use crate::resolve::types;
use crate::span::Span;

/// Resolves one declared type.
pub(crate) fn resolve<'a>(draft: &mut Draft<'a>, site: Site, item: &'a ast::Item, id: TypeId) {
    let mut read = annotations::read(draft, &item.attributes, annotations::TYPE);
    let span = draft.model[id].span;
    annotations::examples(draft, &mut read, &reference(Shape::Named(id), span));
    let kind = match &item.kind {
        ast::ItemKind::Struct(it) => TypeKind::Struct(bodies::resolve(draft, site, &it.body)),
        ast::ItemKind::Enum(it) => TypeKind::Enum(resolve_enum(draft, it)),
        ast::ItemKind::Union(it) => TypeKind::Union(resolve_union(draft, site, it)),
        ast::ItemKind::Alias(it) => TypeKind::Newtype(types::resolve(draft, site, &it.ty)),
        _ => return,
    };
    let declaration = &mut draft.model.types[id.0 as usize];
    declaration.kind = kind;
    declaration.meta = read.meta;
    declaration.derives = read.derives;
}

fn resolve_enum(draft: &mut Draft<'_>, it: &ast::Enum) -> model::Enum {
    let mut resolved = model::Enum {
        closed: it.closed.is_some(),
        integer: is_integer(it),
        values: Vec::new(),
        reserved: Vec::new(),
    };
    for member in &it.members {
        match &member.kind {
            ast::EnumMemberKind::Value(name) => {
                let read = annotations::read(draft, &member.attributes, annotations::VALUE);
                check_value_kind(draft, name, resolved.integer);
                let rust = rust_name::pascal(draft, name)
                    .unwrap_or_else(|| format!("?{}", name.span.start));
                resolved.values.push(model::EnumValue {
                    wire: value_wire(name),
                    name: rust,
                    meta: read.meta,
                    span: name.span,
                });
            }
            ast::EnumMemberKind::Reserved(reserved) => {
                annotations::read(draft, &member.attributes, annotations::RESERVED);
                for name in &reserved.names {
                    check_value_kind(draft, name, resolved.integer);
                }
                resolved
                    .reserved
                    .extend(bodies::reserved_names(draft, reserved));
            }
        }
    }
    check_not_empty(draft, resolved.values.len(), &it.name);
    let members = resolved
        .values
        .iter()
        .map(|value| (value.wire.as_str(), value.span));
    check_members(draft, members.collect(), &resolved.reserved);
    resolved
}

/// Whether the first value is an integer.
fn is_integer(it: &ast::Enum) -> bool {
    it.members.iter().find_map(|member| match &member.kind {
        ast::EnumMemberKind::Value(name) => Some(matches!(name.written, ast::Written::Integer(_))),
        ast::EnumMemberKind::Reserved(_) => None,
    }) == Some(true)
}

/// Digits without a superfluous sign, so that `-0` is `0`.
fn value_wire(name: &ast::Name) -> String {
    match &name.written {
        ast::Written::Integer(digits) => digits
            .parse::<i64>()
            .map_or_else(|_| digits.clone(), |number| number.to_string()),
        _ => rust_name::wire(name).to_owned(),
    }
}

fn check_value_kind(draft: &mut Draft<'_>, name: &ast::Name, integer: bool) {
    let diagnostic = match &name.written {
        ast::Written::Integer(digits) if integer && digits.parse::<i64>().is_err() => {
            Diagnostic::error(
                codes::VALUE_OUT_OF_RANGE,
                name.span,
                "a value of an enum is at most 64 bits wide",
            )
            .help("write -9223372036854775808 to 9223372036854775807")
        }
        ast::Written::Integer(_) if !integer => mixed(name, "a string"),
        ast::Written::Word(_) | ast::Written::Quoted(_) if integer => mixed(name, "an integer"),
        _ => return,
    };
    draft.report(diagnostic);
}

fn mixed(name: &ast::Name, wanted: &str) -> Diagnostic {
    let message = format!("the values before are of another kind: {wanted} must stand here");
    Diagnostic::error(codes::MIXED_ENUM, name.span, message)
        .help("integers and strings don't mix; quote the digits, or give every value a number")
}

fn check_not_empty(draft: &mut Draft<'_>, count: usize, name: &ast::Ident) {
    if count == 0 {
        let diagnostic = Diagnostic::error(
            codes::NO_MEMBERS,
            name.span,
            format!("`{}` has no members", name.text),
        )
        .help("a value of it could never be written: give it a member");
        draft.report(diagnostic);
    }
}

/// Members of an enum or union: each text once, and none that is reserved.
fn check_members(draft: &mut Draft<'_>, members: Vec<(&str, Span)>, reserved: &[String]) {
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(members.len());
    let reserved: std::collections::HashSet<&str> = reserved.iter().map(String::as_str).collect();
    for (wire, span) in members {
        if let Some(first) = seen.insert(wire, span) {
            let diagnostic = Diagnostic::error(
                codes::DUPLICATE_MEMBER,
                span,
                format!("\"{wire}\" stands here twice"),
            )
            .related(first, "first given here")
            .help("keep one of them");
            draft.report(diagnostic);
        }
        if reserved.contains(wire) {
            report_reserved(draft, wire, span);
        }
    }
}

/// A name came back that must not.
pub(crate) fn report_reserved(draft: &mut Draft<'_>, wire: &str, span: Span) {
    let diagnostic = Diagnostic::error(
        codes::RESERVED_NAME,
        span,
        format!("\"{wire}\" is reserved"),
    )
    .help("it meant something else once: take another name, or take it out of `reserved`");
    draft.report(diagnostic);
}

fn resolve_union<'a>(draft: &mut Draft<'a>, site: Site, it: &'a ast::Union) -> model::Union {
    let mut resolved = model::Union {
        closed: it.closed.is_some(),
        tagging: tagging(draft, it),
        variants: Vec::new(),
        reserved: Vec::new(),
    };
    for member in &it.members {
        match &member.kind {
            ast::UnionMemberKind::Variant { name, payload } => {
                let variant =
                    resolve_variant(draft, site, (&it.name.text, member), (name, payload));
                resolved.variants.push(variant);
            }
            ast::UnionMemberKind::Reserved(reserved) => {
                annotations::read(draft, &member.attributes, annotations::RESERVED);
                resolved
                    .reserved
                    .extend(bodies::reserved_names(draft, reserved));
            }
        }
    }
    check_not_empty(draft, resolved.variants.len(), &it.name);
    let members = resolved
        .variants
        .iter()
        .map(|variant| (variant.wire.as_str(), variant.span));
    check_members(draft, members.collect(), &resolved.reserved);
    resolved
}

fn tagging(draft: &mut Draft<'_>, it: &ast::Union) -> Tagging {
    match (&it.tag, &it.content) {
        (Some(tag), Some(content)) => {
            if tag.text == content.text {
                let diagnostic = Diagnostic::error(
                    codes::DUPLICATE_KEY,
                    content.span,
                    "tag and payload need two keys",
                )
                .related(tag.span, "the tag")
                .help("name the key of the payload otherwise, such as \"data\"");
                draft.report(diagnostic);
            }
            Tagging::Adjacent {
                tag: tag.text.clone(),
                content: content.text.clone(),
            }
        }
        (Some(tag), None) => Tagging::Internal {
            tag: tag.text.clone(),
        },
        _ => Tagging::External,
    }
}

fn resolve_variant<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    member: (&str, &'a ast::UnionMember),
    variant: (&'a ast::Name, &'a ast::Payload),
) -> model::Variant {
    let (union, member) = member;
    let (name, payload) = variant;
    let carrier = match payload {
        ast::Payload::Fields(_) => annotations::VARIANT_WITH_BODY,
        _ => annotations::VARIANT,
    };
    let mut read = annotations::read(draft, &member.attributes, carrier);
    let rust = rust_name::pascal(draft, name).unwrap_or_else(|| format!("?{}", name.span.start));
    let span = name.alias.as_ref().map_or(name.span, |alias| alias.span);
    let payload = bodies::payload(draft, site, payload, (format!("{union}{rust}"), span));
    match &payload {
        Some(ty) => annotations::examples(draft, &mut read, ty),
        None => annotations::no_examples(draft, &read),
    }
    bodies::pass_on(draft, payload.as_ref(), &read);
    model::Variant {
        wire: rust_name::wire(name).to_owned(),
        name: rust,
        meta: read.meta,
        payload,
        boxed: false,
        span: name.span,
    }
}
