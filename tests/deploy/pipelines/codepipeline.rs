//! The graph of stages of the pipeline on AWS.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{object::list, tools::root};

/// The template; what CloudFormation fills in stands there as it is written, without its tag.
fn template() -> Result<Value> {
    let text = fs::read_to_string(root().join("deploy/pipelines/codepipeline/pipeline.yaml"))?;
    let plain: String = text
        .split_inclusive('\n')
        .map(|line| {
            ["!Sub ", "!Ref ", "!GetAtt ", "!Not ", "!Equals "]
                .iter()
                .fold(line.to_owned(), |line, tag| line.replace(tag, ""))
        })
        .collect();
    serde_saphyr::from_str(&plain).context("the template cannot be read")
}

fn pipeline(template: &Value) -> &Value {
    &template["Resources"]["Pipeline"]["Properties"]
}

/// Stage by stage: its name, and the provider of each action.
fn stages(template: &Value) -> Vec<(&str, Vec<&str>)> {
    list(&pipeline(template)["Stages"])
        .iter()
        .map(|stage| {
            let actions = list(&stage["Actions"]).iter();
            let providers =
                actions.filter_map(|action| action["ActionTypeId"]["Provider"].as_str());
            (
                stage["Name"].as_str().unwrap_or_default(),
                providers.collect(),
            )
        })
        .collect()
}

/// The first artifact that an action takes before any action has made it.
fn missing_artifact(template: &Value) -> Option<String> {
    let mut made = Vec::new();
    for stage in list(&pipeline(template)["Stages"]) {
        for action in list(&stage["Actions"]) {
            let missing = list(&action["InputArtifacts"])
                .iter()
                .find(|artifact| !made.contains(&&artifact["Name"]));
            if let Some(artifact) = missing {
                return Some(artifact["Name"].to_string());
            }
        }
        for action in list(&stage["Actions"]) {
            made.extend(
                list(&action["OutputArtifacts"])
                    .iter()
                    .map(|artifact| &artifact["Name"]),
            );
        }
    }
    None
}

#[test]
fn production_comes_after_dev_and_an_approval() -> Result<()> {
    let template = template()?;
    assert_eq!(
        stages(&template),
        [
            ("Source", vec!["CodeStarSourceConnection"]),
            ("Build", vec!["CodeBuild"]),
            ("Test", vec!["CodeBuild"]),
            ("Approval", vec!["Manual"]),
            ("Production", vec!["CodeBuild"]),
        ]
    );
    let approval = &pipeline(&template)["Stages"][3]["Actions"][0]["Configuration"];
    assert_eq!(approval["NotificationArn"], "Approvals");
    assert_eq!(
        template["Resources"]["Approvals"]["Type"],
        "AWS::SNS::Topic"
    );
    Ok(())
}

#[test]
fn commits_pass_in_their_order() -> Result<()> {
    let template = template()?;
    assert_eq!(pipeline(&template)["PipelineType"], "V2");
    assert_eq!(pipeline(&template)["ExecutionMode"], "QUEUED");
    Ok(())
}

#[test]
fn artifacts_are_made_before_they_are_taken() -> Result<()> {
    let mut template = template()?;
    assert_eq!(missing_artifact(&template), None);
    // A test that cannot fail would be none.
    template["Resources"]["Pipeline"]["Properties"]["Stages"][1]["Actions"][0]["OutputArtifacts"] =
        json!([]);
    assert_eq!(missing_artifact(&template), Some("\"Images\"".to_owned()));
    Ok(())
}

#[test]
fn what_is_kept_is_encrypted_with_a_key_of_its_own_and_logs_are_kept() -> Result<()> {
    let template = template()?;
    let resources = template["Resources"]
        .as_object()
        .context("there are no resources")?;
    let mut logs = 0;
    for (name, resource) in resources {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::Logs::LogGroup" => {
                logs += 1;
                assert_eq!(properties["RetentionInDays"], "LogDays", "{name}");
                assert_eq!(properties["KmsKeyId"], "Key.Arn", "{name}");
                assert_eq!(resource["DeletionPolicy"], "Retain", "{name}");
            }
            "AWS::CodeBuild::Project" => {
                assert_eq!(properties["EncryptionKey"], "Key.Arn", "{name}");
                let log = &properties["LogsConfig"]["CloudWatchLogs"]["GroupName"];
                assert!(
                    log.as_str().is_some_and(|log| resources.contains_key(log)),
                    "{name}"
                );
            }
            "AWS::SNS::Topic" => assert_eq!(properties["KmsMasterKeyId"], "Key", "{name}"),
            _ => {}
        }
    }
    assert_eq!(logs, 2);
    assert_eq!(
        pipeline(&template)["ArtifactStore"]["EncryptionKey"]["Id"],
        "Key.Arn"
    );
    Ok(())
}

#[test]
fn no_role_may_do_everything() -> Result<()> {
    let template = template()?;
    let resources = template["Resources"]
        .as_object()
        .context("there are no resources")?;
    let mut statements = 0;
    for (name, resource) in resources {
        let properties = &resource["Properties"];
        let inline = list(&properties["Policies"])
            .iter()
            .map(|policy| &policy["PolicyDocument"]);
        // Of a managed policy; that of a bucket denies.
        let own =
            (resource["Type"] == "AWS::IAM::ManagedPolicy").then(|| &properties["PolicyDocument"]);
        for statement in inline
            .chain(own)
            .flat_map(|document| list(&document["Statement"]))
        {
            statements += 1;
            let actions = statement["Action"].to_string();
            assert!(!actions.contains('*'), "{name}: {actions}");
            let any = statement["Resource"] == "*";
            assert!(
                !any || actions == "\"ecr:GetAuthorizationToken\"",
                "{name}: {actions} on all"
            );
        }
    }
    assert!(
        statements > 10,
        "only {statements} statements were looked at"
    );
    Ok(())
}
