//! Tables of expressions: what they mean, and what is said about bad ones.

use super::macros::MACROS;
use super::*;

/// The values of a set, in order.
fn values(bits: u64) -> Vec<u32> {
    (0..64).filter(|value| bits >> value & 1 == 1).collect()
}

/// The five sets and then the fields that begin with `*`, in a form that reads well in a table.
fn shown(expression: &Expression) -> String {
    let Expression {
        minutes,
        hours,
        days,
        months,
        weekdays,
        ..
    } = *expression;
    let sets = [
        minutes,
        hours.into(),
        days.into(),
        months.into(),
        weekdays.into(),
    ];
    let full = [60, 24, 31, 12, 7];
    let mut shown: Vec<String> = Vec::new();
    for (set, full) in sets.into_iter().zip(full) {
        let values = values(set);
        if values.len() == full {
            shown.push("all".to_owned());
        } else {
            let values: Vec<String> = values.iter().map(u32::to_string).collect();
            shown.push(values.join(","));
        }
    }
    let stars = [
        ("h", expression.hour_star),
        ("d", expression.day_star),
        ("w", expression.weekday_star),
    ];
    for (name, star) in stars {
        if star {
            shown.push(format!("*{name}"));
        }
    }
    shown.join(" ")
}

#[test]
fn reads_what_vixie_reads() {
    let table = [
        ("* * * * *", "all all all all all *h *d *w"),
        ("0 */4 * * *", "0 0,4,8,12,16,20 all all all *h *d *w"),
        ("*/15 2 * * *", "0,15,30,45 2 all all all *d *w"),
        ("30 2 * * MON-FRI", "30 2 all all 1,2,3,4,5 *d"),
        (
            "0,30 */2 1-3 jan,Jul 0",
            "0,30 0,2,4,6,8,10,12,14,16,18,20,22 1,2,3 1,7 0 *h",
        ),
        ("0 0 */10 * 1", "0 0 1,11,21,31 all 1 *d"),
        ("0 0 1 * */2", "0 0 1 all 0,2,4,6 *w"),
        ("0 0 * * 0", "0 0 all all 0 *d"),
        ("0 0 * * 7", "0 0 all all 0 *d"),
        ("0 0 * * sun", "0 0 all all 0 *d"),
        ("0 0 * * 5-7", "0 0 all all 0,5,6 *d"),
        ("0 0 * * fri-7", "0 0 all all 0,5,6 *d"),
        ("0 0 * * 1-7/2", "0 0 all all 0,1,3,5 *d"),
        ("0 0 * * */7", "0 0 all all 0 *d *w"),
        ("0 0 * * 0-7", "0 0 all all all *d"),
        ("5-59/20 0-23 1-31 1-12 0-6", "5,25,45 all all all all"),
        ("*/60 */24 */31 */12 *", "0 0 1 1 all *h *d *w"),
        ("0 *,5 1,* * *", "0 all all all all *h *w"),
        ("00 007 01 012 06", "0 7 1 12 6"),
        (" \t 5  4\t* *   * ", "5 4 all all all *d *w"),
        ("1,1,1-2,2 0 1 1 1", "1,2 0 1 1 1"),
        ("0 0 29 2 *", "0 0 29 2 all *w"),
        ("0 0 30 2 1", "0 0 30 2 1"),
        ("0 0 31 2,4,12 *", "0 0 31 2,4,12 all *w"),
        ("59 23 31 dec sat", "59 23 31 12 6"),
    ];
    for (text, expected) in table {
        let expression = parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        assert_eq!(shown(&expression), expected, "{text}");
    }
}

#[test]
fn macros_stand_for_their_fields_in_any_case() {
    for (name, fields) in MACROS {
        let expected = parse(fields).expect("the table holds good expressions");
        for spelled in [name.to_owned(), name.to_uppercase(), format!(" {name}\t")] {
            assert_eq!(parse(&spelled), Ok(expected), "{spelled}");
        }
    }
    assert!(parse("@hourly").expect("good").hour_star);
    assert!(!parse("@daily").expect("good").hour_star);
}

