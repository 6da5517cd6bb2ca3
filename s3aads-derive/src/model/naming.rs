//! Names that are made from other names.

/// `DailyData` as `daily_data`, `HTTPLog` as `http_log`, `Day2` as `day2`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, &c) in chars.iter().enumerate() {
        if c.is_uppercase() {
            let before = i.checked_sub(1).and_then(|i| chars.get(i));
            let starts_word = before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || before.is_some_and(|b| b.is_uppercase())
                    && chars.get(i + 1).is_some_and(|after| after.is_lowercase());
            if starts_word {
                snake.push('_');
            }
            snake.extend(c.to_lowercase());
        } else {
            snake.push(c);
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_begin_at_capitals() {
        for (name, snake) in [
            ("DailyData", "daily_data"),
            ("Day", "day"),
            ("HTTPLog", "http_log"),
            ("LogHTTP", "log_http"),
            ("Day2Log", "day2_log"),
            ("ABTest", "ab_test"),
            ("already_snake", "already_snake"),
            ("_Private", "_private"),
            ("ÉtéJour", "été_jour"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }
}
