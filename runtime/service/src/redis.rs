//! What the parts kept in Redis share: connections, and the names of keys.

use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig, MultiplexedConnection, PubSub};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisFuture, Value};

/// How long an answer may take, and a connection to be made.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longer than any command waits: a cluster's connection cannot do without a limit.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A Redis server, or a cluster of them.
#[derive(Clone)]
pub struct Redis {
    servers: Vec<Client>,
    cluster: Option<ClusterClient>,
    prefix: String,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL may hold a password.
        write!(f, "Redis({} servers, {})", self.servers.len(), self.prefix)
    }
}

impl Redis {
    /// One URL is a server; several are nodes by which a cluster is found. Installations that share a server differ in
    /// their prefix. Nothing is connected yet.
    pub fn new(urls: &[String], prefix: &str) -> Result<Redis, RedisError> {
        let servers = urls.iter().map(|url| Client::open(url.as_str()));
        let cluster = match urls.len() {
            0 | 1 => None,
            _ => Some(
                ClusterClientBuilder::new(urls.to_vec())
                    .connection_timeout(PATIENCE)
                    .build()?,
            ),
        };
        Ok(Redis {
            servers: servers.collect::<Result<_, _>>()?,
            cluster,
            prefix: prefix.to_owned(),
        })
    }

    /// A key of ours. All carry one hash tag, so that they are on one node of a cluster.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{{{}}}:{name}", self.prefix)
    }

    /// A connection for commands that do not block, made when it is needed and anew when it breaks.
    pub(crate) async fn command_connection(&self) -> Result<Connection, RedisError> {
        if let Some(cluster) = &self.cluster {
            let config = redis::cluster::ClusterConfig::new().set_response_timeout(PATIENCE);
            return Ok(Connection::Cluster(
                cluster.get_async_connection_with_config(config).await?,
            ));
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let server = self.servers.first().ok_or_else(nowhere)?;
        let manager = ConnectionManager::new_lazy_with_config(server.clone(), config)?;
        Ok(Connection::Managed(manager))
    }

    /// A connection for commands that wait. The library gives up on an answer after half a second unless told
    /// otherwise, and what the server then pops is lost.
    pub(crate) async fn blocking_connection(&self) -> Result<Connection, RedisError> {
        if let Some(cluster) = &self.cluster {
            let config = redis::cluster::ClusterConfig::new().set_response_timeout(LONGEST_WAIT);
            return Ok(Connection::Cluster(
                cluster.get_async_connection_with_config(config).await?,
            ));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(None);
        let server = self.servers.first().ok_or_else(nowhere)?;
        let connection = server
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        Ok(Connection::Single(connection))
    }

    /// A connection that hears what is published; the nodes of a cluster hand that on to each other.
    pub(crate) async fn pubsub_connection(&self) -> Result<PubSub, RedisError> {
        let mut last = nowhere();
        for server in &self.servers {
            match server.get_async_pubsub().await {
                Ok(subscription) => return Ok(subscription),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn nowhere() -> RedisError {
    (redis::ErrorKind::InvalidClientConfig, "no Redis URL is given").into()
}

/// To a server or to a cluster.
#[derive(Clone)]
pub(crate) enum Connection {
    Managed(ConnectionManager),
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a connection to Redis")
    }
}

impl Connection {
    fn inner(&self) -> &dyn ConnectionLike {
        match self {
            Connection::Managed(connection) => connection,
            Connection::Single(connection) => connection,
            Connection::Cluster(connection) => connection,
        }
    }

    fn inner_mut(&mut self) -> &mut (dyn ConnectionLike + Send) {
        match self {
            Connection::Managed(connection) => connection,
            Connection::Single(connection) => connection,
            Connection::Cluster(connection) => connection,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.inner_mut().req_packed_command(command)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.inner_mut().req_packed_commands(commands, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.inner().get_db()
    }
}
