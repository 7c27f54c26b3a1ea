//! An S3 server of a test's own, which can be stopped and started again.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ureq::http::Method;

use crate::server::{ANY_CREDENTIALS, Client};

/// The server, with a bucket `vidc`.
#[derive(Debug)]
pub struct Objects {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

/// A port that nobody listens at just now.
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

impl Objects {
    /// Starts one.
    pub fn start() -> Objects {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let port = free_port();
        let objects = Objects {
            process: launch(&folder, port),
            folder,
            port,
        };
        objects.wait();
        objects.put("vidc", b"");
        // The server forgets empty buckets when it is killed.
        objects.put("vidc/.kept", b"");
        objects
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "the S3 server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lines for a configuration file.
    pub fn settings(&self) -> String {
        let endpoint = self.endpoint();
        format!("s3: {{endpoint: \"{endpoint}\", bucket: vidc, {ANY_CREDENTIALS}}}\n")
    }

    /// Makes an object at `bucket/key`, or a bucket.
    pub fn put(&self, place: &str, bytes: &[u8]) {
        let client = Client {
            address: self.endpoint(),
            key: String::new(),
        };
        client
            .send(Method::PUT, &format!("/{place}"), &[], bytes)
            .expect(200);
    }

    /// Kills it; what it has stored stays.
    pub fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again at the same address.
    pub fn again(&mut self) {
        self.process = launch(&self.folder, self.port);
        self.wait();
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.stop();
    }
}
