//! Puts types behind those they use, in otherwise unchanged order, and renumbers every reference.

use crate::check::graph;
use crate::model::Model;
use crate::model::RoutingWord;
use crate::model::Shape;
use crate::model::TypeId;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::id;

pub(crate) fn apply(model: &mut Model) {
    let edges = graph::edges(model, |kind| {
        graph::references(kind)
            .into_iter()
            .filter_map(graph::named)
            .collect()
    });
    let order: Vec<usize> = graph::components(model.types.len(), &edges).concat();
    let mut renamed = vec![TypeId(0); order.len()];
    for (new, &old) in order.iter().enumerate() {
        renamed[old] = TypeId(id(new));
    }
    let mut types: Vec<Option<_>> = std::mem::take(&mut model.types)
        .into_iter()
        .map(Some)
        .collect();
    model.types = order.iter().filter_map(|&old| types[old].take()).collect();
    for ty in &mut model.types {
        ty.id = renamed[ty.id.0 as usize];
        rename_kind(&mut ty.kind, &renamed);
    }
    rename_channels(model, &renamed);
}

fn rename(ty: &mut TypeRef, renamed: &[TypeId]) {
    let mut ty = ty;
    loop {
        match &mut ty.shape {
            Shape::List(inner) | Shape::Map(inner) => ty = inner,
            Shape::Named(id) => {
                *id = renamed[id.0 as usize];
                return;
            }
            _ => return,
        }
    }
}

fn rename_kind(kind: &mut TypeKind, renamed: &[TypeId]) {
    match kind {
        TypeKind::Struct(it) => it
            .fields
            .iter_mut()
            .for_each(|field| rename(&mut field.ty, renamed)),
        TypeKind::Union(it) => {
            let payloads = it
                .variants
                .iter_mut()
                .filter_map(|variant| variant.payload.as_mut());
            payloads.for_each(|payload| rename(payload, renamed));
        }
        TypeKind::Newtype(ty) => rename(ty, renamed),
        TypeKind::Enum(_) => {}
    }
}

fn rename_channels(model: &mut Model, renamed: &[TypeId]) {
    let signals = model
        .signals
        .iter_mut()
        .flat_map(|it| it.payload.iter_mut().chain(it.reply.iter_mut()));
    let calls = model.calls.iter_mut().flat_map(|it| {
        it.payload
            .iter_mut()
            .chain(it.throws.iter_mut())
            .chain([&mut it.reply])
    });
    let queues = model.queues.iter_mut().map(|it| &mut it.payload);
    for ty in signals.chain(calls).chain(queues) {
        rename(ty, renamed);
    }
    for exchange in &mut model.exchanges {
        rename(&mut exchange.payload, renamed);
        for word in exchange
            .routing
            .iter_mut()
            .flat_map(|routing| &mut routing.words)
        {
            if let RoutingWord::Parameter { ty, .. } = word {
                rename(ty, renamed);
            }
        }
    }
}
