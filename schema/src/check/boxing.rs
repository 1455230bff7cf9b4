//! Boxes the fields and members that make recursive types endless in size otherwise, and no more: in each cycle of
//! types that hold one another, those that lead backward in an order where everything that always stands inside leads
//! forward. Knows no diagnostics; that a value can end was checked before.

use crate::check::graph;
use crate::model::Model;
use crate::model::Presence;
use crate::model::TypeId;
use crate::model::TypeKind;

/// How a type is held, from what is boxed last to what is boxed first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// A newtype or a spread: nothing there can be boxed.
    Fixed,
    /// A field that always holds a value.
    Always,
    /// An optional field or a member of a union.
    Sometimes,
}

pub(crate) fn apply(model: &mut Model) {
    let edges = graph::edges(model, |kind| {
        holds(kind).into_iter().map(|(id, _)| id).collect()
    });
    let components = graph::components(model.types.len(), &edges);
    let mut component_of = vec![usize::MAX; model.types.len()];
    for (number, component) in components.iter().enumerate() {
        let recursive = component.len() > 1 || edges[component[0]].contains(&component[0]);
        if recursive {
            for &node in component {
                component_of[node] = number;
            }
        }
    }
    let position = positions(model, &component_of, Hold::Always)
        .or_else(|| positions(model, &component_of, Hold::Fixed))
        .unwrap_or_else(|| (0..model.types.len()).collect());
    for node in 0..model.types.len() {
        box_backward(model, node, (&component_of, &position));
    }
}

/// What a declaration holds directly, and how.
fn holds(kind: &TypeKind) -> Vec<(TypeId, Hold)> {
    match kind {
        TypeKind::Struct(it) => {
            let held = it.fields.iter().filter_map(|field| {
                let how = match field.presence {
                    Presence::Spread => Hold::Fixed,
                    _ if graph::always_holds(field) => Hold::Always,
                    _ => Hold::Sometimes,
                };
                Some((graph::held(&field.ty)?, how))
            });
            held.collect()
        }
        TypeKind::Union(it) => {
            let payloads = it
                .variants
                .iter()
                .filter_map(|variant| variant.payload.as_ref());
            payloads
                .filter_map(graph::held)
                .map(|id| (id, Hold::Sometimes))
                .collect()
        }
        TypeKind::Newtype(ty) => graph::held(ty)
            .map(|id| (id, Hold::Fixed))
            .into_iter()
            .collect(),
        TypeKind::Enum(_) => Vec::new(),
    }
}

/// An order of all types in which edges up to `strongest` lead forward inside their component; `None` if they go round.
fn positions(model: &Model, component_of: &[usize], strongest: Hold) -> Option<Vec<usize>> {
    let edges: Vec<Vec<usize>> = model
        .types
        .iter()
        .enumerate()
        .map(|(node, ty)| {
            let held = holds(&ty.kind)
                .into_iter()
                .filter(|(_, how)| *how <= strongest);
            let targets = held.map(|(id, _)| id.0 as usize);
            targets
                .filter(|&to| {
                    component_of[node] != usize::MAX && component_of[to] == component_of[node]
                })
                .collect()
        })
        .collect();
    let components = graph::components(model.types.len(), &edges);
    let loops = components.iter().any(|component| component.len() > 1)
        || edges
            .iter()
            .enumerate()
            .any(|(node, targets)| targets.contains(&node));
    if loops {
        return None;
    }
    let mut position = vec![0; model.types.len()];
    for (index, component) in components.iter().rev().enumerate() {
        position[component[0]] = index;
    }
    Some(position)
}

fn box_backward(model: &mut Model, node: usize, tables: (&[usize], &[usize])) {
    let (component_of, position) = tables;
    let backward = |to: TypeId| {
        let to = to.0 as usize;
        component_of[node] != usize::MAX
            && component_of[to] == component_of[node]
            && position[to] <= position[node]
    };
    match &mut model.types[node].kind {
        TypeKind::Struct(it) => {
            for field in it
                .fields
                .iter_mut()
                .filter(|field| field.presence != Presence::Spread)
            {
                field.boxed = graph::held(&field.ty).is_some_and(backward);
            }
        }
        TypeKind::Union(it) => {
            for variant in &mut it.variants {
                variant.boxed = variant
                    .payload
                    .as_ref()
                    .and_then(graph::held)
                    .is_some_and(backward);
            }
        }
        TypeKind::Newtype(_) | TypeKind::Enum(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;
    use crate::model::TypeKind;

    /// The boxed fields and members of a schema, as `Type.member`.
    fn boxed(items: &str) -> Vec<String> {
        let text = format!("package p;\n{items}\n");
        let input = crate::Input {
            root: 0,
            path: "p.mag".to_owned(),
            shown: "p.mag".to_owned(),
            text: Ok(text.into_bytes()),
        };
        let analysis = crate::analyze(vec![input], &Limits::default());
        let model = analysis
            .model
            .unwrap_or_else(|| panic!("{:?}", analysis.diagnostics));
        let mut found = Vec::new();
        for ty in &model.types {
            match &ty.kind {
                TypeKind::Struct(it) => {
                    let fields = it.fields.iter().filter(|field| field.boxed);
                    found.extend(fields.map(|field| format!("{}.{}", ty.name, field.name)));
                }
                TypeKind::Union(it) => {
                    let variants = it.variants.iter().filter(|variant| variant.boxed);
                    found.extend(variants.map(|variant| format!("{}.{}", ty.name, variant.wire)));
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn boxes_one_edge_of_a_cycle() {
        assert_eq!(boxed("struct Node { next: Node? }"), ["Node.next"]);
        assert_eq!(boxed("struct Tree { kids: [Tree] }"), [""; 0]);
        assert_eq!(boxed("struct A { b: B? } struct B { a: A? }").len(), 1);
    }

    #[test]
    fn boxes_members_before_required_fields() {
        let items = "union Expr { add: Pair, lit: i64 } struct Pair { left: Expr, right: Expr }";
        assert_eq!(boxed(items), ["Expr.add"]);
    }

    #[test]
    fn boxes_a_required_field_where_only_a_newtype_ends_the_cycle() {
        assert_eq!(
            boxed("struct Node { next: Link } type Link = Node?;"),
            ["Node.next"]
        );
    }

    #[test]
    fn leaves_types_alone_that_only_use_recursive_ones() {
        assert_eq!(
            boxed("struct User { node: Node } struct Node { next: Node? }"),
            ["Node.next"]
        );
    }
}