/// Text with the range in brackets, message, and a part of the help. A suggestion stands behind `?`.
#[rustfmt::skip] // One case a line can be read as a table.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("[]", "a cron expression has five fields, this one is empty", "minute hour day month weekday"),
    ("[*]", "a cron expression has five fields, this one has one", "minute hour day month weekday"),
    (" [0 4 * *] ", "a cron expression has five fields, this one has 4", "minute hour day month weekday"),
    ("[0] 0 4 * * *", "a cron expression has five fields, this one has 6", "Quartz with seconds; leave them out: `0 4 * * *`"),
    ("[0] 0 4 * * ? 2030", "a cron expression has five fields, this one has 7", "seconds and years; leave them out: `0 4 * * ?`"),
    ("[0 4 * * * root run this]", "a cron expression has five fields, this one has 8", "minute hour day month weekday"),
    ("[60] 0 * * *", "there is no minute `60`", "the full hour is 0"),
    ("0 [24] * * *", "there is no hour `24`", "midnight is 0"),
    ("0 0 [0] * *", "there is no day `0`", "days run from 1 to 31"),
    ("0 0 [32] * *", "there is no day `32`", "days run from 1 to 31"),
    ("0 0 * [13] *", "there is no month `13`", "months run from 1 to 12"),
    ("0 0 * [0] *", "there is no month `0`", "months run from 1 to 12"),
    ("0 0 * * [8]", "there is no weekday `8`", "both 0 and 7 are Sunday"),
    ("0 8-[24] * * *", "there is no hour `24`", "midnight is 0"),
    ("[99999999999999999999] 0 * * *", "there is no minute `99999999999999999999`", "0 to 59"),
    ("[5/15] * * * *", "`5/15` has a step but no range", "`5-59/15`, or begin with `*`: `*/15`"),
    ("0 0 * * [MON/2]", "`MON/2` has a step but no range", "`MON-6/2`"),
    ("0 0 * * [SAT-SUN]", "the range `SAT-SUN` runs backwards", "Sunday at the end of a range is 7: `6-7`"),
    ("0 0 * * [FRI-MON]", "the range `FRI-MON` runs backwards", "write two: `5-6,0-1`"),
    ("0 [22-2] * * *", "the range `22-2` runs backwards", "write two: `22-23,0-2`"),
    ("0 0 * [dec-jan] *", "the range `dec-jan` runs backwards", "write two: `12,1`"),
    ("*/[0] * * * *", "a step of 0 never moves on", "a number from 1 to 60"),
    ("*/[90] * * * *", "a step of 90 is longer than the 60 values of the minute field", "`every 90m name`"),
    ("0 */[36] * * *", "a step of 36 is longer than the 24 values of the hour field", "`every 36h name`"),
    ("0 0 * */[13] *", "a step of 13 is longer than the 12 values of the month field", "from 1 to 12"),
    ("0 0 * * 1-5/[8]", "a step of 8 is longer than the 7 values of the weekday field", "from 1 to 7"),
    ("[*/] * * * *", "a step is missing in `*/`", "one whole number from 1 to 60"),
    ("*/[x] * * * *", "`x` is not a step", "one whole number from 1 to 60"),
    ("*/[2/3] * * * *", "`2/3` is not a step", "one whole number"),
    ("*/[-2] * * * *", "`-2` is not a step", "one whole number"),
    ("0 0 [?] * *", "`?` is another scheduler's, not cron's", "write `*`"),
    ("0 0 [L] * *", "`L` is another scheduler's, not cron's", "no last day"),
    ("0 0 [L]-3 * *", "`L` is another scheduler's, not cron's", "no last day"),
    ("0 0 * * [5L]", "`5L` is another scheduler's, not cron's", "no last day"),
    ("0 0 * * [friL]", "`friL` is another scheduler's, not cron's", "no last day"),
    ("0 0 [15W] * *", "`15W` is another scheduler's, not cron's", "no nearest working day"),
    ("0 0 [LW] * *", "`LW` is another scheduler's, not cron's", "no nearest working day"),
    ("0 0 * * [MON#1]", "`MON#1` is another scheduler's, not cron's", "can't count weekdays"),
    ("[H] * * * *", "`H` is another scheduler's, not cron's", "picks no value"),
    ("[0~30] * * * *", "`0~30` is another scheduler's, not cron's", "picks no value"),
    ("1[,],2 * * * *", "an entry of this list is empty", "one comma"),
    ("[,]1 * * * *", "an entry of this list is empty", "one comma"),
    ("1[,] * * * *", "an entry of this list is empty", "one comma"),
    ("[1-] * * * *", "a value is missing in `1-`", "from 0 to 59"),
    ("[-5] * * * *", "a value is missing in `-5`", "from 0 to 59"),
    ("1,[/5] * * * *", "a value is missing in `/5`", "from 0 to 59"),
    ("[1-2-3] * * * *", "the range `1-2-3` has more than two ends", "first and the last"),
    ("[*]-5 * * * *", "`*` stands alone or before a step", "`1-5` for some"),
    ("[**] * * * *", "`*` stands alone or before a step", "`*/2`"),
    ("[1.5] * * * *", "`1.5` is not a minute", "0 to 59"),
    ("[+5] * * * *", "`+5` is not a minute", "0 to 59"),
    ("[5\n] * * * *", "`5\\n` is not a minute", "0 to 59"),
    ("[aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd] * * * *", "`aaaaaaaaaabbbbbbbbbbccccccccccdd…` is not a minute", "0 to 59"),
    ("0 [noon] * * *", "`noon` is not an hour", "0 to 23"),
    ("0 0 [first] * *", "`first` is not a day", "a day of the month, 1 to 31"),
    ("0 0 * [1st] *", "`1st` is not a month", "a name such as `JAN`"),
    ("0 0 [MON] * *", "`MON` is a weekday, this is the day field", "minute hour day month weekday"),
    ("0 0 * [mon] *", "`mon` is a weekday, this is the month field", "minute hour day month weekday"),
    ("0 0 * * [JAN]", "`JAN` is a month, this is the weekday field", "minute hour day month weekday"),
    ("0 0 * * [MNO]", "unknown weekday `MNO`?MON", "`SUN`, `MON`"),
    ("0 0 * * MON-[FIR]", "unknown weekday `FIR`?FRI", "`SUN`, `MON`"),
    ("0 0 * * [Thursday]", "unknown weekday `Thursday`?THU", "`SUN`, `MON`"),
    ("0 0 * [sept] *", "unknown month `sept`?SEP", "`JAN`, `FEB`"),
    ("0 0 * [April] *", "unknown month `April`?APR", "`JAN`, `FEB`"),
    ("0 0 * [xyz] *", "unknown month `xyz`", "`JAN`, `FEB`"),
    ("0 0 * * [Ä]", "`Ä` is not a weekday", "a name such as `SUN`"),
    ("0 0 [30 2] *", "this date never comes", "February has at most 29 days"),
    ("0 0 [31 4,6,SEP] *", "this date never comes", "April, June, September"),
    ("0 0 [31 2] */2", "this date never comes", "without the `*` either may match"),
    ("[@reboot]", "`@reboot` is no time", "`post_start`"),
    ("[@every 5m]", "`@every` is not a cron macro", "`every 5m name`"),
    ("[@dayly]", "unknown macro `@dayly`?@daily", "`@yearly`"),
    ("[@]", "unknown macro `@`", "`@yearly`"),
    ("@daily [0 0]", "nothing may follow `@daily`", "all five fields: `0 0 * * *`"),
];

