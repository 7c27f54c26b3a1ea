//! `--set`, `--params` and `--input`: values bound to a recipe's parameters and inputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use vidc_compiler::Bindings;

use super::failure::Failure;

/// Options that bind parameters and inputs.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BindingOptions {
    /// Bind a parameter; repeatable, overrides --params
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Bind parameters from a YAML or JSON file
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Bind an input to another file; repeatable
    #[arg(long = "input", value_name = "NAME=PATH")]
    input: Vec<String>,
}

impl BindingOptions {
    /// Reads the parameter file, if any, and applies `--set` and `--input` on top.
    pub(super) fn read(&self) -> Result<Bindings, Failure> {
        let mut bindings = Bindings::default();
        if let Some(path) = &self.params {
            bindings.params = read_params(path)?;
        }
        for option in &self.set {
            let (name, value) = split(option, "--set NAME=VALUE")?;
            bindings
                .params
                .insert(name.to_owned(), Value::String(value.to_owned()));
        }
        for option in &self.input {
            let (name, path) = split(option, "--input NAME=PATH")?;
            bindings
                .inputs
                .insert(name.to_owned(), absolute(Path::new(path))?);
        }
        Ok(bindings)
    }
}

/// Reads a parameter file. JSON is a subset of YAML.
fn read_params(path: &Path) -> Result<BTreeMap<String, Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    serde_yaml::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{}: expected a map of parameter names to values: {error}",
            path.display()
        ))
    })
}

/// Splits an option's value at its first `=`.
fn split<'a>(value: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    match value.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Failure::usage(format!(
            "invalid value `{value}`: expected `{form}`"
        ))),
    }
}

/// Makes a path absolute: on the command line it is relative to the working directory, in a recipe to the recipe's own.
fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::file(path, error))?;
    absolute
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::usage(format!("{}: the path is not valid UTF-8", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_overrides_the_parameter_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("params.yaml");
        std::fs::write(&file, "title: From the file\ncount: 3\n").unwrap();
        let options = BindingOptions {
            set: vec!["title=a=b".to_owned()],
            params: Some(file),
            input: Vec::new(),
        };
        let bindings = options.read().unwrap();
        assert_eq!(bindings.params["title"], "a=b");
        assert_eq!(bindings.params["count"], 3);
    }

    #[test]
    fn inputs_are_relative_to_the_working_directory() {
        let options = BindingOptions {
            input: vec!["talk=x.mp4".to_owned()],
            ..BindingOptions::default()
        };
        let bound = options.read().unwrap().inputs["talk"].clone();
        assert_eq!(Path::new(&bound), std::env::current_dir().unwrap().join("x.mp4"));
    }

    #[test]
    fn a_binding_without_a_name_is_a_usage_error() {
        for wrong in ["title", "=x"] {
            let options = BindingOptions {
                set: vec![wrong.to_owned()],
                ..BindingOptions::default()
            };
            assert_eq!(options.read().unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
