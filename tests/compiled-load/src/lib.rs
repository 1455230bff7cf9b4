//! What the benchmarks send and handle: one queue, agents that differ in how many handlers they run at once, and the
//! structs by which the codec is measured.

microagent::include_schema!(load);
