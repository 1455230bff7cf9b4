//! A contract and an agent that the programs under `ui/` use wrongly.

microagent::include_schema!(mistakes);
