//! A task's stages as its own worker shares them out: offered to others, and taken back from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vidc_compiler::facts::{Capabilities, Facts, Fonts, Media};
use vidc_compiler::plan::{PLAN_VERSION, Stage};

use super::WAIT;
use crate::bus::Notification;
use crate::service::Service;
use crate::store::{Lease, OfferedPart, PartClaim};
use vidc_engine::execute::{Claim, RemoteExecutor};

/// A stage with all that another machine must know to run it.
#[derive(Serialize, Deserialize)]
pub(super) struct PartJob {
    pub(super) stage: Stage,
    /// The media that it reads, by the names by which they are found.
    pub(super) media: BTreeMap<String, Media>,
}

/// What two workers must have in common for their parts to fit each other.
pub(super) fn compat_key(ffmpeg: &Capabilities, fonts: &Fonts) -> String {
    let text = format!(
        "{PLAN_VERSION}\0{}\0{}\0{}",
        env!("CARGO_PKG_VERSION"),
        ffmpeg.build,
        fonts.fingerprint
    );
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The stages of one attempt at a task.
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
        let kin = compat_key(&facts.ffmpeg, &facts.fonts);
        match self.service.store.offer_parts(self.lease, &kin, &parts).await {
            Ok(()) if parts.is_empty() => false,
            Ok(()) => {
                self.service
                    .bus
                    .publish(Notification::PartsOffered(self.lease.task))
                    .await;
                true
            }
            Err(error) => {
                tracing::warn!(task = %self.lease.task, %error, "a task's parts were not offered");
                false
            }
        }
    }

    async fn claim(&self, stage: &Stage) -> Claim {
        match self.service.store.claim_own_part(self.lease, &stage.key).await {
            Ok(PartClaim::Remote) => Claim::Remote,
            Ok(PartClaim::Done(blob)) => Claim::Done(blob),
            Ok(PartClaim::Local) => Claim::Local,
            // Whoever else makes it makes the same.
            Err(error) => {
                tracing::warn!(task = %self.lease.task, %error, "a part is made here, whoever else is at it");
                Claim::Local
            }
        }
    }

    async fn fetch(&self, made: &str) -> Option<PathBuf> {
        let fetched = self.service.blobs.file(made).await;
        if let Err(error) = &fetched {
            tracing::warn!(task = %self.lease.task, %error, "a part is made again, because it could not be fetched");
        }
        fetched.ok()
    }

    async fn changed(&self) {
        let mut hints = self.service.bus.subscribe();
        let changed = async {
            while hints.recv().await != Ok(Notification::TaskChanged(self.lease.task)) {
                if hints.is_closed() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(WAIT) => {}
        }
    }
}

fn offered_part(stage: &Stage, facts: &Facts) -> Option<OfferedPart> {
    let known = |key: &String| Some((key.clone(), facts.media.get(key)?.as_ref().ok()?.clone()));
    let work = PartJob {
        stage: stage.clone(),
        media: stage.run.media_keys().filter_map(known).collect(),
    };
    Some(OfferedPart {
        key: stage.key.clone(),
        work: serde_json::to_string(&work).ok()?,
    })
}
