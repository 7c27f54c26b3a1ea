//! `vidc key`: creates an API key, writing to the service's database.

use std::time::Duration;

use clap::Args;
use vidc_service::requests::{CreateKey, RequestError};
use vidc_service::service::Service;
use vidc_service::store::model::Tenant;

use super::config::{Config, ServiceArguments};
use super::failure::Failure;
use super::runtime::block_on;
use super::terminal::Terminal;
use crate::http::auth::Scope;

/// The tenant used unless another one is named.
const DEFAULT_TENANT: &str = "local";
/// Name of the key that `vidc serve` prints when it starts.
const STARTUP_KEY_NAME: &str = "printed at start";

fn tenant(name: &str) -> Result<Tenant, String> {
    let tenant = Tenant::parse(name);
    tenant.ok_or_else(|| {
        "a tenant's name has 1 to 64 letters, digits, `-`, `_` and `.`, and does not start with a dot"
            .to_owned()
    })
}

/// Arguments of `vidc key`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Tenant whose tasks and assets the key gives access to
    #[arg(long, value_name = "NAME", default_value = DEFAULT_TENANT, value_parser = tenant)]
    tenant: Tenant,
    /// Name of the key in lists
    #[arg(long, value_name = "TEXT", default_value = "created by `vidc key`")]
    name: String,
    /// Scopes to grant: read, write, keys, admin
    #[arg(
        long,
        value_name = "SCOPE",
        value_delimiter = ',',
        default_value = "read,write,keys"
    )]
    scopes: Vec<Scope>,
    /// Number of days after which the key expires [default: never]
    #[arg(long, value_name = "N")]
    days: Option<u64>,
    #[command(flatten)]
    service: ServiceArguments,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let Arguments {
        tenant,
        name,
        scopes,
        days,
        service,
    } = arguments;
    let config = Config::read(service)?;
    let request = CreateKey {
        tenant,
        name,
        scopes: Scope::format_list(&scopes),
        lifetime: days.map(|days| Duration::from_secs(days.saturating_mul(86_400))),
    };
    block_on(async {
        let service = config.open().await?;
        let (_, key) = service.create_key(request).await?;
        terminal.print_line(&key)
    })
}

/// Creates the key that a service on one machine prints when it starts, and revokes the one it printed before.
pub(super) async fn create_startup_key(service: &Service) -> Result<String, RequestError> {
    let tenant = Tenant(DEFAULT_TENANT.to_owned());
    for key in service.list_keys(&tenant).await? {
        if key.name == STARTUP_KEY_NAME && key.revoked_at.is_none() {
            service.revoke_key(&tenant, key.id).await?;
        }
    }
    let request = CreateKey {
        tenant,
        name: STARTUP_KEY_NAME.to_owned(),
        scopes: Scope::format_list(&Scope::ALL),
        lifetime: None,
    };
    let (_, key) = service.create_key(request).await?;
    Ok(key)
}
