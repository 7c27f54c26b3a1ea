//! Reading a recipe from a request body: text, YAML, JSON or a multipart form with files.

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{StatusCode, header};
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use vidc_compiler::PassId;
use vidc_dsl::Syntax;
use vidc_service::asset_resolver::ASSET_PREFIX;
use vidc_service::requests::NewFile;
use vidc_service::store::model::{AssetId, Job, Priority, Tenant};

use super::problem::Problem;
use super::state::AppState;
use super::validate::{check_json, check_name};

/// Largest recipe, and largest JSON body, in bytes.
const MAX_TEXT_BYTES: usize = 8 << 20;
/// Name of a recipe in text syntax without a name of its own.
const DEFAULT_TEXT_NAME: &str = "recipe.vidc";
/// Name of a recipe in YAML syntax without a name of its own.
const DEFAULT_YAML_NAME: &str = "recipe.yaml";

/// A recipe to compile or render.
#[derive(Debug)]
pub(super) struct RecipeRequest {
    pub(super) name: String,
    pub(super) syntax: Syntax,
    pub(super) recipe: String,
    pub(super) job: Job,
    pub(super) priority: Priority,
    pub(super) webhook: Option<String>,
}

/// A recipe with files, as a form. Documents what [`read_multipart`] reads field by field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a form that is read field by field")]
pub(super) struct RecipeForm {
    /// The recipe. Its file name determines its syntax.
    recipe: String,
    /// The options of the JSON request, without `recipe`.
    #[schema(value_type = Object)]
    job: Option<TaskRequest>,
    /// Files, under the names that the recipe uses.
    #[serde(flatten)]
    files: BTreeMap<String, Vec<u8>>,
}

/// A recipe in either syntax.
#[derive(ToSchema)]
#[schema(as = Recipe)]
#[serde(untagged)]
#[expect(dead_code, reason = "documents a value that is read as JSON")]
enum RecipeSchema {
    /// Text syntax, or YAML.
    Text(String),
    /// The YAML syntax as JSON.
    Tree(serde_json::Map<String, Value>),
}

/// A recipe with options: the JSON body, or the `job` part of a form.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = RecipeRequest)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TaskRequest {
    /// The recipe as text, or the YAML syntax as JSON.
    #[schema(value_type = RecipeSchema, required = true)]
    recipe: Option<Value>,
    /// The recipe's name in diagnostics. Its extension determines the syntax.
    name: Option<String>,
    /// Values of parameters, by name.
    params: BTreeMap<String, Value>,
    /// Asset IDs or URLs of declared inputs, by name.
    inputs: BTreeMap<String, String>,
    /// Asset IDs of the files that the recipe names.
    assets: BTreeMap<String, AssetId>,
    /// Priority from 1 (highest) to 10 (lowest). Defaults to 5.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 10)]
    priority: Option<Priority>,
    /// URL to notify when the task ends.
    webhook: Option<String>,
    /// Disable the passes that join packets: each track is copied or encoded as a whole.
    exact: bool,
}

impl TaskRequest {
    fn parse(json: &[u8]) -> Result<TaskRequest, Problem> {
        serde_json::from_slice(json).map_err(|error| Problem::bad_request(format!("invalid JSON: {error}")))
    }

    fn into_recipe_request(self, name: &str, syntax: Syntax, recipe: String) -> RecipeRequest {
        let input = |(name, value): (String, String)| match value.parse::<AssetId>() {
            Ok(id) => (name, format!("{ASSET_PREFIX}{id}")),
            Err(_) => (name, value),
        };
        RecipeRequest {
            name: name.to_owned(),
            syntax,
            recipe,
            job: Job {
                params: self.params,
                inputs: self.inputs.into_iter().map(input).collect(),
                assets: self.assets,
                without_passes: PassId::all_that(PassId::joins_packets)
                    .filter(|_| self.exact)
                    .collect(),
            },
            priority: self.priority.unwrap_or(Priority::NORMAL),
            webhook: self.webhook,
        }
    }
}

impl RecipeRequest {
    /// Reads a request. Files in a form become assets of the tenant.
    pub(super) async fn read(
        state: &AppState,
        tenant: &Tenant,
        request: Request,
    ) -> Result<RecipeRequest, Problem> {
        let request = read_body(state, tenant, request).await?;
        check_name("`name`", &request.name)?;
        check_json("the request", &json!(request.job))?;
        Ok(request)
    }

