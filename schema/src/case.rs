//! Names between cases: what a quoted wire name is called in Rust, and whether a written name follows the language's
//! rules. Knows only text; which name stands where is `resolve`'s business.

/// The words of a name in lower case: split at symbols, before a capital that follows a small letter or a digit, and
/// before the last capital of a run (`HTTPServer` is `http`, `server`).
pub(crate) fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            finish(&mut word, &mut words);
            continue;
        }
        let before = index.checked_sub(1).map(|before| characters[before]);
        if starts_word(before, character, characters.get(index + 1).copied()) {
            finish(&mut word, &mut words);
        }
        word.push(character.to_ascii_lowercase());
    }
    finish(&mut word, &mut words);
    words
}

fn starts_word(before: Option<char>, character: char, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    character.is_ascii_uppercase()
        && (before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || (before.is_ascii_uppercase()
                && after.is_some_and(|after| after.is_ascii_lowercase())))
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// `userId` and `user-id` as `user_id`.
#[must_use]
pub fn snake(text: &str) -> String {
    words(text).join("_")
}

/// `user_id` as `UserId`; capitals inside a word are kept as they come from [`words`], that is small.
pub(crate) fn pascal(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for word in words(text) {
        let mut characters = word.chars();
        if let Some(first) = characters.next() {
            name.push(first.to_ascii_uppercase());
            name.push_str(characters.as_str());
        }
    }
    name
}

/// Whether a name is `snake_case` as the language wants it: ASCII, a small letter first.
#[must_use]
pub fn is_snake(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a name is `PascalCase`: ASCII, a capital first, no underscore.
pub(crate) fn is_pascal(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_symbols_and_case_changes() {
        for (text, expected) in [
            ("userId", "user_id"),
            ("pay-as-you-go", "pay_as_you_go"),
            ("HTTPServer", "http_server"),
            ("FeatureCollection", "feature_collection"),
            ("DEBIT", "debit"),
            ("a.b-c", "a_b_c"),
            ("user2Name", "user2_name"),
            ("$ref", "ref"),
            ("2XL", "2_xl"),
            ("--", ""),
        ] {
            assert_eq!(snake(text), expected, "{text}");
        }
    }

    #[test]
    fn makes_pascal_from_snake() {
        assert_eq!(pascal("user_deleted"), "UserDeleted");
        assert_eq!(pascal("push3"), "Push3");
        assert_eq!(pascal("a__b_"), "AB");
    }

    #[test]
    fn knows_the_two_cases() {
        assert!(is_snake("push3") && is_snake("a_b"));
        assert!(!is_snake("_a") && !is_snake("aB") && !is_snake("3a"));
        assert!(is_pascal("MailAgent") && !is_pascal("mail") && !is_pascal("Mail_Agent"));
    }
}
