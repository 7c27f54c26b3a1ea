//! A stream cut into parts of one size, hashed and counted on the way.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::blobs::{BlobError, ByteStream, Stored, hexadecimal};

/// The parts of a stream.
pub(super) struct Parts {
    bytes: ByteStream,
    size: usize,
    rest: BytesMut,
    hash: Sha256,
    count: u64,
    at_most: u64,
}

impl Parts {
    pub(super) fn of(bytes: ByteStream, size: usize, at_most: u64) -> Parts {
        Parts {
            bytes,
            size,
            rest: BytesMut::new(),
            hash: Sha256::new(),
            count: 0,
            at_most,
        }
    }

    /// The next one, as long as all others unless it is the last.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        while self.rest.len() < self.size {
            let Some(piece) = self.bytes.next().await else {
                break;
            };
            let piece = piece.map_err(BlobError::Interrupted)?;
            self.count += piece.len() as u64;
            if self.count > self.at_most {
                return Err(BlobError::TooLarge(self.at_most));
            }
            self.hash.update(&piece);
            self.rest.extend_from_slice(&piece);
        }
        let part = self.rest.split_to(self.rest.len().min(self.size)).freeze();
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    /// What all of them were.
    pub(super) fn stored(self) -> Stored {
        Stored {
            bytes: self.count,
            hash: hexadecimal(self.hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(pieces: &[&'static str]) -> ByteStream {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok(Bytes::from_static(piece.as_bytes())))
            .collect();
        futures_util::stream::iter(pieces).boxed()
    }

    #[tokio::test]
    async fn parts_are_of_one_size() {
        let mut parts = Parts::of(stream(&["ab", "cdefg", "", "h"]), 3, 8);
        let mut cut = Vec::new();
        while let Some(part) = parts.next().await.unwrap() {
            cut.push(part);
        }
        assert_eq!(cut, ["abc", "def", "gh"]);
        let stored = parts.stored();
        assert_eq!(stored.bytes, 8);
        assert_eq!(
            stored.hash,
            "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"
        );
    }

    #[tokio::test]
    async fn too_many_bytes_are_noticed_as_they_come() {
        let mut parts = Parts::of(stream(&["abc", "def"]), 2, 5);
        let mut last = parts.next().await;
        while matches!(last, Ok(Some(_))) {
            last = parts.next().await;
        }
        assert!(matches!(last, Err(BlobError::TooLarge(5))));
    }
}
