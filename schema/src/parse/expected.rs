//! What the rules of the grammar are called in messages, and which keywords they begin with.

use crate::parse::grammar::Rule;
use crate::parse::split::{ITEMS, LINES};

/// The list of what could stand at a place: ``"`,`, `}` or a type"``. Empty where it would say too much.
pub(super) fn describe(expected: &[Rule]) -> String {
    let mut names: Vec<String> = expected.iter().flat_map(|rule| names(*rule)).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 1 {
        names.retain(|name| !matches!(name.as_str(), "`?`" | "`(`" | "`@`" | "`.`"));
    }
    match names.as_slice() {
        [one] => one.clone(),
        [most @ .., last] if names.len() <= 5 => format!("{} or {last}", most.join(", ")),
        _ => String::new(),
    }
}

fn names(rule: Rule) -> Vec<String> {
    match (name(rule), keywords(rule)) {
        (Some(name), _) => vec![name.to_owned()],
        (None, keywords) => keywords
            .iter()
            .map(|keyword| format!("`{keyword}`"))
            .collect(),
    }
}

/// The keywords that could stand at a place, sorted.
pub(super) fn all_keywords(expected: &[Rule]) -> Vec<&'static str> {
    let mut all: Vec<&str> = expected
        .iter()
        .flat_map(|rule| keywords(*rule))
        .copied()
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The keywords that a rule begins with.
pub(super) fn keywords(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::one_item | Rule::item => &ITEMS,
        Rule::one_agent_line | Rule::agent_line => &LINES,
        Rule::one_exchange_line | Rule::exchange_line | Rule::queue | Rule::kw_queue => &["queue"],
        Rule::enum_ | Rule::union_ => &["closed", "enum", "union"],
        Rule::closed => &["closed"],
        Rule::kw_enum => &["enum"],
        Rule::kw_union => &["union"],
        Rule::options | Rule::kw_with => &["with"],
        Rule::alias | Rule::kw_as => &["as"],
        Rule::routing | Rule::tag | Rule::kw_by => &["by"],
        Rule::binding | Rule::kw_on => &["on"],
        Rule::throws | Rule::kw_throws => &["throws"],
        Rule::kw_asymmetric | Rule::asymmetric => &["asymmetric"],
        Rule::kw_reserved | Rule::reserved => &["reserved"],
        _ => head(rule),
    }
}

/// The keyword of an item or line whose rule is named like it.
fn head(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::edition | Rule::kw_mag => &["mag"],
        Rule::package | Rule::kw_package => &["package"],
        Rule::use_line | Rule::kw_use => &["use"],
        Rule::struct_ | Rule::kw_struct => &["struct"],
        Rule::type_alias | Rule::kw_type => &["type"],
        Rule::signal | Rule::kw_signal => &["signal"],
        Rule::call | Rule::kw_call => &["call"],
        Rule::exchange | Rule::kw_exchange => &["exchange"],
        Rule::agent | Rule::kw_agent => &["agent"],
        Rule::every | Rule::kw_every => &["every"],
        Rule::cron | Rule::kw_cron => &["cron"],
        Rule::receive | Rule::kw_receive => &["receive"],
        Rule::answer | Rule::kw_answer => &["answer"],
        Rule::consume | Rule::kw_consume => &["consume"],
        Rule::serve | Rule::kw_serve => &["serve"],
        Rule::emits | Rule::kw_emits => &["emits"],
        Rule::sends | Rule::kw_sends => &["sends"],
        Rule::calls | Rule::kw_calls => &["calls"],
        _ => &[],
    }
}

fn name(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::item | Rule::one_item => "an item",
        Rule::agent_line | Rule::one_agent_line => "a line of an agent",
        Rule::exchange_line | Rule::one_exchange_line => "a queue",
        Rule::member | Rule::one_member | Rule::field => "a field",
        Rule::union_member | Rule::one_union_member | Rule::variant => "a member",
        Rule::name
        | Rule::address
        | Rule::declared
        | Rule::ident
        | Rule::path
        | Rule::target
        | Rule::use_name => "a name",
        Rule::option_entry => "an option",
        Rule::argument => "a constraint",
        Rule::type_ | Rule::list | Rule::map => "a type",
        Rule::enum_member
        | Rule::one_enum_member
        | Rule::value
        | Rule::entry
        | Rule::object
        | Rule::items
        | Rule::range => "a value",
        Rule::number | Rule::float | Rule::size | Rule::duration => "a number",
        Rule::text => "a string",
        Rule::arguments | Rule::open_paren => "`(`",
        Rule::optional => "`?`",
        Rule::body
        | Rule::enum_body
        | Rule::union_body
        | Rule::exchange_body
        | Rule::agent_body
        | Rule::open_brace => "`{`",
        Rule::close_brace => "`}`",
        Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::close_paren => "`)`",
        Rule::comma => "`,`",
        Rule::semicolon => "`;`",
        Rule::of_type | Rule::colon => "`:`",
        Rule::equals | Rule::default => "`=`",
        Rule::dot | Rule::use_names => "`.`",
        Rule::dots | Rule::spread => "`..`",
        Rule::reply | Rule::arrow => "`->`",
        Rule::annotation | Rule::at => "`@`",
        _ => return None,
    })
}
