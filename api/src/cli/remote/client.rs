//! A client of the HTTP API.

use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use vidc_engine::ErrorKind;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

/// Options that select a server.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct ServerOptions {
    /// URL of the server
    #[arg(
        long,
        value_name = "URL",
        env = "VIDC_SERVER",
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
    /// API key
    #[arg(long, value_name = "KEY", env = "VIDC_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// Sends authenticated requests to one server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    client: reqwest::Client,
    server: String,
    key: String,
}

impl Client {
    /// Creates a client. Fails if no key is configured.
    pub(super) fn new(options: &ServerOptions) -> Result<Client, Failure> {
        let key = options.key.clone().ok_or_else(|| {
            Failure::usage("no API key: add `--key`, or set the environment variable VIDC_KEY")
        })?;
        let client = vidc_service::egress::client_builder()
            .build()
            .map_err(|error| Failure::environment(format!("cannot create an HTTP client: {error}")))?;
        Ok(Client {
            client,
            server: options.server.trim_end_matches('/').to_owned(),
            key,
        })
    }

    /// Starts a request with the API key.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server);
        self.client.request(method, url).bearer_auth(&self.key)
    }

    /// Sends a request. A problem response is a failure.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        terminal: &Terminal,
    ) -> Result<Response, Failure> {
        let response = request
            .send()
            .await
            .map_err(|error| self.connection_failure(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = response
            .text()
            .await
            .map_err(|error| self.connection_failure(&error))?;
        Err(problem_failure(status, &body, terminal))
    }

    /// Sends a request and reads the JSON response.
    pub(super) async fn send_for_json(
        &self,
        request: RequestBuilder,
        terminal: &Terminal,
    ) -> Result<Value, Failure> {
        let body = self.send(request, terminal).await?.text().await;
        let body = body.map_err(|error| self.connection_failure(&error))?;
        serde_json::from_str(&body).map_err(|error| {
            Failure::environment(format!(
                "{} is not a vidc server: the response is not JSON: {error}",
                self.server
            ))
        })
    }

    /// Fetches a task.
    pub(super) async fn task(&self, id: &str, terminal: &Terminal) -> Result<Value, Failure> {
        self.send_for_json(self.request(Method::GET, &format!("/v1/tasks/{id}")), terminal)
            .await
    }

    /// A request or response that did not get through.
    pub(super) fn connection_failure(&self, error: &reqwest::Error) -> Failure {
        let cause = vidc_service::error::error_chain(error);
        Failure::environment(format!("cannot reach {}: {cause}", self.server))
    }
}

/// Maps a problem response to a failure with the exit code that the same error has locally, and prints its diagnostics.
fn problem_failure(status: u16, body: &str, terminal: &Terminal) -> Failure {
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let kind = match status {
        400 | 401 | 403 | 409 | 413 | 415 | 416 => ErrorKind::Usage,
        422 => ErrorKind::InvalidRecipe,
        _ => ErrorKind::Environment,
    };
    if let Some(diagnostics) = problem["diagnostics"].as_array() {
        match terminal.is_json() {
            true => terminal.print_message(&problem["diagnostics"].to_string()),
            false => diagnostics
                .iter()
                .for_each(|diagnostic| print_diagnostic(diagnostic, terminal)),
        }
        return Failure::Reported(kind);
    }
    let detail = problem["detail"].as_str().unwrap_or(body);
    let title = problem["title"]
        .as_str()
        .unwrap_or("the server refused the request");
    Failure::Message(kind, format!("{title}: {detail} ({status})"))
}

/// Prints a diagnostic of a problem response.
fn print_diagnostic(diagnostic: &Value, terminal: &Terminal) {
    let primary = &diagnostic["primary"];
    terminal.print_message(&format!(
        "{}[{}]: {}\n --> {}:{}:{}",
        text(&diagnostic["severity"]),
        text(&diagnostic["code"]),
        text(&diagnostic["message"]),
        text(&primary["file"]),
        primary["start"]["line"],
        primary["start"]["column"],
    ));
    for help in diagnostic["help"].as_array().into_iter().flatten() {
        terminal.print_message(&format!("  help: {}", text(help)));
    }
}

/// A JSON string, or an empty one for any other value.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
