//! Keys of one object: each belongs to one field, over spreads, tags, aliases and reserved names. Knows nothing of Rust.

use std::collections::HashMap;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeDecl;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::report_reserved;
use crate::span::Span;

/// A key that an object may have.
#[derive(Clone, Copy)]
struct Key<'d> {
    wire: &'d str,
    /// The field of the outermost struct that brings it, by its index, and where that stands.
    origin: (usize, Span),
    kind: Kind,
    /// Whether it comes by a spread.
    spread: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Own,
    Alias,
    Emit,
}

/// All keys of an object, and who takes those that nobody names.
#[derive(Default)]
struct Keys<'d> {
    named: Vec<Key<'d>>,
    others: Vec<Key<'d>>,
    /// How many an object can have at once: those of one member of a spread union stand for those of all.
    certain: usize,
    /// Structs that were looked at.
    visits: usize,
    too_deep: bool,
}

/// Where a walk over spreads is.
#[derive(Clone, Copy)]
struct At {
    origin: Option<(usize, Span)>,
    depth: usize,
    /// Inside of a member of a spread union.
    in_member: bool,
}

const TOP: At = At {
    origin: None,
    depth: 0,
    in_member: false,
};

/// Keys that are looked at in one run, over all spreads: far more than any contract has, and still a moment.
const MOST_KEYS: usize = 5_000_000;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    let mut returned = Vec::new();
    let mut seen = 0;
    for ty in &draft.model.types {
        if seen > MOST_KEYS {
            found.push(too_many(draft, ty));
            break;
        }
        match &ty.kind {
            _ if draft.finite(ty.id).is_none() => {}
            TypeKind::Struct(it) => {
                seen += check_struct(draft, (ty, it), &mut found, &mut returned);
            }
            TypeKind::Union(it) => check_union(draft, it, &mut found),
            TypeKind::Enum(_) | TypeKind::Newtype(_) => {}
        }
    }
    draft.diagnostics.append(&mut found);
    for (wire, span) in returned {
        report_reserved(draft, &wire, span);
    }
}

/// The wire names of the fields of a struct, over its spreads.
pub(crate) fn of_struct<'d>(draft: &'d Draft<'_>, it: &'d model::Struct) -> Vec<&'d str> {
    let mut keys = Keys::default();
    collect(draft, it, &mut keys, TOP);
    keys.named
        .iter()
        .filter(|key| key.kind == Kind::Own)
        .map(|key| key.wire)
        .collect()
}

fn collect<'d>(draft: &'d Draft<'_>, it: &'d model::Struct, keys: &mut Keys<'d>, at: At) {
    keys.visits += 1;
    if keys.too_deep
        || at.depth > draft.limits.nesting
        || keys.visits + keys.named.len() > MOST_KEYS
    {
        keys.too_deep = true;
        return;
    }
    if !at.in_member {
        keys.certain += it.fields.len();
    }
    for (index, field) in it.fields.iter().enumerate() {
        let origin = at.origin.unwrap_or((index, field.span));
        let spread = at.origin.is_some();
        let key = |wire, kind| Key {
            wire,
            origin,
            kind,
            spread,
        };
        if field.presence == Presence::Spread {
            let at = At {
                origin: Some(origin),
                depth: at.depth + 1,
                ..at
            };
            collect_spread(draft, &field.ty, keys, at);
            continue;
        }
        keys.named.push(key(&field.wire, Kind::Own));
        keys.named
            .extend(field.aliases.iter().map(|alias| key(alias, Kind::Alias)));
        keys.named
            .extend(field.emits.iter().map(|emit| key(emit, Kind::Emit)));
    }
}

fn collect_spread<'d>(draft: &'d Draft<'_>, ty: &'d TypeRef, keys: &mut Keys<'d>, at: At) {
    let Some(origin) = at.origin else {
        return;
    };
    let key = |wire| Key {
        wire,
        origin,
        kind: Kind::Own,
        spread: true,
    };
    let declaration = match &ty.shape {
        Shape::Map(_) => {
            keys.others.push(key(""));
            return;
        }
        Shape::Named(id) => draft.finite(*id),
        _ => None,
    };
    match declaration.map(|declaration| &declaration.kind) {
        Some(TypeKind::Struct(it)) => collect(draft, it, keys, at),
        Some(TypeKind::Union(it)) => match &it.tagging {
            Tagging::External => {}
            Tagging::Adjacent { tag, content } => {
                keys.named.extend([key(tag), key(content)]);
            }
            Tagging::Internal { tag } => {
                keys.named.push(key(tag));
                if !it.closed {
                    keys.others.push(key(""));
                }
                let inside = At {
                    in_member: true,
                    ..at
                };
                for (_, body) in bodies(draft, it) {
                    collect(draft, body, keys, inside);
                }
            }
        },
        _ => {}
    }
}

