/// What stands at the root, by the package that `include_schema!` names.
macro_rules! __mag_root {
    ([$($folder:tt)*]) => {
        ::core::include!(::core::concat!($($folder)*, "/root.rs"));
    };
    ([$($folder:tt)*] accounts) => {
        ::core::include!(::core::concat!($($folder)*, "/root.accounts.rs"));
    };
    ($folder:tt $other:ident) => {
        ::core::compile_error!(::core::concat!("the schemas of this crate have no package whose name begins with `", ::core::stringify!($other), "`; they have `accounts`"));
    };
}
