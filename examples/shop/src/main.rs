//! The shop on the backend that `SHOP_DSN` names, inside one process unless it says otherwise.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let dsn = env::var("SHOP_DSN").unwrap_or_else(|_| "memory:".into());
    shop::day().bus(&dsn).broker(&dsn).main()
}
