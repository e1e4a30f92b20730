//! A bill of materials of one of our programs: the crates that it is made of, as CycloneDX writes it.

use std::{collections::BTreeSet, env, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// What stands in `Cargo.lock` and gets into the program; crates that only build or test it do not.
pub(crate) fn describe(package: &str) -> Result<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .context("cargo cannot be run")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata is no JSON")?;
    let document = document(&metadata, package)?;
    Ok(format!("{document:#}"))
}

fn document(metadata: &Value, package: &str) -> Result<Value> {
    let packages = list(&metadata["packages"]);
    let root = packages
        .iter()
        .find(|candidate| candidate["name"] == package)
        .with_context(|| format!("no package is called {package}"))?;
    let inside = reached(list(&metadata["resolve"]["nodes"]), text(&root["id"]));
    let components: Vec<_> = packages
        .iter()
        .filter(|candidate| *candidate != root && inside.contains(text(&candidate["id"])))
        .map(component)
        .collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "application",
            "name": package,
            "version": root["version"],
        }},
        "components": components,
    }))
}

/// Everything that leads into the program, from node to node.
fn reached<'a>(nodes: &'a [Value], root: &'a str) -> BTreeSet<&'a str> {
    let mut inside = BTreeSet::new();
    let mut next = vec![root];
    while let Some(id) = next.pop() {
        if !inside.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id);
        let dependencies = node.map_or(&[][..], |node| list(&node["deps"]));
        next.extend(
            dependencies
                .iter()
                // The kind of a normal dependency is null.
                .filter(|dependency| {
                    list(&dependency["dep_kinds"])
                        .iter()
                        .any(|kind| kind["kind"].is_null())
                })
                .map(|dependency| text(&dependency["pkg"])),
        );
    }
    inside
}

fn component(package: &Value) -> Value {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let mut component = json!({"type": "library", "name": name, "version": version});
    // Ours are in no registry.
    if package["source"].is_string() {
        component["purl"] = json!(format!("pkg:cargo/{name}@{version}"));
    }
    if let Some(licence) = package["license"].as_str() {
        // The slash is what crates wrote before there were expressions.
        component["licenses"] = json!([{"expression": licence.replace('/', " OR ")}]);
    }
    component
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_what_is_linked_and_not_what_only_builds() {
        let metadata = json!({
            "packages": [
                {"id": "a", "name": "app", "version": "1.0.0", "source": null},
                {"id": "b", "name": "linked", "version": "2.0.0", "source": "registry", "license": "MIT/Apache-2.0"},
                {"id": "c", "name": "deeper", "version": "3.0.0", "source": "registry"},
                {"id": "d", "name": "builder", "version": "4.0.0", "source": "registry"},
            ],
            "resolve": {"nodes": [
                {"id": "a", "deps": [
                    {"pkg": "b", "dep_kinds": [{"kind": null}]},
                    {"pkg": "d", "dep_kinds": [{"kind": "build"}, {"kind": "dev"}]},
                ]},
                {"id": "b", "deps": [{"pkg": "c", "dep_kinds": [{"kind": "dev"}, {"kind": null}]}]},
                {"id": "c", "deps": [{"pkg": "b", "dep_kinds": [{"kind": null}]}]},
            ]},
        });
        let document = document(&metadata, "app").unwrap();
        let names: Vec<_> = list(&document["components"])
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["linked", "deeper"]);
        let linked = &document["components"][0];
        assert_eq!(linked["purl"], "pkg:cargo/linked@2.0.0");
        assert_eq!(linked["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert!(super::document(&metadata, "nothing").is_err());
    }

    #[test]
    fn the_converter_has_no_database() {
        let document = describe("converter-lambda").unwrap();
        assert!(document.contains("pkg:cargo/lambda_runtime@"), "{document}");
        assert!(!document.contains("pkg:cargo/sqlx"), "{document}");
    }
}
