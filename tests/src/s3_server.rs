//! A private S3 server for a test, which can be stopped and restarted.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ureq::http::Method;

use crate::server::{ANY_CREDENTIALS, Client};

/// The server, with a bucket `vidc`.
#[derive(Debug)]
pub struct S3Server {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

/// A TCP port that is currently free.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.unwrap_or_else(|error| panic!("{error}")).port()
}

fn launch(folder: &tempfile::TempDir, port: u16) -> Child {
    let program = std::env::var("VIDC_TEST_S3_PROGRAM").unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new(program);
    command
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", folder.path().join("s3"))
        .env("STATE_DIR", folder.path().join("state"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

impl S3Server {
    /// Starts a server.
    pub fn start() -> S3Server {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let port = free_port();
        let s3 = S3Server {
            process: launch(&folder, port),
            folder,
            port,
        };
        s3.wait();
        s3.put("vidc", b"");
        // The server loses empty buckets when it is killed.
        s3.put("vidc/.kept", b"");
        s3
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "the S3 server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The endpoint URL.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lines for vidc's configuration file.
    pub fn settings(&self) -> String {
        let endpoint = self.endpoint();
        format!("s3: {{endpoint: \"{endpoint}\", bucket: vidc, {ANY_CREDENTIALS}}}\n")
    }

    /// Creates an object at `bucket/key`, or a bucket.
    pub fn put(&self, place: &str, bytes: &[u8]) {
        let client = Client {
            address: self.endpoint(),
            key: String::new(),
        };
        client
            .send(Method::PUT, &format!("/{place}"), &[], bytes)
            .expect(200);
    }

    /// Kills the server; stored objects persist.
    pub fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Restarts the server at the same address.
    pub fn restart(&mut self) {
        self.process = launch(&self.folder, self.port);
        self.wait();
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}
