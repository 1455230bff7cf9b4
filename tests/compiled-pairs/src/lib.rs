//! Pairs of a schema (`pairs/x.mag`) and Rust that uses what it generates (`pairs/x.rs`): what users may rely on.
#![deny(warnings)]
#![allow(clippy::module_inception, reason = "a pair is named like its package")]

include!(concat!(env!("OUT_DIR"), "/pairs.rs"));

#[cfg(test)]
#[path = "../pairs"]
mod tests {
    mod agents;
    mod experience;
    mod presence;
    mod types;
    mod unions;
}
