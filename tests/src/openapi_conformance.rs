//! Checks a server's responses against its OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::Value;
use ureq::http::Method;

use crate::server::ApiResponse;

/// A method and a path template.
pub type Operation = (String, String);

/// An OpenAPI document, and the operations requested so far.
pub struct Conformance {
    document: Value,
    requested_operations: Mutex<BTreeSet<Operation>>,
    /// Compiled validators, by the JSON pointer of their schema.
    validators: Mutex<BTreeMap<String, Validator>>,
}

static PROMISE: OnceLock<Conformance> = OnceLock::new();

/// The document of the servers this process talks to, which all run the same build. `fetch` downloads it.
pub fn conformance(fetch: impl FnOnce() -> Option<Value>) -> Option<&'static Conformance> {
    if PROMISE.get().is_none() {
        let _ = PROMISE.set(Conformance {
            document: fetch()?,
            requested_operations: Mutex::default(),
            validators: Mutex::default(),
        });
    }
    PROMISE.get()
}

/// Whether a path matches a template; the last parameter may contain slashes if it is an output's name.
fn fits(template: &str, path: &str) -> bool {
    let (mut names, mut parts) = (template.split('/'), path.split('/'));
    loop {
        match (names.next(), parts.next()) {
            (None, None) => return true,
            (Some("{name}"), Some(_)) => return true,
            (Some(name), Some(part)) if name.starts_with('{') || name == part => {}
            _ => return false,
        }
    }
}

fn pointer(steps: &[&str]) -> String {
    let escaped = steps
        .iter()
        .map(|step| step.replace('~', "~0").replace('/', "~1"));
    escaped.map(|step| format!("/{step}")).collect()
}

impl Conformance {
    /// Every operation of the document.
    pub fn operations(&self) -> BTreeSet<Operation> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, item)| {
                item.as_object()
                    .into_iter()
                    .flatten()
                    .map(move |(method, _)| (method.clone(), path.clone()))
            })
            .collect()
    }

    /// The operations that were requested.
    pub fn requested_operations(&self) -> BTreeSet<Operation> {
        self.requested_operations
            .lock()
            .unwrap_or_else(|error| panic!("{error}"))
            .clone()
    }

    /// Panics if the document does not describe such a response to the request.
    #[track_caller]
    pub fn check(&self, method: &Method, path: &str, answer: &ApiResponse) {
        let path = path.split('?').next().unwrap_or(path);
        let named = if method == Method::HEAD {
            "get".to_owned()
        } else {
            method.as_str().to_lowercase()
        };
        let operations = self.operations();
        let found = operations
            .iter()
            .find(|(method, template)| *method == named && fits(template, path));
        let Some((method, template)) = found else {
            assert!(
                [404, 405].contains(&answer.status),
                "{named} {path} is not in the document, and answered"
            );
            return;
        };
        self.requested_operations
            .lock()
            .unwrap_or_else(|error| panic!("{error}"))
            .insert((method.clone(), template.clone()));
        let status = answer.status.to_string();
        let response = pointer(&["paths", template, method, "responses", &status]);
        let documented = self.document.pointer(&response);
        let documented = documented.unwrap_or_else(|| {
            panic!(
                "{method} {template} is not said to answer {status}: {}",
                answer.text()
            )
        });
        let Some(content) = documented["content"].as_object().filter(|_| named != "head") else {
            assert!(
                answer.body.is_empty(),
                "{method} {template} {status} is said to have no body: {}",
                answer.text()
            );
            return;
        };
        let media_type = answer.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default();
        let Some(kind) = [media_type, "*/*"]
            .into_iter()
            .find(|kind| content.contains_key(*kind))
        else {
            panic!(
                "{method} {template} {status} is said to be {:?}, not `{media_type}`",
                content.keys()
            );
        };
        if kind.ends_with("json") && !answer.body.is_empty() {
            self.validate(
                &format!("{response}{}", pointer(&["content", kind, "schema"])),
                &answer.json(),
            );
        }
    }

    #[track_caller]
    fn validate(&self, schema: &str, body: &Value) {
        let mut validators = self.validators.lock().unwrap_or_else(|error| panic!("{error}"));
        let validator = validators.entry(schema.to_owned()).or_insert_with(|| {
            let mut whole = self.document.pointer(schema).cloned().unwrap_or_default();
            whole["components"] = self.document["components"].clone();
            let validator = jsonschema::options().should_validate_formats(true).build(&whole);
            validator.unwrap_or_else(|error| panic!("{schema}: {error}"))
        });
        let errors: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{schema}: {errors:#?}\n{body:#}");
    }
}
