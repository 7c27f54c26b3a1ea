//! The SQLite adapter, for one machine: with a write-ahead log, and every commit synced to the disk.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior};

use super::database::{Database, DatabaseError, Row, Statement, Value};

/// Time limit of waiting for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A database file.
#[derive(Clone, Debug)]
pub struct Sqlite {
    writer: Arc<Mutex<Connection>>,
    /// Reads see the last commit without waiting for the current transaction.
    reader: Arc<Mutex<Connection>>,
}

impl Sqlite {
    /// Opens the file, creating it if it does not exist.
    pub fn open(path: &Path) -> Result<Sqlite, DatabaseError> {
        Ok(Sqlite {
            writer: Arc::new(Mutex::new(connect(path)?)),
            reader: Arc::new(Mutex::new(connect(path)?)),
        })
    }
}

fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = Connection::open(path)
        .map_err(|error| DatabaseError::Unavailable(format!("{}: {error}", path.display())))?;
    let prepare = || -> rusqlite::Result<()> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.create_scalar_function("vidc_now", 0, FunctionFlags::SQLITE_UTF8, |_| Ok(now()))
    };
    prepare().map_err(database_error)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn database_error(error: rusqlite::Error) -> DatabaseError {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked | DiskFull | SystemIoFailure | CannotOpen) => {
            DatabaseError::Unavailable(error.to_string())
        }
        _ => DatabaseError::Rejected(error.to_string()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

fn rows(connection: &Connection, statement: &Statement) -> rusqlite::Result<Vec<Row>> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let columns = prepared.column_count();
    let mut result = Vec::new();
    for (position, arg) in statement.args.iter().enumerate() {
        // To SQLite `$1` is a name, whose index is given by its first use.
        if let Some(index) = prepared.parameter_index(&format!("${}", position + 1))? {
            prepared.raw_bind_parameter(index, arg)?;
        }
    }
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let field = |index| {
            Ok(match row.get_ref(index)? {
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
            })
        };
        result.push(Row((0..columns).map(field).collect::<rusqlite::Result<_>>()?));
    }
    Ok(result)
}

/// Runs blocking work on a connection, outside the threads of the async runtime.
async fn run_blocking<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, DatabaseError> {
    let connection = Arc::clone(connection);
    tokio::task::spawn_blocking(move || {
        // A panic in another task has rolled its transaction back.
        work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
    })
    .await
    .map_err(|error| DatabaseError::Rejected(error.to_string()))?
    .map_err(database_error)
}

#[async_trait]
impl Database for Sqlite {
    async fn migrate(&self, migrations: &[&str]) -> Result<(), DatabaseError> {
        let migrations: Vec<String> = migrations.iter().map(|sql| (*sql).to_owned()).collect();
        run_blocking(&self.writer, move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let applied: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            for (version, sql) in (1..).zip(&migrations).skip(applied as usize) {
                transaction.execute_batch(sql)?;
                transaction.pragma_update(None, "user_version", version)?;
            }
            transaction.commit()
        })
        .await
    }

    async fn read(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        run_blocking(&self.reader, move |connection| rows(connection, &statement)).await
    }

    async fn write(&self, guard: Statement, then: Vec<Statement>) -> Result<Vec<Row>, DatabaseError> {
        run_blocking(&self.writer, move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let guarded = rows(&transaction, &guard)?;
            if !guarded.is_empty() {
                for statement in &then {
                    rows(&transaction, statement)?;
                }
            }
            transaction.commit()?;
            Ok(guarded)
        })
        .await
    }
}
