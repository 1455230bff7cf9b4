//! Fields between braces: presence, defaults, spreads and reserved names of a struct or an inline body. What needs all
//! types to be known (what a spread takes, which keys collide) is checked later, in `check`.

use std::collections::HashSet;

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Json;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::TypeId;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::annotations;
use crate::resolve::annotations::Annotations;
use crate::resolve::declare::add_type;
use crate::resolve::draft::Draft;
use crate::resolve::draft::PendingValue;
use crate::resolve::draft::Site;
use crate::resolve::draft::broken;
use crate::resolve::draft::reference;
use crate::resolve::rust_name;
use crate::resolve::types;
use crate::resolve::values;
use crate::span::Span;

/// Resolves the members of a body.
pub(crate) fn resolve<'a>(draft: &mut Draft<'a>, site: Site, body: &'a ast::Body) -> model::Struct {
    let mut resolved = model::Struct {
        fields: Vec::with_capacity(body.members.len()),
        reserved: Vec::new(),
    };
    for member in &body.members {
        match &member.kind {
            ast::MemberKind::Field(field) => {
                let field = resolve_field(draft, site, (&member.attributes, field));
                resolved.fields.push(field);
            }
            ast::MemberKind::Spread(spread) => {
                let read = annotations::read(draft, &member.attributes, annotations::SPREAD);
                let spread = resolve_spread(draft, site, spread, read);
                resolved.fields.push(spread);
            }
            ast::MemberKind::Reserved(reserved) => {
                annotations::read(draft, &member.attributes, annotations::RESERVED);
                resolved.reserved.extend(reserved_names(draft, reserved));
            }
        }
    }
    resolved
}

/// A type made for an inline body, under a name of its own.
pub(crate) fn inline<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    named: (String, Span),
    body: &'a ast::Body,
) -> TypeId {
    let id = add_type(draft, site.package, named.0, named.1);
    let resolved = resolve(draft, site, body);
    draft.model.types[id.0 as usize].kind = TypeKind::Struct(resolved);
    id
}

/// The texts of a list of reserved names, each once.
pub(crate) fn reserved_names(draft: &mut Draft<'_>, reserved: &ast::Reserved) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for name in &reserved.names {
        let wire = rust_name::wire(name).to_owned();
        if let Some(alias) = &name.alias {
            let diagnostic = Diagnostic::error(
                codes::RESERVED_ALIAS,
                alias.span,
                "a reserved name needs no `as`",
            )
            .help("it is only the text on the wire that must not come back");
            draft.report(diagnostic);
        }
        if seen.insert(rust_name::wire(name)) {
            names.push(wire);
        } else {
            let diagnostic = Diagnostic::error(
                codes::DUPLICATE_KEY,
                name.span,
                format!("`{wire}` is reserved twice"),
            )
            .help("keep one of them");
            draft.report(diagnostic);
        }
    }
    names
}

fn resolve_field<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    field: (&'a ast::Attributes, &'a ast::Field),
) -> model::Field {
    let (attributes, field) = field;
    let mut read = annotations::read(draft, attributes, annotations::FIELD);
    let name = rust_name::snake(draft, &field.name);
    let ty = types::resolve(draft, site, &field.ty);
    annotations::examples(draft, &mut read, &ty);
    let presence = presence(draft, field, &ty);
    let wire = rust_name::wire(&field.name).to_owned();
    model::Field {
        wire,
        name: name.unwrap_or_else(|| format!("?{}", field.name.span.start)),
        meta: read.meta,
        ty,
        presence,
        sensitive: read.sensitive,
        aliases: read.aliases,
        emits: read.emits,
        boxed: false,
        span: field.name.span,
    }
}

