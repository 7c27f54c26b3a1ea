//! The interface between the store and a database: guarded transactions of plain statements.
//!
//! The store is written once, in the SQL that SQLite and PostgreSQL share: `bigint` and `text` columns, `$n`
//! parameters in the order of their first use, `returning`, `on conflict`, and one function, `vidc_now()`, the
//! database's clock in milliseconds since 1970. An adapter only transports statements.

use async_trait::async_trait;
use jiff::Timestamp;

/// The value of a parameter or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `bigint`
    Int(i64),
    /// `text`
    Text(String),
}

/// A statement with its arguments.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The SQL, which never contains a user's text.
    pub sql: &'static str,
    /// The arguments, that of `$1` first.
    pub args: Vec<Value>,
}

/// The fields of a row.
#[derive(Clone, Debug, Default)]
pub struct Row(pub Vec<Value>);

/// A failure of a database.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be reached, is starting, or is no longer the primary. A retry may succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database rejected the statement, or returned something unexpected.
    #[error("the database reported an error: {0}")]
    Rejected(String),
}

/// A database with durable transactions.
#[async_trait]
pub trait Database: Send + Sync + std::fmt::Debug {
    /// Brings the tables up to date. Several processes may do so at the same time.
    async fn migrate(&self, migrations: &[&str]) -> Result<(), DatabaseError>;

    /// Runs a query.
    async fn read(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError>;

    /// Runs a transaction: the guard, and if it returned rows, the statements in `then`. Returns the guard's rows.
    async fn write(&self, guard: Statement, then: Vec<Statement>) -> Result<Vec<Row>, DatabaseError>;
}

/// Builds a statement, such as `sql!("select $1, $2", 5, "five")`.
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

/// Reads a row's fields from left to right.
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
            .ok_or_else(|| DatabaseError::Rejected("a row has too few fields".to_owned()))
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
            .ok_or_else(|| unexpected("text", &Value::Null))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, DatabaseError> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            other => Err(unexpected("text", &other)),
        }
    }

    /// Reads a value that is stored as text, such as an id.
    pub(crate) fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, DatabaseError> {
        let text = self.text()?;
        text.parse()
            .map_err(|_| DatabaseError::Rejected(format!("cannot parse `{text}` from a row")))
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, DatabaseError> {
        let text = self.text()?;
        serde_json::from_str(&text)
            .map_err(|error| DatabaseError::Rejected(format!("invalid JSON in a row: {error}")))
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

fn unexpected(expected: &str, found: &Value) -> DatabaseError {
    DatabaseError::Rejected(format!("expected {expected} in a row, found {found:?}"))
}
