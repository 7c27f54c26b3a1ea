//! `vidc key`: makes a key for the clients of a service, by the service's own database.

use std::time::Duration;

use clap::Args;
use vidc_service::store::model::Tenant;
use vidc_service::store::{DatabaseError, Store};

use super::config::{Config, ServiceArguments};
use super::exit::Failure;
use super::output::Output;
use crate::http::auth::{Scope, Wanted, make_key};

/// The tenant of whoever has not asked for tenants.
const LOCAL: &str = "local";
const PRINTED: &str = "printed at start";

fn tenant(name: &str) -> Result<Tenant, String> {
    let tenant = Tenant::named(name);
    tenant.ok_or_else(|| "write 1 to 64 letters, digits, `-`, `_` and `.`, and no dot first".to_owned())
}

/// Arguments of `vidc key`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whose tasks and assets it gives access to
    #[arg(long, value_name = "NAME", default_value = LOCAL, value_parser = tenant)]
    tenant: Tenant,
    /// What it is called in lists
    #[arg(long, value_name = "TEXT", default_value = "made by `vidc key`")]
    name: String,
    /// What it may be used for: read, write, keys, admin
    #[arg(
        long,
        value_name = "SCOPE",
        value_delimiter = ',',
        default_value = "read,write,keys"
    )]
    scopes: Vec<Scope>,
    /// Days after which it is refused; without it, it is good until it is revoked
    #[arg(long, value_name = "N")]
    days: Option<u64>,
    #[command(flatten)]
    service: ServiceArguments,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let Arguments {
        tenant,
        name,
        scopes,
        days,
        service,
    } = arguments;
    let config = Config::of(service)?;
    let wanted = Wanted {
        tenant,
        name,
        scopes,
        lifetime: days.map(|days| Duration::from_secs(days.saturating_mul(86_400))),
    };
    super::block_on(async {
        let service = config.open().await?;
        let (_, text) = make_key(&service.store, &wanted)
            .await
            .map_err(vidc_service::Error::from)?;
        output.line(&text)
    })
}

/// The key that a service on one machine prints when it starts; the one it printed before is refused from then on.
pub(super) async fn printed_at_start(store: &Store) -> Result<String, DatabaseError> {
    let tenant = Tenant(LOCAL.to_owned());
    for key in store.keys(&tenant).await? {
        if key.name == PRINTED && key.revoked_at.is_none() {
            store.revoke_key(&tenant, key.id).await?;
        }
    }
    let wanted = Wanted {
        tenant,
        name: PRINTED.to_owned(),
        scopes: Scope::ALL.to_vec(),
        lifetime: None,
    };
    Ok(make_key(store, &wanted).await?.1)
}
