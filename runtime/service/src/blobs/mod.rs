//! The blob store: uploads and results, under names that the service chooses.

mod blob_store;
mod directory;
mod disk_cache;
mod error;
mod presigner;
mod s3;
mod staging;
mod stored_blob;

pub use blob_store::BlobStore;
pub use directory::DirectoryStore;
pub use error::BlobError;
pub use presigner::{MultipartUpload, Presigner, ResponseHeaders, UploadPart};
pub use s3::{S3Settings, S3Store};
pub use stored_blob::{ByteStream, StoredBlob};

pub(crate) use s3::S3Client;
