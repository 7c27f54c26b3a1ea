use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use vidc_service::blobs::{
    BlobError, BlobStore, ByteStream, DirectoryStore, ResponseHeaders, S3Settings, S3Store,
};
use vidc_service::store::model::TaskId;

const NAME: &str = "assets/acme/a";
/// Longer than two parts of an upload, and no multiple of anything.
const LONG: usize = (17 << 20) + 12_345;

struct Bench {
    name: &'static str,
    store: Arc<dyn BlobStore>,
    folder: tempfile::TempDir,
}

async fn benches() -> Vec<Bench> {
    let folder = tempfile::tempdir().unwrap();
    let directory = DirectoryStore::open(folder.path().join("blobs")).unwrap();
    let mut benches = vec![Bench {
        name: "directory",
        store: Arc::new(directory),
        folder,
    }];
    if let Ok(endpoint) = std::env::var("VIDC_TEST_S3") {
        let folder = tempfile::tempdir().unwrap();
        let bucket = S3Store::open(&settings(endpoint, &folder)).await.unwrap();
        benches.push(Bench {
            name: "bucket",
            store: Arc::new(bucket),
            folder,
        });
    }
    benches
}

fn settings(endpoint: String, folder: &tempfile::TempDir) -> S3Settings {
    S3Settings {
        endpoint: Some(endpoint),
        public_endpoint: None,
        region: "us-east-1".to_owned(),
        bucket: "vidc".to_owned(),
        prefix: format!("{}/", TaskId::generate()),
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
        path_style: true,
        cache_dir: folder.path().join("near"),
        cache_bytes: 1 << 30,
    }
}

