//! SPDX expressions, as far as crates use them.

/// Whether a package with this licence may be used where these licences are allowed.
///
/// ```
/// use packages::licence::is_allowed;
///
/// assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT", "Unicode-3.0"]));
/// assert!(!is_allowed("MIT AND GPL-3.0", &["MIT"]));
/// assert!(is_allowed("Apache-2.0/MIT", &["MIT"]));
/// assert!(!is_allowed("", &["MIT"]));
/// ```
#[must_use]
pub fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    either(&mut words, allowed) && words.is_empty()
}

fn either(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut is_allowed = both(words, allowed);
    while let Some(("OR", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
        *words = rest;
        is_allowed |= both(words, allowed);
    }
    is_allowed
}

fn both(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut is_allowed = one(words, allowed);
    while let Some(("AND", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
        *words = rest;
        is_allowed &= one(words, allowed);
    }
    is_allowed
}

fn one(words: &mut &[&str], allowed: &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if *first == "(" {
        let is_allowed = either(words, allowed);
        let Some((")", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) else { return false };
        *words = rest;
        return is_allowed;
    }
    // An exception permits more than the licence does.
    if let Some(("WITH", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
        *words = rest.get(1..).unwrap_or_default();
    }
    allowed.contains(first)
}
