//! The shop, unchanged, on a bus and a broker that microagent does not know: the directory that is given, or one that is
//! removed in the end.

use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, process};

use own_backend::{FileBroker, FileBus};

fn main() -> ExitCode {
    let given = env::args_os().nth(1).map(Into::into);
    let directory = given.clone().unwrap_or_else(|| {
        let name = format!("own-backend-{}", process::id());
        env::temp_dir().join(name)
    });
    let code = shop::day()
        .bus_backend(Arc::new(FileBus::new(&directory)))
        .broker_backend(Arc::new(FileBroker::new(&directory)))
        .main();
    if given.is_none() {
        // What is left there is in nobody's way.
        let _ = fs::remove_dir_all(directory);
    }
    code
}
