//! The seam between the store and a database: guarded transactions of plain statements.
//!
//! The store is written once, in the SQL that SQLite and PostgreSQL share: `bigint` and `text` columns, `$n`
//! parameters in the order of their first use, `returning`, `on conflict`, and one function, `vidc_now()`, the
//! database's own clock in milliseconds since 1970. An adapter only carries statements.

use async_trait::async_trait;
use jiff::Timestamp;

/// A parameter or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL's null.
    Null,
    /// `bigint`
    Int(i64),
    /// `text`
    Text(String),
}

/// SQL and its parameters, `$1` first.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text; never made of a user's.
    pub sql: &'static str,
    /// What its parameters are bound to.
    pub args: Vec<Value>,
}

/// A row of a result.
#[derive(Clone, Debug, Default)]
pub struct Row(pub Vec<Value>);

/// Why a database did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be reached, is starting, or has lost its place as the primary; asking again later may help.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// It answered with something else than was asked for.
    #[error("the database refused: {0}")]
    Rejected(String),
}

/// A database that keeps what it has confirmed.
#[async_trait]
pub trait Database: Send + Sync + std::fmt::Debug {
    /// Brings the tables to the newest schema; safe when several processes start at once.
    async fn migrate(&self, migrations: &[&str]) -> Result<(), DatabaseError>;

    /// Rows of a statement that changes nothing.
    async fn read(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError>;

    /// One transaction: the guard, and only if it returned rows, what follows from it. Returns the guard's rows.
    async fn write(&self, guard: Statement, then: Vec<Statement>) -> Result<Vec<Row>, DatabaseError>;
}

/// A statement; `sql!("select $1", 5, "five")`.
macro_rules! sql {
    ($sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::database::Statement {
            sql: $sql,
            args: vec![$($crate::store::database::Value::from($arg)),*],
        }
    };
}
pub(crate) use sql;

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(value.clone())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Value::Int(value.as_millisecond())
    }
}

impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
        Value::Text(value.to_string())
    }
}

impl From<std::time::Duration> for Value {
    fn from(value: std::time::Duration) -> Self {
        Value::Int(i64::try_from(value.as_millis()).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Takes a row's fields from left to right.
pub(crate) struct Fields(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn fields(self) -> Fields {
        Fields(self.0.into_iter())
    }
}

impl Fields {
    fn next(&mut self) -> Result<Value, DatabaseError> {
        self.0
            .next()
            .ok_or_else(|| DatabaseError::Rejected("a row is too short".to_owned()))
    }

    pub(crate) fn int(&mut self) -> Result<i64, DatabaseError> {
        self.optional_int()?
            .ok_or_else(|| unexpected("a number", &Value::Null))
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, DatabaseError> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            other => Err(unexpected("a number", &other)),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, DatabaseError> {
        self.optional_text()?
            .ok_or_else(|| unexpected("a text", &Value::Null))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, DatabaseError> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            other => Err(unexpected("a text", &other)),
        }
    }

    /// A text that something is read from, such as an identifier.
    pub(crate) fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, DatabaseError> {
        let text = self.text()?;
        text.parse()
            .map_err(|_| DatabaseError::Rejected(format!("`{text}` is not what its column holds")))
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, DatabaseError> {
        let text = self.text()?;
        serde_json::from_str(&text)
            .map_err(|error| DatabaseError::Rejected(format!("a field's JSON: {error}")))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, DatabaseError> {
        let at = self.int()?;
        Timestamp::from_millisecond(at).map_err(|error| DatabaseError::Rejected(error.to_string()))
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, DatabaseError> {
        self.optional_int()?
            .map(|at| {
                Timestamp::from_millisecond(at).map_err(|error| DatabaseError::Rejected(error.to_string()))
            })
            .transpose()
    }
}

fn unexpected(wanted: &str, found: &Value) -> DatabaseError {
    DatabaseError::Rejected(format!("{wanted} was expected, and {found:?} found"))
}
