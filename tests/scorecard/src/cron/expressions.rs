//! The expressions of the differential suite: chosen by hand, and made from a seed.

/// What people write, and what is known to be read in two ways.
pub const CHOSEN: &[&str] = &[
    "* * * * *",
    "*/5 * * * *",
    "*/7 * * * *",
    "0 * * * *",
    "0 */4 * * *",
    "30 */2 * * *",
    "*/15 2 * * *",
    "30 2 * * *",
    "0 2,3 * * *",
    "59 1 * * *",
    "0 0 * * *",
    "30 0 * * *",
    "1 0 * * *",
    "0 1 * * *",
    "0 3 * * *",
    "15,45 0-3 * * *",
    "* 2 * * *",
    "* 0 * * *",
    "* 23 * * *",
    "30 23 * * *",
    "*/20 0-23 * * *",
    "0 *,5 * * *",
    "0 5,* * * *",
    "0 0-23/2 * * *",
    "@daily",
    "@hourly",
    "@weekly",
    "@monthly",
    "@yearly",
    "@Annually",
    "@MIDNIGHT",
    "@HOURLY",
    "0 0 13 * 5",
    "0 0 13 * FRI",
    "0 9 * * 1-5",
    "0 0 * * 0",
    "0 0 * * 7",
    "59 23 * * 6",
    "0 0 * * 5-7",
    "15 10 * * 1-5/2",
    "0 0 1-7 * 1",
    "0 0 1,15 * MON",
    "0 0 */2 * 1",
    "0 0 1 * */2",
    "0 0 */2 * */3",
    "0 0 1-7 * */7",
    "0 0 *,13 * 5",
    "0 0 29 2 *",
    "0 0 31 * *",
    "0 0 30 2 1",
    "30 2 29 2 */3",
    "0 12 29 2 0",
    "0 0 31 2,4,12 *",
    "0 12 * jan-mar mon,wed",
    "30 2 25-31 3 0",
    "30 2 25-31 3 */7",
    "30 1-2 25-31 10 */7",
    "0 2 * 3,10 sun",
    "0 0 30 12 *",
    "0 12 30 12 *",
    "0,30 */2 1-15 jan,jul 0",
    "5-59/20 0-23 1-31 1-12 0-6",
    "*/60 */24 */31 */12 *",
    "00 007 01 012 06",
    "* * 1-31 * 1",
    "0 0 * * 0-7",
    "0 0 * */3 *",
    "0 0 1 */5 *",
    "10-50/13 */5 * * *",
    "45 1 * * *",
    "45 * * * *",
];

/// A small generator of its own, so that every machine sees the same numbers.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to `below`, exclusive.
    pub fn below(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        i64::try_from(mixed >> 2).expect("62 bits") % below
    }

    fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below(last - first + 1)
    }

    /// A good expression, as far as each field alone can tell.
    pub fn expression(&mut self) -> String {
        let minute = self.field(0, 59, &[]);
        // Clocks are changed at night, which is where the rules differ.
        let hour = match self.below(3) {
            0 => self.field(0, 3, &[]),
            _ => self.field(0, 23, &[]),
        };
        let day = if self.below(2) == 0 {
            "*".to_owned()
        } else {
            self.field(1, 31, &[])
        };
        let month = match self.below(4) {
            0 => self.field(
                1,
                12,
                &[
                    "", "jan", "FEB", "Mar", "apr", "may", "JUN", "jul", "aug", "sep", "Oct",
                    "nov", "DEC",
                ],
            ),
            _ => "*".to_owned(),
        };
        let weekday = if self.below(2) == 0 {
            "*".to_owned()
        } else {
            self.field(0, 7, &["SUN", "mon", "Tue", "wed", "thu", "fri", "SAT"])
        };
        format!("{minute} {hour} {day} {month} {weekday}")
    }

    fn field(&mut self, first: i64, last: i64, names: &[&str]) -> String {
        let count = if self.below(3) == 0 {
            self.between(2, 4)
        } else {
            1
        };
        let entries: Vec<String> = (0..count).map(|_| self.entry(first, last, names)).collect();
        entries.join(",")
    }

    fn entry(&mut self, first: i64, last: i64, names: &[&str]) -> String {
        let low = self.between(first, last);
        let high = self.between(low, last);
        let step = self.between(1, last.min(7));
        match self.below(8) {
            0 => "*".to_owned(),
            1 => format!("*/{step}"),
            2 => format!("{}-{}", self.value(low, names), self.value(high, names)),
            3 => format!("{low}-{high}/{step}"),
            _ => self.value(low, names),
        }
    }

    /// The number, or its name in half of the cases; Sunday's name is 0 alone, so that ranges stay in order.
    fn value(&mut self, value: i64, names: &[&str]) -> String {
        let name = usize::try_from(value)
            .ok()
            .and_then(|place| names.get(place));
        match name {
            Some(name) if self.below(2) == 0 => (*name).to_owned(),
            _ => value.to_string(),
        }
    }
}
