//! Rules over a whole draft, one file each, and what the finished model needs beyond them. A rule reports and changes
//! nothing; what depends on something broken stays silent.

mod boxing;
mod derives;
mod extent;
mod finite;
pub(crate) mod graph;
mod keys;
mod lints;
mod order;
mod patterns;
mod payloads;
mod queues;
mod routing;
mod rust_items;
mod rust_members;
mod spreads;
mod types_used;
mod unions;
mod wire_names;

use crate::fingerprint;
use crate::model::Model;
use crate::resolve::draft::Draft;
use crate::resolve::values;

/// Applies all rules.
pub(crate) fn check(draft: &mut Draft<'_>) {
    finite::check(draft);
    spreads::check(draft);
    unions::check(draft);
    extent::check(draft);
    keys::check(draft);
    values::check_pending(draft);
    queues::check(draft);
    types_used::check(draft);
    rust_members::check(draft);
    rust_items::check(draft);
    derives::check(draft);
    payloads::check(draft);
    routing::check(draft);
    patterns::check(draft);
    wire_names::check(draft);
    lints::check(draft);
}

/// Completes a model without errors: boxes, order of types, fingerprints.
pub(crate) fn finish(mut model: Model) -> Model {
    boxing::apply(&mut model);
    order::apply(&mut model);
    fingerprint::apply(&mut model);
    model
}
