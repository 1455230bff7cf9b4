//! A contract that another contract uses.

microagent_contract::include_schema!(accounts);
