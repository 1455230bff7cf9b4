//! What the benchmarks send and handle: one queue, and agents that differ in how many handlers they run at once.

microagent::include_schema!(load);
