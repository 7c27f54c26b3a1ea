//! Text that clients send and the database keeps. PostgreSQL keeps no NUL, and names are shown in lists and logs.

use serde_json::Value;

use super::problem::Problem;

/// In characters.
const LONGEST_NAME: usize = 255;

/// Refuses a name that is long or has control characters.
pub(super) fn name(what: &str, name: &str) -> Result<(), Problem> {
    if name.chars().count() > LONGEST_NAME {
        return Err(Problem::bad_request(format!(
            "{what} is longer than {LONGEST_NAME} characters"
        )));
    }
    match name.chars().find(|c| c.is_control()) {
        Some(control) => Err(Problem::bad_request(format!(
            "{what} has the control character {control:?} in it"
        ))),
        None => Ok(()),
    }
}

fn kept(what: &str, text: &str) -> Result<(), Problem> {
    match text.contains('\0') {
        true => Err(Problem::bad_request(format!("{what} has a NUL character in it"))),
        false => Ok(()),
    }
}

/// Refuses a value with text that cannot be kept.
pub(super) fn kept_json(what: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(text) => kept(what, text),
        Value::Array(items) => items.iter().try_for_each(|item| kept_json(what, item)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            kept(what, name)?;
            kept_json(what, value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert!(name("it", "Talk – Teil 1 (ß).mov").is_ok());
        assert!(name("it", &"é".repeat(255)).is_ok());
        for bad in ["a\0b", "a\r\nb", "\u{85}", &"é".repeat(256)] {
            assert!(name("it", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn no_nul_is_kept() {
        let good = serde_json::json!({ "a": ["b", 1, null, "\\u0000"] });
        assert!(kept_json("it", &good).is_ok());
        for bad in [
            serde_json::json!(["a", { "b": "\0" }]),
            serde_json::json!({ "\0": 1 }),
        ] {
            assert!(kept_json("it", &bad).is_err(), "{bad}");
        }
    }
}
