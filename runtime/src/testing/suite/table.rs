//! The table of capabilities in a markdown file: a line for each ability, a column for each backend, made from a report. It
//! changes the column of that backend and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use super::ability::Ability;
use super::report::{Outcome, Report};

/// Compares the backend's column with the file, or writes it where `UPDATE=1` asks for that.
pub(super) fn keep(path: &Path, report: &Report) -> Result<(), String> {
    let read = |error| format!("can't be read: {error}");
    let text = fs::read_to_string(path).map_err(read)?;
    let updated = with_column(&text, report);
    if updated == text {
        return Ok(());
    }
    let backend = &report.backend;
    if env::var_os("UPDATE").is_none_or(|it| it != "1") {
        return Err(format!(
            "the column of {backend} is not what passed; UPDATE=1 rewrites it"
        ));
    }
    fs::write(path, updated).map_err(|error| format!("can't be written: {error}"))?;
    Err(format!(
        "the column of {backend} was rewritten; read the difference"
    ))
}

/// The file with the column of the report's backend made anew. The table is the lines that begin with a bar; where there
/// are none it stands at the end.
fn with_column(text: &str, report: &Report) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_row = |line: &&str| line.starts_with('|');
    let start = lines.iter().position(is_row).unwrap_or(lines.len());
    let rows = lines[start..].iter().take_while(|it| is_row(it)).count();
    let mut columns = columns(&lines[start..start + rows]);
    let column = column(report);
    match columns.iter_mut().find(|(name, _)| *name == report.backend) {
        Some((_, cells)) => *cells = column,
        None => columns.push((report.backend.clone(), column)),
    }
    let mut updated: Vec<String> = lines[..start].iter().map(|&it| it.to_owned()).collect();
    updated.extend(rendered(&columns));
    updated.extend(lines[start + rows..].iter().map(|&it| it.to_owned()));
    updated.join("\n") + "\n"
}

/// The name of a backend and its cells by the text of the line.
type Column = (String, BTreeMap<String, String>);

fn columns(rows: &[&str]) -> Vec<Column> {
    let cells = |row: &str| -> Vec<String> {
        let inside = row.trim_matches('|').split('|');
        inside.map(|it| it.trim().to_owned()).collect()
    };
    let Some((head, rest)) = rows.split_first() else {
        return Vec::new();
    };
    let names = cells(head).into_iter().enumerate().skip(1);
    names
        .map(|(place, name)| {
            // Behind the head is the line of dashes.
            let rows = rest.iter().skip(1).map(|it| cells(it));
            let by_line = rows.filter_map(|it| Some((it.first()?.clone(), it.get(place)?.clone())));
            (name, by_line.collect())
        })
        .collect()
}

const PASSED: &str = "cases passed";
const NOT_OFFERED: &str = "cases not offered";

fn column(report: &Report) -> BTreeMap<String, String> {
    let mut cells = BTreeMap::new();
    for ability in Ability::ALL {
        let needing = report
            .ran
            .iter()
            .filter(|it| it.case.needs.contains(&ability));
        let lacks = needing
            .clone()
            .any(|it| it.outcome == Outcome::NotOffered(ability));
        let passed = needing.filter(|it| it.outcome == Outcome::Passed).count();
        let cell = if lacks || passed == 0 { "–" } else { "yes" };
        cells.insert(ability.text().to_owned(), cell.to_owned());
    }
    cells.insert(PASSED.to_owned(), report.passed().to_string());
    cells.insert(NOT_OFFERED.to_owned(), report.not_offered().to_string());
    cells
}

fn rendered(columns: &[Column]) -> Vec<String> {
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut rows = vec![
        format!("| | {} |", names.join(" | ")),
        format!("|---|{}", "---|".repeat(columns.len())),
    ];
    let lines = Ability::ALL.map(Ability::text);
    for line in lines.into_iter().chain([PASSED, NOT_OFFERED]) {
        let cell = |(_, cells): &Column| cells.get(line).cloned().unwrap_or_default();
        let cells: Vec<_> = columns.iter().map(cell).collect();
        rows.push(format!("| {line} | {} |", cells.join(" | ")));
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::report::Ran;
    use super::super::run::Suite;
    use super::*;

    fn report(backend: &str, lacks: Ability) -> Report {
        let ran = Suite::cases().map(|case| Ran {
            case,
            outcome: if case.needs.contains(&lacks) {
                Outcome::NotOffered(lacks)
            } else {
                Outcome::Passed
            },
            took: Duration::ZERO,
        });
        Report {
            backend: backend.to_owned(),
            ran: ran.collect(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn a_report_changes_its_own_column_alone() {
        let before = "# Title\n\nText.\n\n| | one | other |\n|---|---|---|\n| time to live | yes | old |\n\nEnd.\n";
        let after = with_column(before, &report("other", Ability::Ttl));
        assert!(
            after.starts_with("# Title\n\nText.\n\n| | one | other |\n"),
            "{after}"
        );
        assert!(after.contains("\n| time to live | yes | – |\n"), "{after}");
        assert!(after.contains("\n| priorities |  | yes |\n"), "{after}");
        assert!(after.ends_with("|\n\nEnd.\n"), "{after}");
        assert_eq!(with_column(&after, &report("other", Ability::Ttl)), after);
        let third = with_column(&after, &report("third", Ability::Bus));
        assert!(third.contains("| | one | other | third |\n"), "{third}");
        assert_ne!(
            with_column(&after, &report("other", Ability::Fanout)),
            after
        );
    }
}
