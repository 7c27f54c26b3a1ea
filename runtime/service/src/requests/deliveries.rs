//! Webhook deliveries and the secret they are signed with.

use super::error::{RequestError, Resource};
use crate::service::Service;
use crate::store::model::{Delivery, DeliveryId, TaskId, Tenant};

impl Service {
    /// Checks that webhooks may be sent to a URL; returns the reason if not. Its host name is resolved only when a
    /// webhook is sent.
    pub fn check_webhook_url(&self, url: &str) -> Result<(), String> {
        self.egress.policy().check(url).map(drop)
    }

    /// Lists the webhook deliveries of a task, oldest first.
    pub async fn list_deliveries(
        &self,
        tenant: &Tenant,
        task: TaskId,
    ) -> Result<Vec<Delivery>, RequestError> {
        self.task(tenant, task).await?;
        Ok(self.store.deliveries(task).await?)
    }

    /// Sends a webhook again, regardless of the outcome of earlier attempts.
    pub async fn redeliver(
        &self,
        tenant: &Tenant,
        task: TaskId,
        delivery: DeliveryId,
    ) -> Result<(), RequestError> {
        self.task(tenant, task).await?;
        match self.store.redeliver(task, delivery).await? {
            true => Ok(()),
            false => Err(RequestError::NotFound(Resource::Delivery)),
        }
    }

    /// Returns the secret that a tenant's webhooks are signed with; `None` before the tenant has a key.
    pub async fn webhook_secret(&self, tenant: &Tenant) -> Result<Option<String>, RequestError> {
        Ok(self.store.webhook_secret(tenant).await?)
    }
}
