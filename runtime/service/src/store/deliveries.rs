//! The webhook outbox: the transaction that ends a task inserts a delivery, and a dispatcher claims and sends it.

use std::time::Duration;

use serde_json::json;

use super::Store;
use super::database::{DatabaseError, Row, Statement, sql};
use super::model::{Delivery, DeliveryId, Status, TaskId, Tenant};

macro_rules! columns {
    () => {
        "id, tenant, task, url, body, attempts, created_at, delivered_at, gave_up_at, answer"
    };
}

fn delivery(row: Row) -> Result<Delivery, DatabaseError> {
    let mut fields = row.fields();
    Ok(Delivery {
        id: fields.parsed()?,
        tenant: Tenant(fields.text()?),
        task: fields.parsed()?,
        url: fields.text()?,
        body: fields.text()?,
        attempts: fields.int()?,
        created_at: fields.time()?,
        delivered_at: fields.optional_time()?,
        gave_up_at: fields.optional_time()?,
        answer: fields.optional_text()?,
    })
}

/// Inserts a delivery if the task has a webhook and its status is now `status`.
pub(super) fn enqueue_webhook(id: TaskId, status: Status) -> Statement {
    let body = json!({
        "type": format!("task.{}", status.name()),
        "timestamp": jiff::Timestamp::now(),
        "data": { "id": id, "status": status },
    });
    sql!(
        "insert into deliveries (id, tenant, task, url, body, attempts, due_at, created_at)
         select cast($1 as text), tenant, id, webhook, cast($2 as text), 0, vidc_now(), vidc_now()
         from tasks where id = $3 and status = $4 and webhook is not null",
        DeliveryId::generate(),
        body.to_string(),
        id,
        status.name()
    )
}

impl Store {
    /// Claims a delivery that is due. No other process gets it within `claim_duration`.
    pub async fn claim_delivery(&self, claim_duration: Duration) -> Result<Option<Delivery>, DatabaseError> {
        let due = sql!(
            "select id, due_at from deliveries
             where delivered_at is null and gave_up_at is null and due_at <= vidc_now() order by due_at limit 1"
        );
        let Some(row) = self.database.read(due).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        let (id, due_at): (DeliveryId, i64) = (fields.parsed()?, fields.int()?);
        let guard = sql!(
            concat!(
                "update deliveries set attempts = attempts + 1, due_at = vidc_now() + cast($3 as bigint)
                 where id = $1 and due_at = $2 and delivered_at is null and gave_up_at is null returning ",
                columns!()
            ),
            id,
            due_at,
            claim_duration
        );
        let row = self.database.write(guard, Vec::new()).await?.pop();
        row.map(delivery).transpose()
    }

    /// Records that the receiver has accepted a delivery.
    pub async fn mark_delivered(&self, id: DeliveryId, response: &str) -> Result<(), DatabaseError> {
        let guard = sql!(
            "update deliveries set delivered_at = vidc_now(), answer = $2 where id = $1 returning id",
            id,
            response
        );
        self.database.write(guard, Vec::new()).await.map(drop)
    }

    /// Records a failed attempt at a delivery, which is retried after `delay`, or given up if there is none.
    pub async fn mark_failed(
        &self,
        id: DeliveryId,
        response: &str,
        delay: Option<Duration>,
    ) -> Result<(), DatabaseError> {
        let guard = match delay {
            Some(delay) => sql!(
                "update deliveries set due_at = vidc_now() + cast($3 as bigint), answer = $2 where id = $1 returning id",
                id,
                response,
                delay
            ),
            None => sql!(
                "update deliveries set gave_up_at = vidc_now(), answer = $2 where id = $1 returning id",
                id,
                response
            ),
        };
        self.database.write(guard, Vec::new()).await.map(drop)
    }

    /// Lists a task's deliveries, oldest first.
    pub async fn deliveries(&self, task: TaskId) -> Result<Vec<Delivery>, DatabaseError> {
        let statement = sql!(
            concat!(
                "select ",
                columns!(),
                " from deliveries where task = $1 order by id"
            ),
            task
        );
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(delivery)
            .collect()
    }

    /// Makes a delivery due again, regardless of its outcome so far. Returns false if the task has no such delivery.
    pub async fn redeliver(&self, task: TaskId, id: DeliveryId) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update deliveries set delivered_at = null, gave_up_at = null, attempts = 0, due_at = vidc_now()
             where id = $1 and task = $2 returning id",
            id,
            task
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }
}
