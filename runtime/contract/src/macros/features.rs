//! What a contract says about the features it needs: without it, the first error would be about a missing type.

/// Says which feature a contract needs, where its types are not there.
#[cfg(feature = "uuid")]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_uuid {
    () => {};
}

/// Says which feature a contract needs, where its types are not there.
#[cfg(not(feature = "uuid"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_uuid {
    () => {
        ::core::compile_error!(
            "the contract uses `uuid`: in Cargo.toml, turn on the feature `uuid` of `microagent` or `microagent-contract`, whichever the crate depends on"
        );
    };
}

/// Says which feature a contract needs, where its types are not there.
#[cfg(feature = "chrono")]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_chrono {
    () => {};
}

/// Says which feature a contract needs, where its types are not there.
#[cfg(not(feature = "chrono"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_chrono {
    () => {
        ::core::compile_error!(
            "the contract uses `timestamp` and `date`: in Cargo.toml, turn on the feature `chrono` of `microagent` or `microagent-contract`, whichever the crate depends on"
        );
    };
}

/// Says which feature a contract needs, where its types are not there.
#[cfg(feature = "decimal")]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_decimal {
    () => {};
}

/// Says which feature a contract needs, where its types are not there.
#[cfg(not(feature = "decimal"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_decimal {
    () => {
        ::core::compile_error!(
            "the contract uses `decimal`: in Cargo.toml, turn on the feature `decimal` of `microagent` or `microagent-contract`, whichever the crate depends on"
        );
    };
}
