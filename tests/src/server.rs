//! Private `vidc serve` and worker processes for a test, and an HTTP client with a key.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request, Response};

use crate::openapi_conformance::conformance;
use crate::{run, vidc};

/// The storage and queue that a service uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite and files in one folder.
    Embedded,
    /// PostgreSQL, Redis and an S3 server.
    Clustered,
}

/// The backends that this machine can test: the clustered one needs servers started by a script.
pub fn backends() -> Vec<Backend> {
    match std::env::var("VIDC_TEST_POSTGRES") {
        Ok(_) => vec![Backend::Embedded, Backend::Clustered],
        Err(_) => vec![Backend::Embedded],
    }
}

/// An isolated deployment with its own database, blobs and queue.
#[derive(Debug)]
pub struct Site {
    program: PathBuf,
    folder: tempfile::TempDir,
    backend: Backend,
    /// The key of a clustered site, created with `vidc key`.
    key: Option<String>,
}

/// Numbers the databases of this process; the process id keeps processes apart.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Credentials for the test S3 server, which accepts any.
pub const ANY_CREDENTIALS: &str = "access_key_id: test, secret_access_key: test";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// The addresses of the servers that a clustered site uses.
#[derive(Clone, Debug)]
pub struct Servers {
    /// A libpq URL of any database.
    pub postgres: String,
    /// The Redis URL.
    pub redis: String,
    /// The S3 server's endpoint, with a bucket `vidc`.
    pub s3: String,
}

impl Site {
    /// Creates an empty site. `settings` are lines for the configuration file.
    pub fn new(program: &str, backend: Backend, settings: &str) -> Site {
        Site::on_servers(program, backend, settings, &|| Servers {
            postgres: variable("VIDC_TEST_POSTGRES"),
            redis: variable("VIDC_TEST_REDIS"),
            s3: variable("VIDC_TEST_S3"),
        })
    }

    /// Creates an empty site on servers that are looked up only if it needs them.
    pub fn on_servers(
        program: &str,
        backend: Backend,
        settings: &str,
        servers: &dyn Fn() -> Servers,
    ) -> Site {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let mut config = format!("{settings}\n");
        if backend == Backend::Clustered {
            let name = format!(
                "vidc_{}_{}",
                std::process::id(),
                COUNT.fetch_add(1, Ordering::Relaxed)
            );
            let Servers {
                postgres: url,
                redis,
                s3: store,
            } = servers();
            run(Command::new("psql").args([&url, "-qc", &format!("create database {name}")])).expect(0);
            let (server, _) = url.rsplit_once('/').unwrap_or((&url, ""));
            config += &format!("postgres: {server}/{name}\nredis: {redis}\nredis_prefix: {name}\n");
            if !settings.contains("s3:") {
                config += &format!(
                    "s3: {{endpoint: \"{store}\", bucket: vidc, prefix: {name}/, {ANY_CREDENTIALS}}}\n"
                );
            }
        }
        std::fs::write(folder.path().join("vidc.yaml"), config).unwrap_or_else(|error| panic!("{error}"));
        let mut site = Site {
            program: program.into(),
            folder,
            backend,
            key: None,
        };
        if backend == Backend::Clustered {
            let created = run(site.command("key").args(["--scopes", "read,write,keys,admin"])).expect(0);
            site.key = Some(created.stdout.trim().to_owned());
        }
        site
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Prepares one of the service's commands.
    pub fn command(&self, name: &str) -> Command {
        let mut command = vidc(&self.program.to_string_lossy(), self.folder());
        command.args([name, "--config", "vidc.yaml", "--data", "data"]);
        command
    }

    /// Starts a process and waits until it prints a line that starts with `ready` on standard error.
    fn start(&self, command: &mut Command, ready: &str) -> (Process, Vec<String>) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder().join("log"));
        let log = log.unwrap_or_else(|error| panic!("{error}"));
        let child = command
            .stdout(log)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut process = Process(child);
        let mut lines = Vec::new();
        let stderr = process
            .0
            .stderr
            .take()
            .into_iter()
            .flat_map(|stderr| BufReader::new(stderr).lines());
        for line in stderr {
            lines.push(line.unwrap_or_default());
            if lines.last().is_some_and(|line| line.starts_with(ready)) {
                return (process, lines);
            }
        }
        panic!("{command:?} ended early: {lines:?}");
    }

    /// Starts a server with a number of in-process workers.
    pub fn serve(&self, workers: usize) -> Server {
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0", "--workers", &workers.to_string()]);
        let last = match self.backend {
            Backend::Embedded => "key: ",
            Backend::Clustered => "listening on ",
        };
        let (process, lines) = self.start(&mut command, last);
        let value_of = |what: &str| {
            lines
                .iter()
                .find_map(|line| line.strip_prefix(what))
                .map(ToOwned::to_owned)
        };
        Server {
            process,
            client: Client {
                address: value_of("listening on ").unwrap_or_default(),
                key: self.key.clone().or_else(|| value_of("key: ")).unwrap_or_default(),
            },
        }
    }

    /// Starts a worker of a clustered site.
    pub fn worker(&self) -> Process {
        self.worker_with(|command| command)
    }

    /// Starts a worker with a modified command.
    pub fn worker_with(&self, change: impl FnOnce(Command) -> Command) -> Process {
        self.start(&mut change(self.command("worker")), "working").0
    }
}

