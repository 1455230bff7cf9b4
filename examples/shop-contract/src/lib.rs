//! The contract of the shop: payloads, and a typed sender for each signal, call, queue and exchange.

microagent_contract::include_schema!(shop);
