//! The PostgreSQL adapter, for any number of machines.

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use deadpool_postgres::{
    GenericClient, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls};

use super::database::{Database, DatabaseError, Row, Statement, Value};

/// Time limit of getting a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// Key of the advisory lock that is held while tables are changed, so that processes that start together take turns.
/// The number is arbitrary.
const MIGRATION_LOCK: i64 = 0x7669_6463;

/// A pool of connections to the primary.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Creates a pool, which connects when it is first used. The URL is as libpq takes it,
    /// `postgres://user:password@host:port/database`, and may name several hosts.
    pub fn new(url: &str, connections: usize) -> Result<Postgres, DatabaseError> {
        let mut config = Config::from_str(url)
            .map_err(|error| DatabaseError::Rejected(format!("invalid PostgreSQL URL: {error}")))?;
        config
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(CONNECTION_TIMEOUT)
            .keepalives_idle(Duration::from_secs(10));
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Verified,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(CONNECTION_TIMEOUT))
            .create_timeout(Some(CONNECTION_TIMEOUT))
            .recycle_timeout(Some(CONNECTION_TIMEOUT))
            .runtime(Runtime::Tokio1)
            // The pool would otherwise keep connections to a server that was demoted to a standby.
            .pre_recycle(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    let row = client
                        .query_one("select pg_is_in_recovery()", &[])
                        .await
                        .map_err(HookError::Backend)?;
                    match row.get(0) {
                        true => Err(HookError::message("the server is a standby")),
                        false => Ok(()),
                    }
                })
            }))
            .build()
            .map_err(|error| DatabaseError::Rejected(error.to_string()))?;
        Ok(Postgres { pool })
    }

    async fn client(&self) -> Result<Object, DatabaseError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => database_error(&error),
            other => DatabaseError::Unavailable(other.to_string()),
        })
    }
}

fn database_error(error: &tokio_postgres::Error) -> DatabaseError {
    let Some(response) = error.as_db_error() else {
        // No response: the connection broke, or was never established.
        let cause = std::error::Error::source(error).map(ToString::to_string);
        return DatabaseError::Unavailable(cause.unwrap_or_else(|| error.to_string()));
    };
    let code = response.code();
    let transient = [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::DISK_FULL,
    ];
    // Class 57 is "operator intervention" (shutdown, starting up), class 08 "connection exception".
    match transient.contains(code) || code.code().starts_with("57") || code.code().starts_with("08") {
        true => DatabaseError::Unavailable(response.to_string()),
        false => DatabaseError::Rejected(response.to_string()),
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) => value.to_sql_checked(ty, out),
            Value::Text(value) => value.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Value::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|value| Value::Int(value.into())),
            _ => String::from_sql(ty, raw).map(Value::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

async fn rows(client: &impl GenericClient, statement: &Statement) -> Result<Vec<Row>, tokio_postgres::Error> {
    let prepared = client.prepare_cached(statement.sql).await?;
    let args: Vec<&(dyn ToSql + Sync)> = statement.args.iter().map(|arg| arg as _).collect();
    let result = client.query(&prepared, &args).await?;
    Ok(result
        .iter()
        .map(|row| Row((0..row.len()).map(|index| row.get(index)).collect()))
        .collect())
}

/// Runs a transaction. It is rolled back unless it is completed, also if its future is dropped.
async fn transaction(
    client: &mut Object,
    guard: &Statement,
    then: &[Statement],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let guarded = rows(&transaction, guard).await?;
    if !guarded.is_empty() {
        for statement in then {
            rows(&transaction, statement).await?;
        }
    }
    transaction.commit().await?;
    Ok(guarded)
}

async fn migrate(client: &impl GenericClient, migrations: &[&str]) -> Result<(), tokio_postgres::Error> {
    client
        .execute("select pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK])
        .await?;
    client
        .batch_execute(
            "create table if not exists vidc_schema (version bigint not null);
             create or replace function vidc_now() returns bigint language sql volatile
               as 'select (extract(epoch from clock_timestamp()) * 1000)::bigint'",
        )
        .await?;
    let row = client
        .query_one("select coalesce(max(version), 0) from vidc_schema", &[])
        .await?;
    let applied: i64 = row.get(0);
    for (index, sql) in migrations
        .iter()
        .enumerate()
        .skip(usize::try_from(applied).unwrap_or(0))
    {
        client.batch_execute(sql).await?;
        let version = index as i64 + 1;
        client
            .execute("insert into vidc_schema values ($1)", &[&version])
            .await?;
    }
    Ok(())
}

#[async_trait]
impl Database for Postgres {
    async fn migrate(&self, migrations: &[&str]) -> Result<(), DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client
            .transaction()
            .await
            .map_err(|error| database_error(&error))?;
        migrate(&transaction, migrations)
            .await
            .map_err(|error| database_error(&error))?;
        transaction.commit().await.map_err(|error| database_error(&error))
    }

    async fn read(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        let client = self.client().await?;
        rows(&client, &statement)
            .await
            .map_err(|error| database_error(&error))
    }

    async fn write(&self, guard: Statement, then: Vec<Statement>) -> Result<Vec<Row>, DatabaseError> {
        let mut client = self.client().await?;
        transaction(&mut client, &guard, &then)
            .await
            .map_err(|error| database_error(&error))
    }
}
