//! `include_schema!` of both crates, with and without a package at the root, in any module.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    unused_imports,
    non_snake_case,
    reason = "a test crate with code as it is generated"
)]

mod contract {
    microagent_contract::include_schema!(accounts, in "tests/include/generated");
}

mod service {
    microagent::include_schema!(accounts, in "tests/include/generated");
}

mod modules {
    microagent::include_schema!(in "tests/include/generated");
}

#[test]
fn packages_stand_where_they_were_asked_for() {
    let to = || "ada@example.org".to_owned();
    let body = br#"{"to":"ada@example.org"}"#.as_slice();
    let codec = microagent_contract::codec::decode::<contract::Mail>;
    assert_eq!(codec(body).unwrap(), contract::Mail { to: to() });
    assert_eq!(service::Mail { to: to() }.to, to());
    assert_eq!(modules::accounts::Mail { to: to() }.to, to());
    assert_eq!(contract::v2::Mail, contract::v2::Mail);
    assert_eq!(modules::accounts::v2::Mail, modules::accounts::v2::Mail);
}