/// A child process that is killed when dropped.
#[derive(Debug)]
pub struct Process(Child);

impl From<Child> for Process {
    fn from(child: Child) -> Process {
        Process(child)
    }
}

impl Process {
    /// The process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends a signal by name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        run(Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]));
    }

    /// Whether the process is still running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// Sends a signal, waits for the process to exit and returns its exit code.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.0.wait().ok()?.code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// The server's process.
    pub process: Process,
    /// A client with every scope.
    pub client: Client,
}

/// An HTTP client of a server.
#[derive(Clone, Debug)]
pub struct Client {
    /// The base URL, such as `http://127.0.0.1:8080`.
    pub address: String,
    /// The API key; empty for unauthenticated requests.
    pub key: String,
}

/// A response.
#[derive(Debug)]
pub struct ApiResponse {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: ureq::http::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl ApiResponse {
    /// Asserts the status and shows the body if it differs.
    #[track_caller]
    pub fn expect(self, status: u16) -> ApiResponse {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn read(mut response: Response<ureq::Body>) -> Result<ApiResponse, ureq::Error> {
    let mut body = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut body)?;
    Ok(ApiResponse {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body,
    })
}

impl Client {
    /// Sends a request.
    #[track_caller]
    pub fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> ApiResponse {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Sends a request to a server that may be down. The response must conform to the OpenAPI document.
    #[track_caller]
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<ApiResponse, ureq::Error> {
        let answer = read(self.try_open(method.clone(), path, headers, body)?)?;
        let ours = ["/v1/", "/oauth/", "/livez", "/readyz", "/metrics"];
        if ours.iter().any(|begin| path.starts_with(begin)) {
            let fetch = || {
                let document = self.try_open(Method::GET, "/openapi.json", &[], &[]).ok()?;
                serde_json::from_slice(&read(document).ok()?.body).ok()
            };
            conformance(fetch)
                .into_iter()
                .for_each(|conformance| conformance.check(&method, path, &answer));
        }
        Ok(answer)
    }

    /// Sends a request and returns the response with its body unread.
    #[track_caller]
    pub fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response<ureq::Body> {
        self.try_open(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response<ureq::Body>, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address));
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        agent.run(request.body(body)?)
    }

    /// `GET`
    #[track_caller]
    pub fn get(&self, path: &str) -> ApiResponse {
        self.send(Method::GET, path, &[], &[])
    }

    /// `POST` with a JSON body
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> ApiResponse {
        let json = [("content-type", "application/json")];
        self.send(Method::POST, path, &json, body.to_string().as_bytes())
    }

    /// `DELETE`
    #[track_caller]
    pub fn delete(&self, path: &str) -> ApiResponse {
        self.send(Method::DELETE, path, &[], &[])
    }

    /// Uploads a file and returns the asset's id.
    #[track_caller]
    pub fn upload(&self, path: &Path) -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let answer = self.send(Method::POST, &format!("/v1/assets?name={name}"), &[], &bytes);
        text(&answer.expect(201).json()["id"])
    }

    /// Submits a recipe and returns the task's id.
    #[track_caller]
    pub fn submit(&self, recipe: &str) -> String {
        let answer = self.post("/v1/tasks", &serde_json::json!({ "recipe": recipe }));
        assert!([200, 202].contains(&answer.status), "{}", answer.text());
        text(&answer.json()["id"])
    }

    /// Polls a task until the server answers.
    #[track_caller]
    pub fn wait_for(&self, task: &str) -> Value {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.try_send(Method::GET, &format!("/v1/tasks/{task}"), &[], &[]);
            if let Ok(answer) = answer.as_ref()
                && answer.status == 200
            {
                return answer.json();
            }
            assert!(Instant::now() < until, "{answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a task has one of these statuses, and returns it.
    #[track_caller]
    pub fn wait(&self, task: &str, statuses: &[&str]) -> Value {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let shown = self.get(&format!("/v1/tasks/{task}")).expect(200).json();
            if statuses.iter().any(|status| shown["status"] == *status) {
                return shown;
            }
            assert!(Instant::now() < until, "not {statuses:?}: {shown:#}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
        .to_owned()
}
