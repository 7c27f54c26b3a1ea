//! Priorities of tasks, and the classes of the ready queue that follow from them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A task's priority, from 1 (most urgent) to 10 (least urgent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(minimum = 1, maximum = 10)
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Priority(i64);

impl Priority {
    /// The default priority.
    pub const NORMAL: Priority = Priority(5);

    /// Returns the class of the ready queue that it belongs to.
    pub fn class(self) -> Class {
        match self.0 {
            ..=3 => Class::High,
            4..=7 => Class::Normal,
            _ => Class::Low,
        }
    }
}

impl TryFrom<i64> for Priority {
    type Error = String;

    fn try_from(value: i64) -> Result<Self, String> {
        match (1..=10).contains(&value) {
            true => Ok(Priority(value)),
            false => Err(format!(
                "a priority is a number from 1 (most urgent) to 10 (least urgent), not {value}"
            )),
        }
    }
}

impl From<Priority> for i64 {
    fn from(priority: Priority) -> i64 {
        priority.0
    }
}

/// A class of the ready queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Priorities 1 to 3.
    High,
    /// Priorities 4 to 7.
    Normal,
    /// Priorities 8 to 10.
    Low,
}

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Class; 3] = [Class::High, Class::Normal, Class::Low];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Class::High => "high",
            Class::Normal => "normal",
            Class::Low => "low",
        }
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Class::ALL.into_iter().find(|class| class.name() == text);
        found.ok_or_else(|| format!("`{text}` is not a class; the classes are high, normal and low"))
    }
}
