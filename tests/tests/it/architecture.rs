//! The dependency rules between crates, and limits on import cycles and file sizes.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use vidc_tests::{modules, workspace};

/// The folders of the crates that ship.
const CRATES: [&str; 5] = ["dsl", "compiler", "runtime/engine", "runtime/service", "api"];

/// The direct dependencies of a crate, development ones aside.
fn dependencies(metadata: &Value, krate: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == krate).unwrap();
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["kind"] != "dev")
        .map(|d| d["name"].as_str().unwrap().to_owned())
        .collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn arrows_go_down_only() {
    let metadata = metadata();
    let allowed: [(&str, &[&str]); 5] = [
        ("vidc-dsl", &[]),
        ("vidc-compiler", &["vidc-dsl"]),
        ("vidc-engine", &["vidc-compiler", "vidc-dsl"]),
        ("vidc-service", &["vidc-compiler", "vidc-dsl", "vidc-engine"]),
        (
            "vidc-api",
            &["vidc-compiler", "vidc-dsl", "vidc-engine", "vidc-service"],
        ),
    ];
    for (krate, below) in allowed {
        for dependency in dependencies(&metadata, krate)
            .iter()
            .filter(|d| d.starts_with("vidc-"))
        {
            assert!(
                below.contains(&dependency.as_str()),
                "{krate} must not know {dependency}"
            );
        }
    }
}

#[test]
fn language_and_compiler_are_pure() {
    let metadata = metadata();
    for krate in ["vidc-dsl", "vidc-compiler"] {
        let impure = [
            "tokio",
            "tempfile",
            "reqwest",
            "axum",
            "clap",
            "indicatif",
            "rusqlite",
            "redis",
        ];
        let known = dependencies(&metadata, krate);
        for dependency in impure {
            assert!(!known.contains(dependency), "{krate} must not know {dependency}");
        }
    }
}

#[test]
fn the_engine_knows_one_machine_only() {
    let known = dependencies(&metadata(), "vidc-engine");
    for dependency in [
        "axum",
        "clap",
        "indicatif",
        "reqwest",
        "redis",
        "rusqlite",
        "tokio-postgres",
        "aws-sdk-s3",
    ] {
        assert!(
            !known.contains(dependency),
            "vidc-engine must not know {dependency}"
        );
    }
}

#[test]
fn the_service_knows_no_routes() {
    let known = dependencies(&metadata(), "vidc-service");
    for dependency in ["axum", "clap", "indicatif"] {
        assert!(
            !known.contains(dependency),
            "vidc-service must not know {dependency}"
        );
    }
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut found = String::new();
    for krate in CRATES {
        let uses = modules::uses(&workspace::root().join(krate).join("src"));
        assert!(uses.len() > 5, "{krate}: {uses:?}");
        for (number, cycle) in modules::cycles(&uses).into_iter().enumerate() {
            found += &format!("{krate}, cycle {}:\n", number + 1);
            for (from, to) in cycle {
                found += &format!("  {from} uses {to}\n");
            }
        }
    }
    assert!(found.is_empty(), "import cycles:\n{found}");
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    for krate in CRATES.iter().chain(&["tests"]) {
        visit(&workspace::root().join(krate), &mut |path| {
            let lines = std::fs::read_to_string(path).unwrap().lines().count();
            if lines > 500 {
                long.push(format!("{}: {lines} lines", path.display()));
            }
        });
    }
    assert!(
        long.is_empty(),
        "files over 500 lines are two files:\n{}",
        long.join("\n")
    );
}

/// Calls `found` with every Rust file under a folder.
fn visit(folder: &std::path::Path, found: &mut dyn FnMut(&std::path::Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found(&path);
        }
    }
}
