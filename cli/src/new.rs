//! `mag new`: a project of two agents that builds and runs at once. The files stand in `template/`.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::arguments::New;
use crate::exit::{Exit, Failure};
use crate::output::Output;

const CARGO_TOML: &str = include_str!("../template/Cargo.toml.in");
const BUILD: &str = include_str!("../template/build.rs.in");
const SCHEMA: &str = include_str!("../template/schema.mag.in");
const MAIN: &str = include_str!("../template/main.rs.in");
const GITIGNORE: &str = include_str!("../template/gitignore.in");

/// Names that Rust or Cargo keep for themselves.
const TAKEN: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "microagent",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

pub(crate) fn run(arguments: &New, output: &mut Output) -> Result<Exit, Failure> {
    let folder = &arguments.path;
    let name = name(folder)?;
    let checkout = match &arguments.microagent_path {
        Some(path) => checkout_at(path)?,
        None => checkout_around().ok_or_else(no_checkout)?,
    };
    make(folder)?;
    for (path, text) in files(name, &checkout, folder) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Failure::create(parent, &error))?;
        fs::write(&path, text).map_err(|error| Failure::create(&path, &error))?;
    }
    let shown = folder.display();
    output.answer(&format!(
        "made {shown}: two agents that talk, in one process\n\n    cd {shown}\n    cargo run\n"
    ))?;
    Ok(Exit::Good)
}

fn name(folder: &Path) -> Result<&str, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let first = name.starts_with(|first: char| first.is_ascii_lowercase());
    let part = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character)
    };
    let refuse = |why: &str| Err(Failure::new(Exit::Usage, format!("`{name}` {why}")));
    if !first || !name.chars().all(part) || name.len() > 64 {
        return refuse(
            "is no name for a project\n  help: lower case letters, digits, `-` and `_`, a letter first, at most 64",
        );
    }
    if TAKEN.contains(&name) {
        return refuse("is taken by Rust or Cargo\n  help: choose another name");
    }
    Ok(name)
}

/// The folder, new: nothing that exists is touched.
fn make(folder: &Path) -> Result<(), Failure> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::create(parent, &error))?;
    }
    fs::create_dir(folder).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::create(folder, &"it exists already"),
        _ => Failure::create(folder, &error),
    })
}

fn files(name: &str, checkout: &Path, folder: &Path) -> Vec<(String, String)> {
    let package = name.replace('-', "_");
    let fill = |template: &str| template.replace("{{package}}", &package);
    let mut manifest = CARGO_TOML
        .replace("{{crate}}", name)
        .replace("{{runtime}}", &toml_text(&checkout.join("runtime")))
        .replace("{{build}}", &toml_text(&checkout.join("build-support")));
    if in_workspace(folder) {
        manifest.push_str(
            "\n# A project of its own, although it stands below another one.\n[workspace]\n",
        );
    }
    vec![
        ("Cargo.toml".to_owned(), manifest),
        ("build.rs".to_owned(), fill(BUILD)),
        (format!("schema/{package}.mag"), fill(SCHEMA)),
        ("src/main.rs".to_owned(), fill(MAIN)),
        (".gitignore".to_owned(), GITIGNORE.to_owned()),
    ]
}

/// A path as a string of TOML.
fn toml_text(path: &Path) -> String {
    let text = path.to_string_lossy();
    let escaped: String = text.chars().map(escaped).collect();
    format!("\"{escaped}\"")
}

fn escaped(character: char) -> String {
    match character {
        '"' | '\\' => format!("\\{character}"),
        control if control.is_control() => format!("\\u{:04X}", u32::from(control)),
        other => other.to_string(),
    }
}

/// Whether Cargo would look for the new project in a workspace above it.
fn in_workspace(folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else {
        return false;
    };
    let mut above = folder.ancestors().skip(1);
    above.any(|folder| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest
            .lines()
            .any(|line| line.trim().starts_with("[workspace"))
    })
}

fn checkout_at(path: &Path) -> Result<PathBuf, Failure> {
    let folder = fs::canonicalize(path).map_err(|error| Failure::io("read", path, &error))?;
    if is_checkout(&folder) {
        return Ok(folder);
    }
    Err(Failure::new(
        Exit::NoInput,
        format!(
            "`{}` is no checkout of microagent: it has no `runtime` and `build-support`",
            path.display()
        ),
    ))
}

/// The checkout that the current folder, or else this program, stands in.
fn checkout_around() -> Option<PathBuf> {
    let places = [env::current_dir().ok(), env::current_exe().ok()];
    places.into_iter().flatten().find_map(|place| {
        let folder = place.ancestors().find(|folder| is_checkout(folder))?;
        Some(folder.to_owned())
    })
}

fn is_checkout(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).join("Cargo.toml").is_file();
    has("runtime") && has("build-support")
}

fn no_checkout() -> Failure {
    Failure::new(
        Exit::Usage,
        "the crates are not published yet, and no checkout of microagent is near\n  help: name one with \
         `--microagent-path DIR`",
    )
}
