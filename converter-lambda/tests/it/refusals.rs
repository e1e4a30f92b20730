//! What keeps the program from starting, and how it says so.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

use crate::{
    bootstrap::{Bootstrap, WorkDir},
    stack::Stack,
};

#[tokio::test]
async fn every_wrong_setting_is_told_at_once() {
    let environment = [("PLATEN_S3_BUCKET", "platen"), ("PLATEN_CONCURRENCY", "0")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut program = Bootstrap::start(&["--poll"], &environment);
    assert!(!program.ended().await.success());
    let said = program.said();
    for name in [
        "PLATEN_SQS_QUEUE_URL",
        "PLATEN_DYNAMODB_TABLE",
        "PLATEN_CONCURRENCY",
    ] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(!said.contains("PLATEN_S3_BUCKET"), "{said}");
}

#[tokio::test]
async fn outside_of_lambda_it_says_what_to_do() {
    let stack = Stack::new(5).await;
    let mut program = Bootstrap::start(&[], &stack.environment().await);
    assert!(!program.ended().await.success());
    assert!(program.said().contains("--poll"), "{}", program.said());
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_told_at_start() {
    let stack = Stack::new(5).await;
    let mut environment = stack.environment().await;
    let missing = format!("{}-of-nobody", stack.queues.work);
    environment.push(("PLATEN_SQS_QUEUE_URL".to_owned(), missing));
    let mut program = Bootstrap::start(&["--poll"], &environment);
    assert!(!program.ended().await.success());
    let said = program.said();
    assert!(said.contains("PLATEN_SQS_QUEUE_URL"), "{said}");
}

/// Where the kernel gives Chromium no sandbox, it says this and ends.
#[tokio::test]
async fn a_browser_without_sandbox_has_to_be_allowed() {
    let stack = Stack::new(5).await;
    let folder = WorkDir::new();
    std::fs::create_dir(folder.path()).unwrap();
    let browser = folder.path().join("chromium");
    std::fs::write(&browser, "#!/bin/sh\necho 'No usable sandbox!' >&2\n").unwrap();
    std::fs::set_permissions(&browser, Permissions::from_mode(0o755)).unwrap();
    let mut environment = stack.environment().await;
    let browser = browser.display().to_string();
    environment.push(("PLATEN_CHROMIUM".to_owned(), browser));
    let mut program = Bootstrap::start(&["--poll"], &environment);
    assert!(!program.ended().await.success());
    let said = program.said();
    assert!(said.contains("PLATEN_ALLOW_NO_SANDBOX=true"), "{said}");
}
