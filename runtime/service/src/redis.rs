//! Connections to Redis, and the names of keys in it.

use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig, MultiplexedConnection, PubSub};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisFuture, Value};

/// Time limit of a response, and of establishing a connection.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Time limit of a blocking command's response in a cluster, whose connections need one. No command blocks that long.
const BLOCKING_TIMEOUT: Duration = Duration::from_secs(3600);

/// A Redis server, or a Redis Cluster.
#[derive(Clone)]
pub struct Redis {
    servers: Vec<Client>,
    cluster: Option<ClusterClient>,
    prefix: String,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // URLs may contain passwords.
        write!(f, "Redis({} servers, {})", self.servers.len(), self.prefix)
    }
}

impl Redis {
    /// Takes the URL of a server, or the URLs of several nodes of a cluster. Installations that share a server must use
    /// different prefixes. No connection is established yet.
    pub fn new(urls: &[String], prefix: &str) -> Result<Redis, RedisError> {
        let servers = urls.iter().map(|url| Client::open(url.as_str()));
        let cluster = match urls.len() {
            0 | 1 => None,
            _ => Some(
                ClusterClientBuilder::new(urls.to_vec())
                    .connection_timeout(TIMEOUT)
                    .build()?,
            ),
        };
        Ok(Redis {
            servers: servers.collect::<Result<_, _>>()?,
            cluster,
            prefix: prefix.to_owned(),
        })
    }

    /// Returns the name of a key. All keys have the same hash tag, so that they are on the same node of a cluster.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{{{}}}:{name}", self.prefix)
    }

    /// Returns a connection for commands that do not block. It is established when it is first used, and again when it
    /// breaks.
    pub(crate) async fn command_connection(&self) -> Result<Connection, RedisError> {
        if let Some(cluster) = &self.cluster {
            let config = redis::cluster::ClusterConfig::new().set_response_timeout(TIMEOUT);
            return Ok(Connection::Cluster(
                cluster.get_async_connection_with_config(config).await?,
            ));
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let server = self.servers.first().ok_or_else(no_url)?;
        let manager = ConnectionManager::new_lazy_with_config(server.clone(), config)?;
        Ok(Connection::Managed(manager))
    }

    /// Returns a connection for blocking commands. By default the library stops waiting for a response after half a
    /// second; an element that the server pops later would be lost.
    pub(crate) async fn blocking_connection(&self) -> Result<Connection, RedisError> {
        if let Some(cluster) = &self.cluster {
            let config = redis::cluster::ClusterConfig::new().set_response_timeout(BLOCKING_TIMEOUT);
            return Ok(Connection::Cluster(
                cluster.get_async_connection_with_config(config).await?,
            ));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(None);
        let server = self.servers.first().ok_or_else(no_url)?;
        let connection = server
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        Ok(Connection::Single(connection))
    }

    /// Returns a connection for subscriptions. The nodes of a cluster forward messages to each other, so any node will
    /// do.
    pub(crate) async fn pubsub_connection(&self) -> Result<PubSub, RedisError> {
        let mut last = no_url();
        for server in &self.servers {
            match server.get_async_pubsub().await {
                Ok(subscription) => return Ok(subscription),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn no_url() -> RedisError {
    (redis::ErrorKind::InvalidClientConfig, "no Redis URL is given").into()
}

/// A connection to a server or to a cluster.
#[derive(Clone)]
pub(crate) enum Connection {
    Managed(ConnectionManager),
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
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