fn presence<'a>(draft: &mut Draft<'a>, field: &'a ast::Field, ty: &TypeRef) -> Presence {
    if let Some(asymmetric) = field.asymmetric {
        check_asymmetric(draft, field, asymmetric);
        return Presence::Asymmetric;
    }
    let Some(default) = &field.default else {
        return if ty.optional {
            Presence::Optional
        } else {
            Presence::Required
        };
    };
    if default.kind == ValueKind::Null && ty.shape != Shape::Json {
        if !ty.optional {
            let message = "only an optional field can be null";
            let diagnostic = Diagnostic::error(codes::NULL_OF_REQUIRED, ty.span, message)
                .related(default.span, "none is written as null")
                .help("write `T? = null`");
            draft.report(diagnostic);
        }
        return Presence::Nullable;
    }
    if default.kind == ValueKind::Null && ty.optional {
        return Presence::Nullable;
    }
    draft.pending.push(PendingValue {
        value: default,
        ty: ty.clone(),
    });
    Presence::Default(values::json(draft, default).unwrap_or(Json::Null))
}

fn check_asymmetric(draft: &mut Draft<'_>, field: &ast::Field, asymmetric: Span) {
    let (why, help) = if field.default.is_some() {
        (
            "a field with a default is never missing",
            "take `asymmetric` or the default away",
        )
    } else if !field.ty.optional.is_empty() {
        (
            "an optional field is never required",
            "take `asymmetric` or the `?` away",
        )
    } else {
        return;
    };
    let message = format!("`asymmetric` means nothing here: {why}");
    draft.report(
        Diagnostic::error(codes::ASYMMETRIC_APPLIES_TO_NOTHING, asymmetric, message).help(help),
    );
}

fn resolve_spread(
    draft: &mut Draft<'_>,
    site: Site,
    spread: &ast::Spread,
    read: Annotations<'_>,
) -> model::Field {
    let name = rust_name::word(&spread.name.text);
    let mut ty = types::resolve(draft, site, &spread.ty);
    check_spread(draft, spread, &mut ty);
    model::Field {
        wire: String::new(),
        name: name.unwrap_or_else(|| format!("?{}", spread.name.span.start)),
        meta: read.meta,
        ty,
        presence: Presence::Spread,
        sensitive: read.sensitive,
        aliases: Vec::new(),
        emits: Vec::new(),
        boxed: false,
        span: spread.name.span,
    }
}

/// A spread is its type and nothing else.
fn check_spread(draft: &mut Draft<'_>, spread: &ast::Spread, ty: &mut TypeRef) {
    if let Some(default) = &spread.default {
        report_spread(
            draft,
            default.span,
            "a spread has no default",
            "give the defaults to its fields",
        );
    }
    if let Some(&optional) = spread.ty.optional.first() {
        report_spread(
            draft,
            optional,
            "a spread is not optional",
            "make its fields optional",
        );
        ty.optional = false;
    }
    if !ty.constraints.is_empty() {
        report_spread(
            draft,
            spread.ty.span,
            "a spread has no constraints",
            "its keys stand among all others",
        );
        *ty = broken(ty.span);
    }
}

fn report_spread(draft: &mut Draft<'_>, span: Span, message: &str, help: &str) {
    draft.report(Diagnostic::error(codes::BAD_SPREAD, span, message).help(help));
}

/// What a payload becomes: nothing, a type made for its body under `name`, or the named type.
pub(crate) fn payload<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    payload: &'a ast::Payload,
    named: (String, Span),
) -> Option<TypeRef> {
    match payload {
        ast::Payload::None => None,
        ast::Payload::Fields(body) => {
            let span = named.1;
            let id = inline(draft, site, named, body);
            Some(reference(Shape::Named(id), span))
        }
        ast::Payload::Type(ty) => Some(types::resolve(draft, site, ty)),
    }
}

/// Gives the docs and derives of a declaration to the type made for its body: what is said of a signal is said of what
/// it carries. A type that was declared has its own.
pub(crate) fn pass_on(draft: &mut Draft<'_>, payload: Option<&TypeRef>, read: &Annotations<'_>) {
    let Some(Shape::Named(id)) = payload.map(|payload| &payload.shape) else {
        return;
    };
    let position = id.0 as usize;
    let is_inline = position >= draft.declared_types;
    let Some(declaration) = draft.model.types.get_mut(position) else {
        return;
    };
    if is_inline {
        declaration.meta.docs.clone_from(&read.meta.docs);
    }
    if !read.derives.is_empty() {
        declaration.derives.clone_from(&read.derives);
    }
}
