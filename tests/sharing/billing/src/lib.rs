//! A contract with types of another one.

microagent_contract::include_schema!(billing);
