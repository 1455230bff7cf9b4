//! `mag explain`: the page of a diagnostic code, or the list of all.

use microagent_schema::codes;
use microagent_schema::suggest::suggest;

use crate::arguments::Explain;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(arguments: &Explain, output: &mut Output) -> Result<Exit, Failure> {
    let Some(asked) = &arguments.code else {
        for page in codes::pages() {
            output.answer(&format!("{}  {}\n", page.code, page.title()))?;
        }
        return Ok(Exit::Good);
    };
    let code = asked.trim().to_ascii_uppercase();
    match codes::pages().find(|page| page.code.to_string() == code) {
        Some(page) => {
            output.answer(&format!("{}\n", page.explain.trim_end()))?;
            Ok(Exit::Good)
        }
        None => Err(Failure::new(Exit::Usage, unknown(asked, &code))),
    }
}

fn unknown(asked: &str, code: &str) -> String {
    let known: Vec<String> = codes::pages().map(|page| page.code.to_string()).collect();
    let hint = match suggest(code, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`mag explain` lists all codes".to_owned(),
    };
    format!("there is no diagnostic code `{asked}`\n  help: {hint}")
}
