//! Generates the schema of each pair into a module of its own.

use std::fs;
use std::path::{Path, PathBuf};

use microagent_tests::{contracts, modules};

fn main() {
    let pairs = Path::new(env!("CARGO_MANIFEST_DIR")).join("pairs");
    println!("cargo::rerun-if-changed={}", pairs.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    let mut text = String::new();
    for path in contracts::sorted(&pairs) {
        if path.extension().is_some_and(|it| it == "mag") {
            let name = path
                .file_stem()
                .expect("it has a name")
                .to_string_lossy()
                .into_owned();
            let schema = fs::read_to_string(&path).expect("a file of the repository");
            let files = vec![(format!("{name}.mag"), schema)];
            text.push_str(&modules::module(&out, &name, &files).1);
        }
    }
    fs::write(out.join("pairs.rs"), text).expect("the output folder is writable");
}
