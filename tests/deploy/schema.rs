//! Validation against schemas: those of Kubernetes, those in the definitions of custom resources, and
//! for what has none that can be had offline, ours of the fields that are used.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::{
    object::{self, Object, list, text},
    tools::{attempt, root, tool},
};

/// A folder `group/kind_version.json`, made once.
static CUSTOM: LazyLock<Result<TempDir>> = LazyLock::new(|| {
    let folder = tempfile::tempdir()?;
    for entry in fs::read_dir(tool("definitions")?)? {
        let definition = fs::read_to_string(entry?.path())?;
        for definition in object::parse(&definition)? {
            extract(&definition, folder.path())?;
        }
    }
    for entry in fs::read_dir(root().join("tests/deploy/schemas"))? {
        let path = entry?.path();
        for schema in list(&serde_json::from_str(&fs::read_to_string(&path)?)?) {
            let (group, name) = (text(schema, "x-group"), text(schema, "x-name"));
            ensure!(!group.is_empty(), "{} names no group", path.display());
            keep(folder.path(), group, name, schema)?;
        }
    }
    Ok(folder)
});

/// What a strict validation says against a text in YAML; nothing when it is well.
pub(crate) fn complaints(yaml: &str) -> Result<Vec<String>> {
    let custom = CUSTOM
        .as_ref()
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let mut command = Command::new(tool("kubeconform")?);
    command
        .args(["-strict", "-output", "json", "-schema-location"])
        .arg(format!(
            "{}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
            tool("schemas")?.display()
        ))
        .arg("-schema-location")
        .arg(format!(
            "{}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
            custom.path().display()
        ));
    let (succeeded, output, errors) = attempt(&mut command, yaml)?;
    let report: Value = serde_json::from_str(&output)
        .with_context(|| format!("kubeconform's report cannot be read: {output}{errors}"))?;
    let complaints: Vec<_> = list(&report["resources"])
        .iter()
        .map(|resource| {
            let (kind, name) = (text(resource, "kind"), text(resource, "name"));
            format!("{kind} {name}: {}", text(resource, "msg"))
        })
        .collect();
    ensure!(
        succeeded || !complaints.is_empty(),
        "kubeconform failed: {errors}"
    );
    Ok(complaints)
}

fn extract(definition: &Object, folder: &Path) -> Result<()> {
    let group = definition.text("/spec/group");
    let kind = definition.text("/spec/names/kind").to_lowercase();
    for version in definition.list("/spec/versions") {
        let mut schema = version["schema"]["openAPIV3Schema"].clone();
        ensure!(schema.is_object(), "{definition} has no schema");
        strict(&mut schema);
        let name = format!("{kind}_{}", text(version, "name"));
        keep(folder, group, &name, &schema)?;
    }
    Ok(())
}

fn keep(folder: &Path, group: &str, name: &str, schema: &Value) -> Result<()> {
    fs::create_dir_all(folder.join(group))?;
    let path = folder.join(group).join(format!("{name}.json"));
    Ok(fs::write(path, serde_json::to_vec(schema)?)?)
}

/// From the dialect of definitions to JSON Schema that refuses what it does not know, as the API
/// server does when asked to be strict.
fn strict(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(strict),
        Value::Object(fields) => {
            if fields.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
                fields.remove("type");
                fields.insert(
                    "anyOf".into(),
                    json!([{"type": "integer"}, {"type": "string"}]),
                );
            }
            if closed(fields) {
                fields.insert("additionalProperties".into(), json!(false));
            }
            fields.values_mut().for_each(strict);
        }
        _ => {}
    }
}

fn closed(fields: &Map<String, Value>) -> bool {
    // Not a property that happens to be called so.
    fields.get("properties").is_some_and(Value::is_object)
        && fields.get("type") == Some(&json!("object"))
        && !fields.contains_key("additionalProperties")
        && fields.get("x-kubernetes-preserve-unknown-fields") != Some(&json!(true))
}
