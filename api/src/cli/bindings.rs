//! `--set`, `--params` and `--input`: what a job binds to a recipe's parameters and inputs.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use vidc_compiler::Bindings;

use super::exit::Failure;

/// Options that bind parameters and inputs.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BindingOptions {
    /// Bind a parameter; may be repeated, and wins over --params
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Bind parameters from a YAML or JSON file
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Bind an input to another file; may be repeated
    #[arg(long = "input", value_name = "NAME=PATH")]
    input: Vec<String>,
}

impl BindingOptions {
    /// Reads the parameter file, if there is one, and puts the options over it.
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

/// The map of a parameter file. JSON is YAML.
fn read_params(path: &Path) -> Result<std::collections::BTreeMap<String, Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    serde_yaml::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{}: parameters are a map of names to values: {error}",
            path.display()
        ))
    })
}

/// The two sides of the first `=`.
fn split<'a>(option: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    match option.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Failure::usage(format!("`{option}` is not of the form {form}"))),
    }
}

/// A path as the user meant it, from the working directory: recipes read theirs from their own.
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
    fn set_wins_over_the_file() {
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
            assert_eq!(options.read().unwrap_err().code(), 2, "{wrong}");
        }
    }
}
