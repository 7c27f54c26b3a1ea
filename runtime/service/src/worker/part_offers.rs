//! Offers stages of a task to other workers, and claims them back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vidc_compiler::facts::{Facts, Media};
use vidc_compiler::plan::Stage;
use vidc_engine::execute::{Claim, RemoteExecutor};

use super::environment::compat_key;
use crate::bus::Notification;
use crate::service::Service;
use crate::store::model::Lease;
use crate::store::{OfferedPart, PartClaim};

/// Longest time between two looks at parts that other workers run: notifications make the wait short, but one may be
/// lost.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// A stage with all facts that another machine needs to run it.
#[derive(Serialize, Deserialize)]
pub(super) struct PartJob {
    pub(super) stage: Stage,
    /// The media that it reads, by the names under which they are resolved.
    pub(super) media: BTreeMap<String, Media>,
}

/// Runs stages of one attempt at a task on other workers.
pub(super) struct PartOffers<'a> {
    pub(super) service: &'a Service,
    pub(super) lease: Lease,
}

#[async_trait]
impl RemoteExecutor for PartOffers<'_> {
    async fn offer(&self, stages: &[&Stage], facts: &Facts) -> bool {
        let parts: Vec<OfferedPart> = stages
            .iter()
            .filter_map(|stage| offered_part(stage, facts))
            .collect();
        let compat_key = compat_key(&facts.ffmpeg, &facts.fonts);
        match self
            .service
            .store
            .offer_parts(self.lease, &compat_key, &parts)
            .await
        {
            Ok(()) if parts.is_empty() => false,
            Ok(()) => {
                let offered = Notification::PartsOffered(self.lease.task);
                self.service.bus.publish(offered).await;
                true
            }
            Err(error) => {
                tracing::warn!(task = %self.lease.task, %error, "parts not offered");
                false
            }
        }
    }

    async fn claim(&self, stage: &Stage) -> Claim {
        match self.service.store.claim_own_part(self.lease, &stage.key).await {
            Ok(PartClaim::Local) => Claim::Local,
            Ok(PartClaim::Remote) => Claim::Remote,
            Ok(PartClaim::Done(blob)) => Claim::Done(blob),
            // Should another worker run it too, both produce the same.
            Err(error) => {
                tracing::warn!(task = %self.lease.task, %error, "part not claimed; running it here anyway");
                Claim::Local
            }
        }
    }

    async fn fetch(&self, blob: &str) -> Option<PathBuf> {
        let file = self.service.blobs.file(blob).await;
        if let Err(error) = &file {
            tracing::warn!(task = %self.lease.task, %error, "part not fetched; running it here");
        }
        file.ok()
    }

    async fn changed(&self) {
        let mut notifications = self.service.bus.subscribe();
        let notified = async {
            while notifications.recv().await != Ok(Notification::TaskChanged(self.lease.task)) {
                if notifications.is_closed() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            () = notified => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
}

fn offered_part(stage: &Stage, facts: &Facts) -> Option<OfferedPart> {
    let readable = |key: &String| Some((key.clone(), facts.media.get(key)?.as_ref().ok()?.clone()));
    let job = PartJob {
        stage: stage.clone(),
        media: stage.run.media_keys().filter_map(readable).collect(),
    };
    Some(OfferedPart {
        key: stage.key.clone(),
        job: serde_json::to_string(&job).ok()?,
    })
}
