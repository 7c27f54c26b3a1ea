//! Reading a recipe out of a request, in any of the forms it may have.

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use vidc_compiler::PassId;
use vidc_dsl::Syntax;
use vidc_service::assets::ASSET_PREFIX;
use vidc_service::blobs::BlobError;
use vidc_service::store::model::{AssetId, Job, Priority, Tenant};

use super::AppState;
use super::assets;
use super::problem::Problem;
use super::validate;

/// A recipe and what is asked of it.
#[derive(Debug)]
pub(super) struct RecipeRequest {
    pub(super) name: String,
    pub(super) syntax: Syntax,
    pub(super) recipe: String,
    pub(super) job: Job,
    pub(super) priority: Priority,
    pub(super) webhook: Option<String>,
}

impl RecipeRequest {
    /// A hash of everything that was asked. Files count by their names: the same request sent again uploads them anew.
    pub(super) fn fingerprint(&self) -> String {
        let names: Vec<&String> = self.job.assets.keys().collect();
        let asked = serde_json::json!([
            self.recipe,
            self.job.params,
            self.job.inputs,
            names,
            self.job.without_passes,
            self.priority,
            self.webhook
        ]);
        Sha256::digest(asked.to_string())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// A recipe's form with files.
#[derive(ToSchema)]
#[schema(as = RecipeForm)]
#[expect(dead_code, reason = "describes what is read part by part")]
pub(super) struct Form {
    /// The recipe; its file name tells its syntax.
    recipe: String,
    /// Members of the JSON form, but for `recipe`.
    #[schema(value_type = Object)]
    job: Option<TaskRequest>,
    /// Any file, by the name the recipe gives it.
    #[serde(flatten)]
    files: BTreeMap<String, Vec<u8>>,
}

/// A recipe's text.
#[derive(ToSchema)]
#[schema(as = Recipe)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a value that is read as it is")]
enum Text {
    /// In the language, or in YAML.
    Text(String),
    /// The tree of the YAML form.
    Tree(serde_json::Map<String, Value>),
}

/// A recipe and what may be asked beside it: the JSON body, or the part `job` of a form.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = RecipeRequest)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TaskRequest {
    /// Text in the language, or the tree of the YAML form.
    #[schema(value_type = Text, required = true)]
    recipe: Option<Value>,
    /// Names the recipe in messages; its extension tells its syntax.
    name: Option<String>,
    /// By name.
    params: BTreeMap<String, Value>,
    /// By declared name: an asset's identifier.
    inputs: BTreeMap<String, String>,
    /// By the name a recipe gives a file: an asset's identifier.
    assets: BTreeMap<String, AssetId>,
    /// From 1, the soonest, to 10.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 10)]
    priority: Option<Priority>,
    /// Who is told when the task ends.
    webhook: Option<String>,
    /// Join no packets; encode what is not copied as a whole.
    exact: bool,
}

impl TaskRequest {
    fn recipe_request(self, name: &str, syntax: Syntax, recipe: String) -> RecipeRequest {
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

fn parse(text: &[u8]) -> Result<TaskRequest, Problem> {
    serde_json::from_slice(text).map_err(|error| Problem::bad_request(format!("the JSON body: {error}")))
}

fn utf8(bytes: Bytes) -> Result<String, Problem> {
    String::from_utf8(bytes.into()).map_err(|_| Problem::bad_request("a recipe is UTF-8 text"))
}

/// Reads a request; files that come with it become the tenant's assets.
pub(super) async fn read(
    state: &AppState,
    tenant: &Tenant,
    request: Request,
) -> Result<RecipeRequest, Problem> {
    let recipe_request = recipe_request(state, tenant, request).await?;
    validate::name("`name`", &recipe_request.name)?;
    validate::kept_json(
        "what is bound to the recipe",
        &serde_json::json!(recipe_request.job),
    )?;
    Ok(recipe_request)
}

async fn recipe_request(
    state: &AppState,
    tenant: &Tenant,
    request: Request,
) -> Result<RecipeRequest, Problem> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let content_type = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let body = |request: Request| whole(request.into_body().into_data_stream());
    match content_type.as_str() {
        "multipart/form-data" => multipart(state, tenant, request).await,
        "text/x-vidc" | "text/plain" => {
            let text = utf8(body(request).await?)?;
            Ok(TaskRequest::default().recipe_request("recipe.vidc", Syntax::Text, text))
        }
        "application/yaml" | "text/yaml" | "application/x-yaml" => {
            let text = utf8(body(request).await?)?;
            Ok(TaskRequest::default().recipe_request("recipe.yaml", Syntax::Yaml, text))
        }
        "application/json" => {
            let mut asked = parse(&body(request).await?)?;
            let name = asked.name.take();
            match asked.recipe.take() {
                Some(Value::String(text)) => {
                    let name = name.unwrap_or_else(|| "recipe.vidc".to_owned());
                    let syntax = Syntax::for_file_name(&name);
                    Ok(asked.recipe_request(&name, syntax, text))
                }
                // JSON is YAML, so a tree is the YAML form as it stands.
                Some(tree @ Value::Object(_)) => {
                    let name = name.unwrap_or_else(|| "recipe.yaml".to_owned());
                    Ok(asked.recipe_request(&name, Syntax::Yaml, tree.to_string()))
                }
                _ => Err(Problem::bad_request(
                    "`recipe` is missing: a text in the language, or an object in the YAML form",
                )),
            }
        }
        other => Err(Problem::new(
            axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "A recipe has another content type",
            format!(
                "`{other}` is not text/x-vidc, application/yaml, application/json or multipart/form-data"
            ),
        )),
    }
}

/// The largest recipe, with what comes beside it.
const MAX_TEXT: usize = 8 << 20;

/// All bytes of a stream that is not meant to be long.
async fn whole<E: Display>(stream: impl Stream<Item = Result<Bytes, E>>) -> Result<Bytes, Problem> {
    let mut stream = std::pin::pin!(stream);
    let mut whole = Vec::new();
    while let Some(piece) = stream.next().await {
        whole.extend(piece.map_err(|error| Problem::bad_request(error.to_string()))?);
        if whole.len() > MAX_TEXT {
            return Err(BlobError::TooLarge(MAX_TEXT as u64).into());
        }
    }
    Ok(whole.into())
}

/// Parts: `recipe`, optionally `job` (JSON), and files whose part is named as the recipe names the file.
async fn multipart(state: &AppState, tenant: &Tenant, request: Request) -> Result<RecipeRequest, Problem> {
    let broken = |error: axum::extract::multipart::MultipartError| Problem::bad_request(error.body_text());
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|error| Problem::bad_request(error.body_text()))?;
    let (mut asked, mut recipe, mut files) = (TaskRequest::default(), None, BTreeMap::new());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "recipe" => {
                let file = part.file_name().unwrap_or("recipe.vidc").to_owned();
                recipe = Some((file, utf8(whole(part).await?)?));
            }
            "job" => asked = parse(&whole(part).await?)?,
            _ => {
                let media_type = part.content_type().map(ToOwned::to_owned);
                let asset = assets::receive(state, tenant, &name, media_type, part).await?;
                files.insert(name, asset.id);
            }
        }
    }
    let (name, text) = recipe.ok_or_else(|| Problem::bad_request("there is no part named `recipe`"))?;
    asked.assets.extend(files);
    let syntax = Syntax::for_file_name(&name);
    Ok(asked.recipe_request(&name, syntax, text))
}
