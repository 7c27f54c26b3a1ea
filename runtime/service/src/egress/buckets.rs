//! Media that recipes name by `s3://bucket/key`, in the store that the service itself uses.
//!
//! The service's credentials may reach more than a tenant should, so an operator says what is meant for whom.

use vidc_compiler::facts::Problem;

use crate::blobs::{BlobError, ByteStream, S3Client, S3Settings};
use crate::store::model::Tenant;
use vidc_engine::resolver::ResolveError;

/// Stands for the tenant's name in a place.
const TENANT: &str = "{tenant}";

/// Buckets, or folders in them, that tenants may read from.
#[derive(Clone, Debug)]
pub struct S3Inputs {
    s3: S3Client,
    /// As `bucket/folder`.
    places: Vec<String>,
}

impl S3Inputs {
    /// Of one store.
    pub fn new(settings: &S3Settings, places: Vec<String>) -> S3Inputs {
        S3Inputs {
            s3: S3Client::new(settings, settings.endpoint.as_ref()),
            places,
        }
    }

    /// What is at `bucket/key`, if this tenant may read it.
    pub(crate) async fn open(&self, tenant: &Tenant, place: &str) -> Result<ByteStream, ResolveError> {
        let unreadable = |reason: String| ResolveError::Problem(Problem::Unreadable(reason));
        let Some((bucket, key)) = place
            .split_once('/')
            .filter(|_| is_readable(&self.places, tenant, place))
        else {
            return Err(unreadable(
                "reading it is not allowed; whoever runs the service says with `fetch_from_buckets` what is"
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

/// Whether a place is in one of those, or is it. Keys are no paths: `..` in one is just two dots, and stays where it is.
fn is_readable(places: &[String], tenant: &Tenant, place: &str) -> bool {
    places.iter().any(|allowed| {
        let allowed = allowed.replace(TENANT, &tenant.0);
        let rest = place.strip_prefix(allowed.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_read_what_is_meant_for_them() {
        let places = ["shared".to_owned(), "media/{tenant}/".to_owned()];
        let acme = Tenant("acme".to_owned());
        for fine in ["shared/a.mp4", "shared/b/c.mp4", "media/acme/d.mp4"] {
            assert!(is_readable(&places, &acme, fine), "{fine}");
        }
        for wrong in [
            "shared2/a.mp4",
            "media/acme2/a.mp4",
            "media/other/a.mp4",
            "media/a.mp4",
            "other/a.mp4",
        ] {
            assert!(!is_readable(&places, &acme, wrong), "{wrong}");
        }
    }
}
