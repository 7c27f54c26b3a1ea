//! Commands that talk to a service instead of doing the work here.

mod download;
mod submit;
mod tasks;
mod upload;

use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use vidc_engine::ErrorKind;

use super::exit::Failure;
use super::output::Output;

pub(super) use download::DownloadArguments;
pub(super) use submit::SubmitArguments;
pub(super) use tasks::{LogsArguments, TaskArguments, TasksArguments};

pub(super) use download::run as run_download;
pub(super) use submit::run as run_submit;
pub(super) use tasks::{run_cancel, run_logs, run_retry, run_tasks};

/// Which service, and who asks.
#[derive(Clone, Debug, Args)]
pub(super) struct ServerOptions {
    /// The service
    #[arg(
        long,
        value_name = "URL",
        env = "VIDC_SERVER",
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
    /// The key that it gave you
    #[arg(long, value_name = "KEY", env = "VIDC_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// A service to talk to.
#[derive(Clone, Debug)]
struct Remote {
    client: reqwest::Client,
    server: String,
    key: String,
}

impl Remote {
    fn new(options: &ServerOptions) -> Result<Remote, Failure> {
        let key = options.key.clone().ok_or_else(|| {
            Failure::usage("a service wants a key: give `--key`, or set VIDC_KEY".to_owned())
        })?;
        let client = vidc_service::egress::client()
            .build()
            .map_err(|error| Failure::environment(format!("no request can be sent: {error}")))?;
        Ok(Remote {
            client,
            server: options.server.trim_end_matches('/').to_owned(),
            key,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server);
        self.client.request(method, url).bearer_auth(&self.key)
    }

    /// An answer that is not a problem.
    async fn send(&self, request: RequestBuilder, output: &Output) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(|error| self.broken(&error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|error| self.broken(&error))?;
        Err(problem(status, &text, output))
    }

    async fn json(&self, request: RequestBuilder, output: &Output) -> Result<Value, Failure> {
        let text = self.send(request, output).await?.text().await;
        let text = text.map_err(|error| self.broken(&error))?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::environment(format!("{} does not answer as vidc does: {error}", self.server))
        })
    }

    async fn task(&self, id: &str, output: &Output) -> Result<Value, Failure> {
        self.json(self.request(Method::GET, &format!("/v1/tasks/{id}")), output)
            .await
    }

    fn broken(&self, error: &reqwest::Error) -> Failure {
        let cause = vidc_service::egress::told(error);
        Failure::environment(format!("{} was not reached: {cause}", self.server))
    }
}

/// What a service refused, by the exit code that the same would have here.
fn problem(status: u16, text: &str, output: &Output) -> Failure {
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    let kind = match status {
        400 | 401 | 403 | 409 | 413 | 415 | 416 => ErrorKind::Usage,
        422 => ErrorKind::InvalidRecipe,
        _ => ErrorKind::Environment,
    };
    if let Some(diagnostics) = problem["diagnostics"].as_array() {
        match output.is_json() {
            true => output.say(&problem["diagnostics"].to_string()),
            false => diagnostics.iter().for_each(|diagnostic| show(diagnostic, output)),
        }
        return Failure::Told(kind);
    }
    let detail = problem["detail"].as_str().unwrap_or(text);
    let title = problem["title"].as_str().unwrap_or("the service refused");
    Failure::Said(kind, format!("{title}: {detail} ({status})"))
}

/// One diagnostic that a service found.
fn show(diagnostic: &Value, output: &Output) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let primary = &diagnostic["primary"];
    output.say(&format!(
        "{}[{}]: {}\n --> {}:{}:{}",
        text(&diagnostic["severity"]),
        text(&diagnostic["code"]),
        text(&diagnostic["message"]),
        text(&primary["file"]),
        primary["start"]["line"],
        primary["start"]["column"],
    ));
    for help in diagnostic["help"].as_array().into_iter().flatten() {
        output.say(&format!("  help: {}", text(help)));
    }
}

/// A JSON text, or nothing.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
