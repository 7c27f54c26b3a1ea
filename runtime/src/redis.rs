//! What the parts kept in Redis share.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError};

/// A key of ours. All carry one hash tag, so that they are on one node of a cluster.
pub(crate) fn key(name: &str) -> String {
    format!("{{vidc}}:{name}")
}

/// A client, and a connection for commands that do not block; it is made anew when it breaks.
pub async fn connect(url: &str) -> Result<(Client, ConnectionManager), RedisError> {
    let client = Client::open(url)?;
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(Duration::from_secs(2)))
        .set_number_of_retries(1);
    let commands = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
    Ok((client, commands))
}
