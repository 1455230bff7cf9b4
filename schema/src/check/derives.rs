//! `@derive(..)`: none that generated types have anyway, none of the standard library's that a member can't have.
//! Derives of other crates are the user's business.

use crate::check::graph;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Shape;
use crate::model::TypeDecl;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::types;

/// What every generated type has, or gets by rules of its own.
const PROVIDED: [&str; 6] = [
    "Clone",
    "Debug",
    "PartialEq",
    "Default",
    "Serialize",
    "Deserialize",
];
/// Derives that ask something of each member, and what they need beside them.
const DEMANDING: [(&str, &[&str]); 5] = [
    ("Copy", &[]),
    ("Eq", &[]),
    ("Hash", &[]),
    ("PartialOrd", &[]),
    ("Ord", &["Eq", "PartialOrd"]),
];

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for ty in draft.model.types.iter().filter(|ty| !ty.derives.is_empty()) {
        for (index, derive) in ty.derives.iter().enumerate() {
            let repeated = ty.derives[..index].contains(derive);
            found.extend(problem(draft, ty, derive, repeated));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn problem(draft: &Draft<'_>, ty: &TypeDecl, derive: &str, repeated: bool) -> Option<Diagnostic> {
    if let Some((message, help)) = misplaced(ty, derive, repeated) {
        return Some(Diagnostic::error(codes::BAD_DERIVE, ty.span, message).help(help));
    }
    if !DEMANDING.iter().any(|(name, _)| *name == derive) {
        return None;
    }
    let used = graph::references(&ty.kind);
    let culprit = used
        .into_iter()
        .find_map(|used| lacking(draft, used, derive))?;
    let message = format!(
        "`{}` can't be `{derive}`: it holds `{}`",
        ty.name,
        types::described(draft, &culprit.shape)
    );
    let help = match culprit.shape {
        Shape::Named(_) => format!("add `@derive({derive})` there, or take it out here"),
        _ => "take it out of `@derive`".to_owned(),
    };
    let diagnostic = Diagnostic::error(codes::BAD_DERIVE, ty.span, message);
    Some(diagnostic.related(culprit.span, "held here").help(help))
}

/// What is wrong with a derive whatever the members are: message and help.
fn misplaced(ty: &TypeDecl, name: &str, repeated: bool) -> Option<(String, String)> {
    let last = name.rsplit("::").next().unwrap_or(name);
    if repeated {
        return Some((
            format!("`{name}` is derived twice"),
            "keep one of them".to_owned(),
        ));
    }
    if PROVIDED.contains(&last) {
        let message = format!("`{}` has `{last}` where it can", ty.name);
        return Some((message, "take it out of `@derive`".to_owned()));
    }
    let Some((_, needs)) = DEMANDING.iter().find(|(known, _)| *known == name) else {
        let message = format!("the standard library derives no `{name}`");
        let help = "write the whole path: `@derive(\"some_crate::Derive\")`".to_owned();
        return (!name.contains("::")).then_some((message, help));
    };
    let missing = needs.iter().find(|need| !has(ty, need));
    if let Some(missing) = missing {
        let help = format!("write `@derive({name}, {missing})`");
        return Some((format!("`{name}` needs `{missing}`"), help));
    }
    let message = match &ty.kind {
        TypeKind::Union(it) if !it.closed => {
            format!("an open union keeps any JSON, which has no `{name}`")
        }
        TypeKind::Enum(it) if !it.closed && !matches!(name, "Eq" | "Hash") => {
            format!("an open enum keeps unknown text, which has no `{name}`")
        }
        _ => return None,
    };
    Some((
        message,
        "make it `closed`, or take the derive out".to_owned(),
    ))
}

/// Whether a type has a trait: derived by the schema, or by the generator, which does so for enums.
fn has(ty: &TypeDecl, derive: &str) -> bool {
    let generated = match &ty.kind {
        TypeKind::Enum(it) => matches!(derive, "Eq" | "Hash") || (it.closed && derive == "Copy"),
        _ => false,
    };
    generated || ty.derives.iter().any(|known| known == derive)
}

/// The part of a reference that does not have a trait.
fn lacking<'t>(draft: &Draft<'_>, used: &'t TypeRef, derive: &str) -> Option<&'t TypeRef> {
    let has = match &used.shape {
        Shape::List(inner) | Shape::Map(inner) if derive != "Copy" => {
            return lacking(draft, inner, derive);
        }
        Shape::Named(id) => match draft.declaration(*id) {
            Some(declaration) => has(declaration, derive),
            None => true,
        },
        Shape::Json | Shape::List(_) | Shape::Map(_) => false,
        Shape::F32 | Shape::F64 => matches!(derive, "Copy" | "PartialOrd"),
        Shape::String | Shape::Bytes(_) => derive != "Copy",
        _ => true,
    };
    (!has).then_some(used)
}