/// The members of a union by tag that have fields.
fn bodies<'d>(
    draft: &'d Draft<'_>,
    it: &'d model::Union,
) -> impl Iterator<Item = (usize, &'d model::Struct)> {
    let variants = it.variants.iter().enumerate();
    variants.filter_map(|(index, variant)| match variant.payload.as_ref()?.shape {
        Shape::Named(id) => match &draft.finite(id)?.kind {
            TypeKind::Struct(body) => Some((index, body)),
            _ => None,
        },
        _ => None,
    })
}

type Returned = Vec<(String, Span)>;

/// Gives the number of keys that were looked at.
fn check_struct(
    draft: &Draft<'_>,
    named: (&TypeDecl, &model::Struct),
    found: &mut Vec<Diagnostic>,
    returned: &mut Returned,
) -> usize {
    let (ty, it) = named;
    let mut keys = Keys::default();
    collect(draft, it, &mut keys, TOP);
    if keys.too_deep || keys.certain > draft.limits.members {
        found.push(too_many(draft, ty));
        return keys.visits + keys.named.len();
    }
    let mut seen: HashMap<&str, Vec<Key<'_>>> = HashMap::with_capacity(keys.named.len());
    for &key in &keys.named {
        let earlier = seen.entry(key.wire).or_default();
        if let Some(first) = earlier.iter().find(|first| collide(first, &key)) {
            found.push(collision(key, first));
        }
        earlier.push(key);
    }
    for reserved in &it.reserved {
        if let Some(key) = seen.get(reserved.as_str()).and_then(|keys| keys.first()) {
            returned.push((reserved.clone(), key.origin.1));
        }
    }
    for (index, other) in keys.others.iter().enumerate() {
        if let Some(first) = keys.others[..index]
            .iter()
            .find(|first| collide(first, other))
        {
            found.push(two_takers(other, first));
        }
    }
    keys.visits + keys.named.len()
}

/// Two keys that come by one spread were reported where that type is declared; the old key that a field reads and the
/// one that it writes may be the same.
fn collide(first: &Key<'_>, second: &Key<'_>) -> bool {
    if first.origin != second.origin {
        return true;
    }
    let renamed = matches!(
        (first.kind, second.kind),
        (Kind::Own, Kind::Alias | Kind::Emit)
    );
    let repeated = first.kind == second.kind && first.kind != Kind::Own;
    !second.spread && (renamed || repeated)
}

fn collision(key: Key<'_>, first: &Key<'_>) -> Diagnostic {
    let message = format!("the key \"{}\" belongs to two fields", key.wire);
    Diagnostic::error(codes::DUPLICATE_KEY, key.origin.1, message)
        .related(first.origin.1, "it belongs to this one")
        .help("an object has each key once: name one of them otherwise")
}

fn two_takers(key: &Key<'_>, first: &Key<'_>) -> Diagnostic {
    Diagnostic::error(codes::TWO_TAKERS, key.origin.1, "two fields take all keys that no other field names")
        .related(first.origin.1, "the first")
        .help("keep one `{string: T}`; an open union by tag takes other keys as well: make it `closed`, or give it a key for its payload")
}

fn too_many(draft: &Draft<'_>, ty: &TypeDecl) -> Diagnostic {
    let message = format!(
        "`{}` has more than {} keys, or spreads over more than {} levels",
        ty.name, draft.limits.members, draft.limits.nesting
    );
    Diagnostic::error(codes::SPREADS_TOO_MUCH, ty.span, message)
        .help("spread fewer types into one another")
}

/// The tag of a union inside its object is no field of a member.
fn check_union(draft: &Draft<'_>, it: &model::Union, found: &mut Vec<Diagnostic>) {
    let Tagging::Internal { tag } = &it.tagging else {
        return;
    };
    for (index, body) in bodies(draft, it) {
        let mut keys = Keys::default();
        collect(draft, body, &mut keys, TOP);
        if let Some(key) = keys.named.iter().find(|key| key.wire == tag) {
            let message = format!("the key \"{tag}\" is the tag of the union");
            let diagnostic = Diagnostic::error(codes::DUPLICATE_KEY, it.variants[index].span, message)
                .related(key.origin.1, "and a field of this member")
                .help("name the field otherwise, or put payloads under a key of their own: `by \"type\", \"data\"`");
            found.push(diagnostic);
        }
    }
}