    /// A hash of the request, by which a repeated `Idempotency-Key` is compared. Files are identified by name only,
    /// because a repeated request uploads them again as other assets.
    pub(super) fn fingerprint(&self) -> String {
        let files: Vec<&String> = self.job.assets.keys().collect();
        let request = json!([
            self.recipe,
            self.job.params,
            self.job.inputs,
            files,
            self.job.without_passes,
            self.priority,
            self.webhook
        ]);
        Sha256::digest(request.to_string())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

async fn read_body(state: &AppState, tenant: &Tenant, request: Request) -> Result<RecipeRequest, Problem> {
    let media_type = media_type(&request);
    let text = |request: Request| read_text(request.into_body().into_data_stream());
    match media_type.as_str() {
        "multipart/form-data" => read_multipart(state, tenant, request).await,
        "text/x-vidc" | "text/plain" => {
            let recipe = utf8(text(request).await?)?;
            Ok(TaskRequest::default().into_recipe_request(DEFAULT_TEXT_NAME, Syntax::Text, recipe))
        }
        "application/yaml" | "text/yaml" | "application/x-yaml" => {
            let recipe = utf8(text(request).await?)?;
            Ok(TaskRequest::default().into_recipe_request(DEFAULT_YAML_NAME, Syntax::Yaml, recipe))
        }
        "application/json" => {
            let mut request = TaskRequest::parse(&text(request).await?)?;
            let name = request.name.take();
            match request.recipe.take() {
                Some(Value::String(recipe)) => {
                    let name = name.unwrap_or_else(|| DEFAULT_TEXT_NAME.to_owned());
                    let syntax = Syntax::for_file_name(&name);
                    Ok(request.into_recipe_request(&name, syntax, recipe))
                }
                // JSON is a subset of YAML.
                Some(tree @ Value::Object(_)) => {
                    let name = name.unwrap_or_else(|| DEFAULT_YAML_NAME.to_owned());
                    Ok(request.into_recipe_request(&name, Syntax::Yaml, tree.to_string()))
                }
                _ => Err(Problem::bad_request(
                    "`recipe` must be a string with the text of a recipe, or an object with its YAML form",
                )),
            }
        }
        other => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            format!(
                "the `Content-Type` is `{other}`; send a recipe as text/x-vidc, application/yaml, application/json or \
                 multipart/form-data"
            ),
        )),
    }
}

/// The media type of a request in lower case, without parameters.
fn media_type(request: &Request) -> String {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn utf8(bytes: Bytes) -> Result<String, Problem> {
    String::from_utf8(bytes.into()).map_err(|_| Problem::bad_request("recipes must be UTF-8 text"))
}

/// Reads a stream of at most [`MAX_TEXT_BYTES`] into memory.
async fn read_text<E: Display>(stream: impl Stream<Item = Result<Bytes, E>>) -> Result<Bytes, Problem> {
    let mut stream = std::pin::pin!(stream);
    let mut text = Vec::new();
    while let Some(chunk) = stream.next().await {
        text.extend(chunk.map_err(|error| Problem::bad_request(error.to_string()))?);
        if text.len() > MAX_TEXT_BYTES {
            return Err(Problem::payload_too_large(MAX_TEXT_BYTES as u64));
        }
    }
    Ok(text.into())
}

/// Reads a form with the fields `recipe`, optionally `job` (JSON), and files under the names that the recipe uses.
async fn read_multipart(
    state: &AppState,
    tenant: &Tenant,
    request: Request,
) -> Result<RecipeRequest, Problem> {
    let malformed = |error: MultipartError| Problem::bad_request(error.body_text());
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Problem::bad_request(error.body_text()))?;
    let (mut request, mut recipe, mut files) = (TaskRequest::default(), None, BTreeMap::new());
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "recipe" => {
                let file_name = field.file_name().unwrap_or(DEFAULT_TEXT_NAME).to_owned();
                recipe = Some((file_name, utf8(read_text(field).await?)?));
            }
            "job" => request = TaskRequest::parse(&read_text(field).await?)?,
            _ => {
                let media_type = field.content_type().map(ToOwned::to_owned);
                check_name("the name of a file", &name)?;
                check_name(
                    "the media type of a file",
                    media_type.as_deref().unwrap_or_default(),
                )?;
                let file = NewFile {
                    name: name.clone(),
                    media_type,
                    source: None,
                };
                let asset = state
                    .service
                    .create_asset(tenant, file, field, state.limits.upload_bytes)
                    .await?;
                files.insert(name, asset.id);
            }
        }
    }
    let (name, recipe) =
        recipe.ok_or_else(|| Problem::bad_request("the form has no field named `recipe`"))?;
    request.assets.extend(files);
    let syntax = Syntax::for_file_name(&name);
    Ok(request.into_recipe_request(&name, syntax, recipe))
}
