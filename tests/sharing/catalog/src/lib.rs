//! A contract that is imported beside others, with a signal of the same name.

microagent_contract::include_schema!(catalog);
