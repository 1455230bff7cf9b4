//! Cases in files: `tests/check/*.mag.txt` hold one or several schema files, each behind a line `// file: a/b.mag`, and
//! the report that is expected behind a line `// report`. `UPDATE=1` rewrites the reports, and fails.

use std::path::Path;

use crate::rendered;
use crate::run;

fn split(case: &str) -> (Vec<(String, String)>, String) {
    let (schema, report) = case.split_once("// report\n").unwrap_or((case, ""));
    let mut files: Vec<(String, String)> = Vec::new();
    for line in schema.lines() {
        if let Some(path) = line.strip_prefix("// file: ") {
            files.push((path.to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    (files, report.to_owned())
}

#[test]
fn cases_give_their_reports() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the cases are readable") {
        let path = entry.expect("the cases are readable").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        count += 1;
        let case = std::fs::read_to_string(&path).expect("cases are UTF-8");
        let (files, expected) = split(&case);
        let found = rendered(&run(&files));
        if found.trim_end() != expected.trim_end() {
            if update {
                let schema = case
                    .split_once("// report\n")
                    .map_or(case.as_str(), |(schema, _)| schema);
                std::fs::write(&path, format!("{schema}// report\n{}\n", found.trim_end()))
                    .expect("the case is writable");
            }
            wrong.push(format!("{}\n{found}", path.display()));
        }
    }
    assert!(count > 0, "no cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