/// Bytes none of whose parts equals another.
fn content(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn stream(bytes: &[u8]) -> ByteStream {
    let pieces: Vec<_> = bytes
        .chunks(100_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    futures_util::stream::iter(pieces).boxed()
}

async fn all(stream: ByteStream) -> Vec<u8> {
    let pieces: Vec<Bytes> = stream.try_collect().await.unwrap();
    pieces.concat()
}

async fn is_there(store: &dyn BlobStore) -> bool {
    match store.get(NAME, None).await {
        Ok(_) => true,
        Err(BlobError::NotFound(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_is_stored_is_there_whole_and_in_ranges() {
    for Bench { name, store, folder } in benches().await {
        for length in [0, 1, LONG] {
            let blob = format!("{NAME}{length}");
            let content = content(length);
            let stored = store.put(&blob, stream(&content), LONG as u64).await.unwrap();
            assert_eq!(
                (stored.bytes, stored.hash),
                (length as u64, sha256(&content)),
                "{name}"
            );
            assert!(
                all(store.get(&blob, None).await.unwrap()).await == content,
                "{name}, {length}"
            );
            for _ in 0..2 {
                let path = store.file(&blob).await.unwrap();
                assert!(std::fs::read(path).unwrap() == content, "{name}, {length}");
            }
        }
        let (blob, content) = (format!("{NAME}{LONG}"), content(LONG));
        for range in [0..1, 5..9, 8_388_600..8_388_620, LONG - 3..LONG] {
            let asked = range.start as u64..range.end as u64;
            let part = all(store.get(&blob, Some(asked)).await.unwrap()).await;
            assert!(part == content[range.clone()], "{name}, {range:?}");
        }
        let path = folder.path().join("file");
        std::fs::write(&path, &content).unwrap();
        let stored = store.put_file(NAME, &path).await.unwrap();
        assert_eq!(stored.hash, sha256(&content), "{name}");
    }
}

#[tokio::test]
async fn what_is_not_stored_whole_is_not_there() {
    for Bench { name, store, .. } in benches().await {
        for length in [1000, LONG] {
            let content = content(length);
            let less = length as u64 - 1;
            let refused = store.put(NAME, stream(&content), less).await;
            assert!(
                matches!(refused, Err(BlobError::TooLarge(limit)) if limit == less),
                "{name}"
            );
            assert!(!is_there(store.as_ref()).await, "{name}");
            let broken = stream(&content).chain(futures_util::stream::iter([Err(io::Error::other("gone"))]));
            let interrupted = store.put(NAME, broken.boxed(), u64::MAX).await;
            assert!(matches!(interrupted, Err(BlobError::Interrupted(_))), "{name}");
            assert!(!is_there(store.as_ref()).await, "{name}");
        }
        assert!(
            matches!(store.file(NAME).await, Err(BlobError::NotFound(_))),
            "{name}"
        );
    }
}

#[tokio::test]
async fn deleting_can_be_repeated() {
    for Bench { name, store, .. } in benches().await {
        store.put(NAME, stream(b"abc"), 3).await.unwrap();
        store.file(NAME).await.unwrap();
        for _ in 0..2 {
            store.delete(NAME).await.unwrap();
            assert!(!is_there(store.as_ref()).await, "{name}");
            assert!(store.file(NAME).await.is_err(), "{name}");
        }
    }
}

#[tokio::test]
async fn an_upload_past_the_service_can_be_given_up() {
    for Bench { store, .. } in benches().await {
        let Some(direct) = store.presigner() else { continue };
        let hour = std::time::Duration::from_secs(3600);
        let upload = direct.start_upload(NAME, 100 << 20, hour).await.unwrap();
        let lengths: Vec<u64> = upload.parts.iter().map(|part| part.bytes).collect();
        assert_eq!(lengths, [64 << 20, 36 << 20]);
        let early = direct
            .complete_upload(NAME, &upload.id, &["\"x\"".to_owned()])
            .await;
        assert!(matches!(early, Err(BlobError::Rejected(_))), "{early:?}");
        store.delete(NAME).await.unwrap();
        let late = direct
            .complete_upload(NAME, &upload.id, &["\"x\"".to_owned()])
            .await;
        assert!(matches!(late, Err(BlobError::Rejected(_))), "{late:?}");
        let how = ResponseHeaders {
            file_name: "a.mp4",
            media_type: "video/mp4",
        };
        let link = direct.presign_download(NAME, how, hour).await.unwrap();
        assert!(link.contains("X-Amz-Signature="), "{link}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_at_the_start() {
    let Ok(endpoint) = std::env::var("VIDC_TEST_S3") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(endpoint, &folder);
    settings.bucket = "no-such-bucket".to_owned();
    let error = S3Store::open(&settings).await.unwrap_err().to_string();
    assert!(
        error.contains("`no-such-bucket`") && error.contains("404"),
        "{error}"
    );
    // One that does not answer may come back.
    settings.endpoint = Some("http://127.0.0.1:1".to_owned());
    S3Store::open(&settings).await.unwrap();
}

/// A way to a server on which every answer breaks off after a megabyte.
async fn breaking(upstream: &str) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let upstream = upstream.trim_start_matches("http://").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            let server = tokio::net::TcpStream::connect(&upstream).await.unwrap();
            tokio::spawn(async move {
                let (mut asked, mut answered) = client.into_split();
                let (from, mut to) = server.into_split();
                let asking = tokio::io::copy(&mut asked, &mut to);
                let mut from = tokio::io::AsyncReadExt::take(from, 1 << 20);
                let answering = tokio::io::copy(&mut from, &mut answered);
                tokio::select! { _ = asking => {}, _ = answering => {} }
            });
        }
    });
    (format!("http://{address}"), asked)
}

#[tokio::test]
async fn reading_goes_on_where_it_stopped() {
    let Ok(endpoint) = std::env::var("VIDC_TEST_S3") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let direct = settings(endpoint.clone(), &folder);
    let (endpoint, asked) = breaking(&endpoint).await;
    let far = S3Settings {
        endpoint: Some(endpoint),
        ..direct.clone()
    };
    let content = content(LONG);
    let stored = S3Store::open(&direct)
        .await
        .unwrap()
        .put(NAME, stream(&content), u64::MAX)
        .await;
    stored.unwrap();
    let far = S3Store::open(&far).await.unwrap();
    assert!(all(far.get(NAME, None).await.unwrap()).await == content);
    let range = 1_000_000..9_000_000;
    let part = all(far.get(NAME, Some(range.clone())).await.unwrap()).await;
    assert!(part == content[range.start as usize..range.end as usize]);
    assert!(asked.load(Ordering::Relaxed) > LONG >> 20, "it never broke off");
}
