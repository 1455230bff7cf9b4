//! Each scenario in its quick form, by the program itself, whose table is what the test prints.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    if std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1") {
        #[expect(
            clippy::print_stderr,
            reason = "nobody is to believe that it was tested"
        )]
        {
            eprintln!("MICROAGENT_SKIP_REDIS=1: NOTHING WAS KILLED HERE, AND NOTHING COUNTED");
        }
        return ExitCode::SUCCESS;
    }
    let program = env!("CARGO_BIN_EXE_ledger");
    let status = Command::new(program).status();
    let status = status.expect("the program has been built");
    ExitCode::from(u8::from(!status.success()))
}
