//! A market of agents that use every kind of channel, under a simulation in which everything may go wrong. What is owned
//! here is how a life goes and what it must keep; how things go wrong is `microagent::testing::simulation`'s.

mod agents;
mod ledger;
mod life;

microagent::include_schema!(market);

pub use self::life::live;
