//! Types that Rust could not compile, or a stack not hold: too many inside of one another, or too large. rustc gives up
//! after 128 steps when it asks whether a payload may be sent between threads, and each type on the way is a step, each
//! list, map and box some more. Knows the weights of Rust's containers, and nothing else of the generated code.

use crate::check::graph;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Shape;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;

/// Steps that are left to the types of a contract; the rest is for what handlers and futures add.
const MOST_STEPS: usize = 96;
/// Bytes of one value on the stack.
const MOST_BYTES: usize = 1024 * 1024;

/// Where a reference leads, and at what price.
struct Edge {
    to: usize,
    steps: usize,
    /// Whether a value lies inside of the other one, and not behind a pointer.
    inside: bool,
}

pub(crate) fn check(draft: &mut Draft<'_>) {
    let types = &draft.model.types;
    let edges: Vec<Vec<Edge>> = types
        .iter()
        .map(|ty| edges(&ty.kind, types.len()))
        .collect();
    let targets: Vec<Vec<usize>> = edges
        .iter()
        .map(|edges| edges.iter().map(|edge| edge.to).collect())
        .collect();
    let mut steps = vec![0; types.len()];
    let mut bytes = vec![0; types.len()];
    let mut found = Vec::new();
    for component in graph::components(types.len(), &targets) {
        let depth = depth(&component, &edges, &steps);
        let deepest = component
            .iter()
            .flat_map(|&node| &edges[node])
            .map(|edge| steps[edge.to])
            .max();
        for &node in &component {
            steps[node] = depth;
            bytes[node] = size(&types[node].kind, &bytes);
            let inner = edges[node]
                .iter()
                .filter(|edge| edge.inside)
                .map(|edge| bytes[edge.to])
                .max();
            if bytes[node] > MOST_BYTES && inner.unwrap_or(0) <= MOST_BYTES {
                found.push(report(
                    draft,
                    node,
                    "is too large for a stack",
                    "put parts of it into lists",
                ));
            }
        }
        let finite = draft.finite(types[component[0]].id).is_some();
        if finite && depth > MOST_STEPS && deepest.unwrap_or(0) <= MOST_STEPS {
            let message = "has too many types inside of one another for Rust";
            found.push(report(draft, component[0], message, "flatten some of them"));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn report(draft: &Draft<'_>, node: usize, what: &str, help: &str) -> Diagnostic {
    let ty = &draft.model.types[node];
    Diagnostic::error(
        codes::TYPE_TOO_BIG,
        ty.span,
        format!("`{}` {what}", ty.name),
    )
    .help(help)
}

fn edges(kind: &TypeKind, count: usize) -> Vec<Edge> {
    let edge = |ty: &TypeRef| {
        let to = graph::named(ty)?.0 as usize;
        let inside = graph::held(ty).is_some();
        (to < count).then(|| Edge {
            to,
            steps: steps(ty),
            inside,
        })
    };
    graph::references(kind)
        .into_iter()
        .filter_map(edge)
        .collect()
}

/// The steps of the containers of a reference: measured with rustc.
fn steps(ty: &TypeRef) -> usize {
    let optional = usize::from(ty.optional);
    match &ty.shape {
        Shape::List(inner) | Shape::Map(inner) => 3 + optional + steps(inner),
        _ => optional,
    }
}

/// The longest way down from a component. Inside of one with a cycle, where the longest way is hard to find, the way
/// that a walk in order of declaration takes, with a box for each step.
fn depth(component: &[usize], edges: &[Vec<Edge>], below: &[usize]) -> usize {
    let mut seen = vec![component[0]];
    let mut open = vec![(component[0], 1)];
    let mut deepest = 1;
    while let Some((node, depth)) = open.pop() {
        deepest = deepest.max(depth);
        for edge in edges[node].iter().rev() {
            let cyclic = component.binary_search(&edge.to).is_ok();
            if !cyclic {
                deepest = deepest.max(depth + edge.steps + below[edge.to]);
            } else if !seen.contains(&edge.to) && seen.len() < MOST_STEPS {
                seen.push(edge.to);
                open.push((edge.to, depth + edge.steps + 3));
            }
        }
    }
    deepest
}

/// About the bytes of a value; of a recursive type without the boxes.
fn size(kind: &TypeKind, known: &[usize]) -> usize {
    let of = |ty: &TypeRef| match &ty.shape {
        Shape::Named(id) => known
            .get(id.0 as usize)
            .copied()
            .unwrap_or(0)
            .saturating_add(8),
        Shape::String | Shape::Bytes(_) | Shape::List(_) | Shape::Map(_) | Shape::Json => 32,
        _ => 16,
    };
    match kind {
        TypeKind::Struct(it) => it
            .fields
            .iter()
            .fold(0, |sum, field| of(&field.ty).saturating_add(sum)),
        TypeKind::Union(it) => {
            let payloads = it
                .variants
                .iter()
                .filter_map(|variant| variant.payload.as_ref());
            payloads.map(of).max().unwrap_or(0).max(64)
        }
        TypeKind::Newtype(ty) => of(ty),
        TypeKind::Enum(_) => 32,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::codes;
    use crate::limits::Limits;

    fn problems(items: &str) -> Vec<codes::Code> {
        let input = crate::Input {
            root: 0,
            path: "p.mag".to_owned(),
            shown: "p.mag".to_owned(),
            text: Ok(format!("package p;\n{items}").into_bytes()),
        };
        let analysis = crate::analyze(vec![input], &Limits::default());
        analysis
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect()
    }

    /// `count` structs, each with `fields` that hold the next.
    fn chain(count: usize, fields: &str) -> String {
        let mut text = format!("struct T{count} {{ }}\n");
        for index in 0..count {
            let _ = writeln!(
                text,
                "struct T{index} {{ {} }}",
                fields.replace('T', &format!("T{}", index + 1))
            );
        }
        text
    }

    #[test]
    fn refuses_what_rust_could_not_compile() {
        assert_eq!(problems(&chain(20, "a: [T]")), []);
        assert_eq!(problems(&chain(32, "a: [T]")), [codes::TYPE_TOO_BIG]);
        assert_eq!(problems(&chain(60, "a: T")), []);
        assert_eq!(problems(&chain(60, "a: T, b: T")), [codes::TYPE_TOO_BIG]);
    }

    #[test]
    fn takes_recursive_types() {
        let mut text = String::new();
        for index in 0..40 {
            let _ = writeln!(
                text,
                "struct T{index} {{ all: [T0], next: T{}? }}",
                (index + 1) % 3
            );
        }
        assert_eq!(problems(&text), []);
    }
}
