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
            [
                "!Sub ",
                "!Ref ",
                "!GetAtt ",
                "!If",
                "!Not ",
                "!And ",
                "!Or ",
                "!Equals ",
                "!Condition ",
            ]
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
            // What takes no other: a token, and looking at what networks there are.
            let harmless = |action: &str| {
                action == "ecr:GetAuthorizationToken" || action.starts_with("ec2:Describe")
            };
            let one = statement["Action"].as_str().into_iter();
            let several = list(&statement["Action"]).iter().filter_map(Value::as_str);
            let any = statement["Resource"] == "*";
            assert!(
                !any || one.chain(several).all(harmless),
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

/// Where clusters cannot be reached from outside of their networks.
#[test]
fn what_asks_a_cluster_may_be_in_its_network() -> Result<()> {
    let template = template()?;
    let resources = &template["Resources"];
    for (project, environment) in [("DeployDev", "Dev"), ("PromoteProd", "Prod")] {
        let network = |name: &str| format!("{environment}{name}");
        assert_eq!(
            resources[project]["Properties"]["VpcConfig"],
            json!([
                network("InVpc"),
                {
                    "VpcId": network("VpcId"),
                    "Subnets": network("SubnetIds"),
                    "SecurityGroupIds": network("SecurityGroupIds"),
                },
                "AWS::NoValue",
            ]),
            "{project}"
        );
        for parameter in ["VpcId", "SubnetIds", "SecurityGroupIds"] {
            assert_eq!(template["Parameters"][network(parameter)]["Default"], "");
        }
    }
    assert!(resources["Build"]["Properties"].get("VpcConfig").is_none());
    assert_eq!(resources["Network"]["Condition"], "InVpc");
    assert_eq!(
        resources["DeployRole"]["Properties"]["ManagedPolicyArns"],
        json!(["Steps", ["InVpc", "Network", "AWS::NoValue"]])
    );
    Ok(())
}

/// Or where they cannot be reached at all: then nothing of theirs is made, and commits are all.
#[test]
fn without_a_cluster_none_is_asked() -> Result<()> {
    let template = template()?;
    assert_eq!(
        template["Parameters"]["Sync"]["AllowedValues"],
        json!(["argocd", "apply", "none"])
    );
    assert_eq!(template["Conditions"]["Asks"], json!([["Sync", "none"]]));
    assert_eq!(template["Resources"]["DevAccess"]["Condition"], "Asks");
    assert_eq!(
        template["Conditions"]["TwoClusters"],
        json!(["Asks", [["DevCluster", "ProdCluster"]]])
    );
    Ok(())
}

#[test]
fn settings_reach_what_deploys() -> Result<()> {
    let template = template()?;
    for (project, environment) in [("DeployDev", "Dev"), ("PromoteProd", "Prod")] {
        let variables =
            &template["Resources"][project]["Properties"]["Environment"]["EnvironmentVariables"];
        for expected in [
            json!({"Name": "DELIVERY_AUTOSCALED_NODES", "Value": "AutoscaledNodes"}),
            json!({"Name": "DELIVERY_SYNC", "Value": "Sync"}),
            json!({"Name": "DELIVERY_TIMEOUT", "Value": "Timeout"}),
            json!([
                format!("{environment}Checked"),
                {
                    "Name": "DELIVERY_CHECK_KEY",
                    "Type": "PARAMETER_STORE",
                    "Value": format!("{environment}CheckKey"),
                },
                "AWS::NoValue",
            ]),
        ] {
            assert!(
                list(variables).contains(&expected),
                "{project}: {expected} is not in {variables}"
            );
        }
    }
    Ok(())
}
