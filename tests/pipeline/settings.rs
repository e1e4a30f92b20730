//! Settings that are kept on AWS, and half a set of them.

use anyhow::Result;
use platen_tests::{DataDir, ServerBuilder};
use serde_json::json;

use crate::cloud::{Cloud, JWT_KEY, sqlite};

async fn put_parameter(cloud: &Cloud, name: &str, value: &str) -> Result<()> {
    let parameter = json!({"Name": name, "Value": value, "Type": "SecureString"});
    cloud.call("AmazonSSM.PutParameter", &parameter).await?;
    Ok(())
}

/// What a server says that does not start.
async fn refusal(server: ServerBuilder) -> Result<String> {
    match server.start().await {
        Ok(server) => anyhow::bail!("it started: {}", server.log()),
        Err(error) => Ok(format!("{error:#}")),
    }
}

#[tokio::test]
async fn are_looked_up_at_start() -> Result<()> {
    let cloud = Cloud::new().await?;
    let accounts = DataDir::new()?;
    let prefix = format!("/{}", cloud.name);
    let at = |name: &str| format!("{prefix}/{name}");
    put_parameter(&cloud, &at("PLATEN_DYNAMODB_TABLE"), &cloud.name).await?;
    put_parameter(&cloud, &at("PLATEN_S3_BUCKET"), &cloud.name).await?;
    put_parameter(&cloud, &at("keys/jwt"), JWT_KEY).await?;
    let secret = json!({"url": sqlite(&accounts)}).to_string();
    let secret = json!({"Name": cloud.name, "SecretString": secret});
    cloud.call("secretsmanager.CreateSecret", &secret).await?;

    let server = cloud
        .bare_server()
        .env("SSM_PREFIX", &prefix)
        .env("PLATEN_JWT_KEY", format!("ssm:{}", at("keys/jwt")))
        .env("DATABASE_URL", format!("secretsmanager:{}#url", cloud.name))
        .env(
            "PLATEN_SQS_QUEUE_URL",
            cloud.resource("PLATEN_SQS_QUEUE_URL")?,
        )
        .env(
            "PLATEN_SQS_DEAD_LETTERS_URL",
            cloud.resource("PLATEN_SQS_DEAD_LETTERS_URL")?,
        )
        .start()
        .await?;
    server
        .user("ada")
        .await?
        .request("https://example.com/")
        .await?;
    let (_, message) = cloud.message().await?;
    assert_eq!(cloud.status_of(&message).await?, "queued");
    assert!(!server.log().contains(JWT_KEY), "the key is in the log");
    Ok(())
}

#[tokio::test]
async fn that_cannot_be_looked_up_are_told_with_all_other_mistakes() -> Result<()> {
    let cloud = Cloud::new().await?;
    let server = cloud
        .bare_server()
        .env("PLATEN_JWT_KEY", "ssm:/not/there")
        .env("DATABASE_URL", "secretsmanager:nothing#url")
        .env("PLATEN_CONCURRENCY", "many");
    let said = refusal(server).await?;
    for line in [
        "PLATEN_JWT_KEY: `ssm:/not/there`: there is no such parameter",
        "DATABASE_URL: `secretsmanager:nothing#url`: there is no such secret",
        "PLATEN_CONCURRENCY: set a whole number",
    ] {
        assert!(said.contains(line), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn half_of_those_for_aws_are_refused_by_name() -> Result<()> {
    let cloud = Cloud::new().await?;
    let server = cloud
        .bare_server()
        .env("PLATEN_DYNAMODB_TABLE", &cloud.name)
        .env(
            "PLATEN_SQS_QUEUE_URL",
            cloud.resource("PLATEN_SQS_QUEUE_URL")?,
        );
    let said = refusal(server).await?;
    let missing = "PLATEN_SQS_DEAD_LETTERS_URL, PLATEN_S3_BUCKET: Platen on AWS needs this";
    assert!(said.contains(missing), "{said}");
    Ok(())
}
