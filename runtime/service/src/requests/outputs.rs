//! Reading the files that tasks rendered.

use std::ops::Range;
use std::time::Duration;

use super::error::{RequestError, Resource};
use crate::blobs::{ByteStream, ResponseHeaders};
use crate::service::Service;
use crate::store::model::{Output, TaskId, Tenant};

/// Lifetime of a presigned download URL.
const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);

impl Service {
    /// Returns an output of a task by the name that the recipe gives it.
    pub async fn output(&self, tenant: &Tenant, id: TaskId, name: &str) -> Result<Output, RequestError> {
        self.task(tenant, id).await?;
        let outputs = self.store.outputs(id).await?;
        let output = outputs.into_iter().find(|output| output.name == name);
        output.ok_or(RequestError::NotFound(Resource::Output))
    }

    /// Streams an output's content, or a range of its bytes.
    pub async fn read_output(
        &self,
        output: &Output,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, RequestError> {
        Ok(self.blobs.get(&output.blob, range).await?)
    }

    /// Returns a presigned URL from which an output can be downloaded for 15 minutes; `None` if the blob store has
    /// none.
    pub async fn presigned_output_url(&self, output: &Output) -> Result<Option<String>, RequestError> {
        let Some(direct) = self.blobs.presigner() else {
            return Ok(None);
        };
        let download = ResponseHeaders {
            file_name: output.name.rsplit('/').next().unwrap_or_default(),
            media_type: &output.media_type,
        };
        let url = direct
            .presign_download(&output.blob, download, URL_LIFETIME)
            .await?;
        Ok(Some(url))
    }
}
