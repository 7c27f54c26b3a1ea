//! Validation of text that clients send and the database stores. PostgreSQL stores no NUL characters, and names appear in
//! lists and logs.

use serde_json::Value;

use super::problem::Problem;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 255;

/// Rejects names that are too long or contain control characters.
pub(super) fn check_name(field: &str, name: &str) -> Result<(), Problem> {
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(Problem::bad_request(format!(
            "{field} is longer than {MAX_NAME_CHARS} characters"
        )));
    }
    match name.chars().find(|c| c.is_control()) {
        Some(control) => Err(Problem::bad_request(format!(
            "{field} contains the control character {control:?}"
        ))),
        None => Ok(()),
    }
}

/// Rejects text with NUL characters.
fn check_text(field: &str, text: &str) -> Result<(), Problem> {
    match text.contains('\0') {
        true => Err(Problem::bad_request(format!("{field} contains a NUL character"))),
        false => Ok(()),
    }
}

/// Rejects values that contain text with NUL characters.
pub(super) fn check_json(field: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(text) => check_text(field, text),
        Value::Array(items) => items.iter().try_for_each(|item| check_json(field, item)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(field, name)?;
            check_json(field, value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert!(check_name("it", "Talk – Teil 1 (ß).mov").is_ok());
        assert!(check_name("it", &"é".repeat(255)).is_ok());
        for bad in ["a\0b", "a\r\nb", "\u{85}", &"é".repeat(256)] {
            assert!(check_name("it", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn json_with_nul_characters_is_rejected() {
        let good = serde_json::json!({ "a": ["b", 1, null, "\\u0000"] });
        assert!(check_json("it", &good).is_ok());
        for bad in [
            serde_json::json!(["a", { "b": "\0" }]),
            serde_json::json!({ "\0": 1 }),
        ] {
            assert!(check_json("it", &bad).is_err(), "{bad}");
        }
    }
}
