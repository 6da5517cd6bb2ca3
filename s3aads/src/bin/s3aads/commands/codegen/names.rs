//! Stored names as Rust's.

use std::collections::BTreeSet;

/// Names that can't be a field's, whatever is put before them.
const NEVER: &[&str] = &["self", "Self", "super", "crate", "_", ""];

/// Rust's other keywords.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// What a table has methods of that end as plurals do.
const METHODS: &[&str] = &["columns", "exists", "keys", "objects", "rows"];

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    methods: BTreeSet<String>,
}

impl Names {
    /// A field of its own for this stored name.
    pub(super) fn field(&mut self, stored: &str) -> String {
        let name = self.free(snake(stored));
        if KEYWORDS.contains(&&*name) {
            format!("r#{name}")
        } else {
            name
        }
    }

    /// A variant of its own for this stored name.
    pub(super) fn variant(&mut self, stored: &str) -> String {
        self.free(pascal(stored))
    }

    /// The plural that a column needs, because its own is another method's.
    pub(super) fn plural(&mut self, field: &str) -> Option<String> {
        let name = bare(field);
        let plural = format!("{name}s");
        if !METHODS.contains(&&*plural) && self.methods.insert(plural) {
            return None;
        }
        let mut plural = format!("{name}_values");
        while !self.methods.insert(plural.clone()) {
            plural.push('_');
        }
        Some(plural)
    }

    fn free(&mut self, mut name: String) -> String {
        while NEVER.contains(&&*name) || !self.taken.insert(name.clone()) {
            name.push('_');
            if name == "__" {
                "field".clone_into(&mut name);
            }
        }
        name
    }
}

/// A field's name without what makes a keyword one.
pub(super) fn bare(field: &str) -> &str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// `dailyData` and `daily-data` are `daily_data`.
fn snake(stored: &str) -> String {
    let mut name = String::new();
    let mut lower_before = false;
    for c in stored.chars() {
        if c.is_ascii_uppercase() && lower_before {
            name.push('_');
        }
        lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if name.chars().all(|c| c == '_') {
        "field".to_owned()
    } else {
        name
    }
}

/// `daily-data` is `DailyData`.
pub(super) fn pascal(stored: &str) -> String {
    let mut name = String::new();
    for word in snake(stored).split('_').filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, 'N');
    }
    match &*name {
        "Self" => "Self_".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_as_rust_s() {
        let mut names = Names::default();
        for (stored, field) in [
            ("id", "id"),
            ("tempMax", "temp_max"),
            ("temp-max", "temp_max_"),
            ("type", "r#type"),
            ("self", "self_"),
            ("2020", "_2020"),
            ("東京", "field"),
            ("", "field_"),
            ("HTTP", "http"),
        ] {
            assert_eq!(names.field(stored), field, "{stored}");
        }
        assert_eq!(pascal("daily-data"), "DailyData");
        assert_eq!(pascal("3d"), "N3d");
        assert_eq!(names.plural("key").as_deref(), Some("key_values"));
        assert_eq!(names.plural("year"), None);
    }
}