#[test]
fn says_what_is_wrong_and_how_to_mend_it() {
    for (marked, message, help) in PROBLEMS {
        let start = marked.find('[').expect("a range is marked");
        let end = marked.find(']').expect("a range is marked") - 1;
        let text = marked.replace(['[', ']'], "");
        let problem = parse(&text).expect_err(&text);
        let mut said = problem.message.clone();
        if let Some(suggestion) = &problem.suggestion {
            said.push('?');
            said.push_str(suggestion);
        }
        assert_eq!(said, *message, "{text}");
        assert_eq!(problem.range, start..end, "{text}");
        assert!(problem.help.contains(help), "{text}: {}", problem.help);
    }
}

/// What a help line offers instead is good itself.
#[test]
fn offered_ranges_are_good() {
    for text in [
        "5-59/15 * * * *",
        "0 22-23,0-2 * * *",
        "0 0 * 12,1 *",
        "0 0 * * 5-6,0-1",
        "0 0 * * MON-6/2",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn mutations_never_panic_and_ranges_stay_inside() {
    let pieces = [
        "*",
        "/",
        "-",
        ",",
        "@",
        " ",
        "\t",
        "\n",
        "0",
        "7",
        "31",
        "60",
        "MON",
        "L",
        "?",
        "#",
        "ä",
        "\u{202e}",
        "99999999999",
    ];
    let good = [
        "*/15 2-4 1,15 JAN-JUN/2 MON",
        "@daily",
        "0 0 30 2 *",
        "0 */4 * * sun-sat",
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("below a usize")
    };
    for round in 0..20_000 {
        let mut text: Vec<char> = good[round % good.len()].chars().collect();
        for _ in 0..=random(3) {
            let at = random(text.len() + 1);
            let until = (at + random(3)).min(text.len());
            text.splice(at..until, pieces[random(pieces.len())].chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(problem) = parse(&text) {
            assert!(
                text.get(problem.range.clone()).is_some(),
                "{text:?}: {problem:?}"
            );
            assert!(
                !problem.message.is_empty() && !problem.help.is_empty(),
                "{text:?}"
            );
        }
    }
}
