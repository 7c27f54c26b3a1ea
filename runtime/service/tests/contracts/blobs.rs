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
/// Longer than two parts of an upload, and no multiple of their size.
const LONG: usize = (17 << 20) + 12_345;

struct Backend {
    name: &'static str,
    store: Arc<dyn BlobStore>,
    dir: tempfile::TempDir,
}

async fn backends() -> Vec<Backend> {
    let dir = tempfile::tempdir().unwrap();
    let directory = DirectoryStore::open(dir.path().join("blobs")).unwrap();
    let mut backends = vec![Backend {
        name: "directory",
        store: Arc::new(directory),
        dir,
    }];
    if let Ok(endpoint) = std::env::var("VIDC_TEST_S3") {
        let dir = tempfile::tempdir().unwrap();
        let bucket = S3Store::open(&settings(endpoint, &dir)).await.unwrap();
        backends.push(Backend {
            name: "bucket",
            store: Arc::new(bucket),
            dir,
        });
    }
    backends
}

fn settings(endpoint: String, dir: &tempfile::TempDir) -> S3Settings {
    S3Settings {
        endpoint: Some(endpoint),
        public_endpoint: None,
        region: "us-east-1".to_owned(),
        bucket: "vidc".to_owned(),
        prefix: format!("{}/", TaskId::generate()),
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
        path_style: true,
        cache_dir: dir.path().join("near"),
        cache_bytes: 1 << 30,
    }
}

/// Returns bytes that do not repeat.
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
    let chunks: Vec<_> = bytes
        .chunks(100_000)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    futures_util::stream::iter(chunks).boxed()
}

async fn read_all(stream: ByteStream) -> Vec<u8> {
    let chunks: Vec<Bytes> = stream.try_collect().await.unwrap();
    chunks.concat()
}

