//! The HTTP API: routes, authentication, limits and the OpenAPI document. Each handler calls one function of the
//! service.

mod admission;
mod assets;
pub(crate) mod auth;
mod events;
mod extract;
mod health;
mod keys;
pub(crate) mod limits;
mod metrics;
mod oauth;
mod openapi;
mod outputs;
mod problem;
mod recipe_request;
mod responses;
mod router;
mod server;
mod state;
mod tasks;
mod telemetry;
pub(crate) mod tls;
mod uploads;
mod validate;
mod webhooks;

pub(crate) use server::{Server, ServerConfig};
