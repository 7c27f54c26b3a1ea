//! Media that recipes name as `s3://bucket/key`, in the store that the service itself uses.
//!
//! The service's credentials may reach more than a tenant should, so the operator lists what each tenant may read.

use vidc_compiler::facts::Problem;
use vidc_engine::resolver::ResolveError;

use crate::blobs::{BlobError, ByteStream, S3Client, S3Settings};
use crate::store::model::Tenant;

/// Stands for the tenant's name in a prefix.
const TENANT: &str = "{tenant}";

/// Buckets, or folders in them, that tenants may read from.
#[derive(Clone, Debug)]
pub struct S3Inputs {
    s3: S3Client,
    /// Readable prefixes, as `bucket/folder`.
    prefixes: Vec<String>,
}

impl S3Inputs {
    /// Allows prefixes of one store.
    pub fn new(settings: &S3Settings, prefixes: Vec<String>) -> S3Inputs {
        S3Inputs {
            s3: S3Client::new(settings, settings.endpoint.as_ref()),
            prefixes,
        }
    }

    /// Opens the object at `bucket/key`, if the tenant may read it.
    pub(crate) async fn open(&self, tenant: &Tenant, path: &str) -> Result<ByteStream, ResolveError> {
        let unreadable = |reason: String| ResolveError::Problem(Problem::Unreadable(reason));
        let Some((bucket, key)) = path
            .split_once('/')
            .filter(|_| is_readable(&self.prefixes, tenant, path))
        else {
            return Err(unreadable(
                "tenants may not read it; the service's operator allows prefixes with `fetch_from_buckets`"
                    .to_owned(),
            ));
        };
        self.s3
            .read(bucket, key, None)
            .await
            .map_err(|error| match error {
                BlobError::NotFound(_) => Problem::Missing.into(),
                error @ BlobError::Unavailable(_) => {
                    ResolveError::Unavailable(vidc_engine::Error::MediaStore(Box::new(error)))
                }
                error => unreadable(error.to_string()),
            })
    }
}

/// Whether a tenant may read the object at `path`. Keys are not file paths: `..` in a key is two dots and leads
/// nowhere.
fn is_readable(prefixes: &[String], tenant: &Tenant, path: &str) -> bool {
    prefixes.iter().any(|prefix| {
        let prefix = prefix.replace(TENANT, &tenant.0);
        let rest = path.strip_prefix(prefix.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_read_only_objects_under_their_prefixes() {
        let prefixes = ["shared".to_owned(), "media/{tenant}/".to_owned()];
        let acme = Tenant("acme".to_owned());
        for readable in ["shared/a.mp4", "shared/b/c.mp4", "media/acme/d.mp4"] {
            assert!(is_readable(&prefixes, &acme, readable), "{readable}");
        }
        for forbidden in [
            "shared2/a.mp4",
            "media/acme2/a.mp4",
            "media/other/a.mp4",
            "media/a.mp4",
            "other/a.mp4",
        ] {
            assert!(!is_readable(&prefixes, &acme, forbidden), "{forbidden}");
        }
    }
}