async fn exists(store: &dyn BlobStore) -> bool {
    match store.get(NAME, None).await {
        Ok(_) => true,
        Err(BlobError::NotFound(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn stored_blobs_are_read_whole_and_in_ranges() {
    for Backend { name, store, dir } in backends().await {
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
                read_all(store.get(&blob, None).await.unwrap()).await == content,
                "{name}, {length}"
            );
            for _ in 0..2 {
                let path = store.file(&blob).await.unwrap();
                assert!(std::fs::read(path).unwrap() == content, "{name}, {length}");
            }
        }
        let (blob, content) = (format!("{NAME}{LONG}"), content(LONG));
        for range in [0..1, 5..9, 8_388_600..8_388_620, LONG - 3..LONG] {
            let bytes = range.start as u64..range.end as u64;
            let part = read_all(store.get(&blob, Some(bytes)).await.unwrap()).await;
            assert!(part == content[range.clone()], "{name}, {range:?}");
        }
        let path = dir.path().join("file");
        std::fs::write(&path, &content).unwrap();
        let stored = store.put_file(NAME, &path).await.unwrap();
        assert_eq!(stored.hash, sha256(&content), "{name}");
    }
}

#[tokio::test]
async fn partially_stored_blobs_do_not_exist() {
    for Backend { name, store, .. } in backends().await {
        for length in [1000, LONG] {
            let content = content(length);
            let limit = length as u64 - 1;
            let too_large = store.put(NAME, stream(&content), limit).await;
            assert!(
                matches!(too_large, Err(BlobError::TooLarge(max)) if max == limit),
                "{name}"
            );
            assert!(!exists(store.as_ref()).await, "{name}");
            let broken = stream(&content).chain(futures_util::stream::iter([Err(io::Error::other("gone"))]));
            let interrupted = store.put(NAME, broken.boxed(), u64::MAX).await;
            assert!(matches!(interrupted, Err(BlobError::Interrupted(_))), "{name}");
            assert!(!exists(store.as_ref()).await, "{name}");
        }
        assert!(
            matches!(store.file(NAME).await, Err(BlobError::NotFound(_))),
            "{name}"
        );
    }
}

#[tokio::test]
async fn deletion_can_be_repeated() {
    for Backend { name, store, .. } in backends().await {
        store.put(NAME, stream(b"abc"), 3).await.unwrap();
        store.file(NAME).await.unwrap();
        for _ in 0..2 {
            store.delete(NAME).await.unwrap();
            assert!(!exists(store.as_ref()).await, "{name}");
            assert!(store.file(NAME).await.is_err(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_presigned_upload_can_be_aborted() {
    for Backend { store, .. } in backends().await {
        let Some(presigner) = store.presigner() else {
            continue;
        };
        let hour = std::time::Duration::from_secs(3600);
        let upload = presigner.start_upload(NAME, 100 << 20, hour).await.unwrap();
        let lengths: Vec<u64> = upload.parts.iter().map(|part| part.bytes).collect();
        assert_eq!(lengths, [64 << 20, 36 << 20]);
        let early = presigner
            .complete_upload(NAME, &upload.id, &["\"x\"".to_owned()])
            .await;
        assert!(matches!(early, Err(BlobError::Rejected(_))), "{early:?}");
        store.delete(NAME).await.unwrap();
        let late = presigner
            .complete_upload(NAME, &upload.id, &["\"x\"".to_owned()])
            .await;
        assert!(matches!(late, Err(BlobError::Rejected(_))), "{late:?}");
        let headers = ResponseHeaders {
            file_name: "a.mp4",
            media_type: "video/mp4",
        };
        let url = presigner.presign_download(NAME, headers, hour).await.unwrap();
        assert!(url.contains("X-Amz-Signature="), "{url}");
    }
}

#[tokio::test]
async fn opening_a_missing_bucket_fails() {
    let Ok(endpoint) = std::env::var("VIDC_TEST_S3") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(endpoint, &dir);
    settings.bucket = "no-such-bucket".to_owned();
    let error = S3Store::open(&settings).await.unwrap_err().to_string();
    assert!(
        error.contains("`no-such-bucket`") && error.contains("404"),
        "{error}"
    );
    // A store that does not respond may come back.
    settings.endpoint = Some("http://127.0.0.1:1".to_owned());
    S3Store::open(&settings).await.unwrap();
}

/// Starts a proxy to a server that cuts off every response after a megabyte, and counts the requests.
async fn cutting_proxy(upstream: &str) -> (String, Arc<AtomicUsize>) {
    let counter = Arc::new(AtomicUsize::new(0));
    let requests = Arc::clone(&counter);
    let upstream = upstream.trim_start_matches("http://").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::Relaxed);
            let server = tokio::net::TcpStream::connect(&upstream).await.unwrap();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let (from_server, mut to_server) = server.into_split();
                let request = tokio::io::copy(&mut from_client, &mut to_server);
                let mut from_server = tokio::io::AsyncReadExt::take(from_server, 1 << 20);
                let response = tokio::io::copy(&mut from_server, &mut to_client);
                tokio::select! { _ = request => {}, _ = response => {} }
            });
        }
    });
    (format!("http://{address}"), requests)
}

#[tokio::test]
async fn interrupted_reads_resume_where_they_stopped() {
    let Ok(endpoint) = std::env::var("VIDC_TEST_S3") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let direct = settings(endpoint.clone(), &dir);
    let (endpoint, requests) = cutting_proxy(&endpoint).await;
    let through_proxy = S3Settings {
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
    let store = S3Store::open(&through_proxy).await.unwrap();
    assert!(read_all(store.get(NAME, None).await.unwrap()).await == content);
    let range = 1_000_000..9_000_000;
    let part = read_all(store.get(NAME, Some(range.clone())).await.unwrap()).await;
    assert!(part == content[range.start as usize..range.end as usize]);
    assert!(
        requests.load(Ordering::Relaxed) > LONG >> 20,
        "no response was cut off"
    );
}
