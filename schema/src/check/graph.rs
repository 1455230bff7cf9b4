//! Which types contain which: the edges that boxing, order and finiteness are decided by. Pure; knows no diagnostics.

use crate::model;
use crate::model::Model;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::TypeId;
use crate::model::TypeKind;
use crate::model::TypeRef;

/// All types that a reference names, through lists and maps as well.
pub(crate) fn named(ty: &TypeRef) -> Option<TypeId> {
    let mut ty = ty;
    loop {
        match &ty.shape {
            Shape::List(inner) | Shape::Map(inner) => ty = inner,
            Shape::Named(id) => return Some(*id),
            _ => return None,
        }
    }
}

/// The type that a value of this reference holds inside of itself: not one behind a list or map.
pub(crate) fn held(ty: &TypeRef) -> Option<TypeId> {
    match ty.shape {
        Shape::Named(id) => Some(id),
        _ => None,
    }
}

/// The references in a declaration, in order.
pub(crate) fn references(kind: &TypeKind) -> Vec<&TypeRef> {
    match kind {
        TypeKind::Struct(it) => it.fields.iter().map(|field| &field.ty).collect(),
        TypeKind::Union(it) => it
            .variants
            .iter()
            .filter_map(|variant| variant.payload.as_ref())
            .collect(),
        TypeKind::Newtype(ty) => vec![ty],
        TypeKind::Enum(_) => Vec::new(),
    }
}

/// Whether a value of the field always holds a value of its type.
pub(crate) fn always_holds(field: &model::Field) -> bool {
    !field.ty.optional
        && field.presence != Presence::Optional
        && field.presence != Presence::Nullable
}

/// Strongly connected components of the types, those that are used before those that use them; inside of a component
/// in order of declaration. Tarjan's, with a stack of its own.
pub(crate) fn components(count: usize, edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        edges,
        index: vec![usize::MAX; count],
        low: vec![usize::MAX; count],
        on_stack: vec![false; count],
        stack: Vec::new(),
        next: 0,
        found: Vec::new(),
    };
    for node in 0..count {
        if search.index[node] == usize::MAX {
            search.run(node);
        }
    }
    search.found
}

struct Search<'e> {
    edges: &'e [Vec<usize>],
    index: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn open(&mut self, node: usize) {
        self.index[node] = self.next;
        self.low[node] = self.next;
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }

    fn run(&mut self, start: usize) {
        self.open(start);
        let mut calls = vec![(start, 0)];
        while let Some((node, edge)) = calls.pop() {
            let Some(&to) = self.edges[node].get(edge) else {
                self.close(node);
                if let Some(&(caller, _)) = calls.last() {
                    self.low[caller] = self.low[caller].min(self.low[node]);
                }
                continue;
            };
            calls.push((node, edge + 1));
            if self.index[to] == usize::MAX {
                self.open(to);
                calls.push((to, 0));
            } else if self.on_stack[to] {
                self.low[node] = self.low[node].min(self.index[to]);
            }
        }
    }

    fn close(&mut self, node: usize) {
        if self.low[node] != self.index[node] {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            component.push(member);
            if member == node {
                break;
            }
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

/// The edges of all types by one way of looking at a declaration.
pub(crate) fn edges<'m>(
    model: &'m Model,
    targets: impl Fn(&'m TypeKind) -> Vec<TypeId>,
) -> Vec<Vec<usize>> {
    let count = model.types.len();
    let inside = |id: TypeId| Some(id.0 as usize).filter(|index| *index < count);
    model
        .types
        .iter()
        .map(|ty| targets(&ty.kind).into_iter().filter_map(inside).collect())
        .collect()
}
