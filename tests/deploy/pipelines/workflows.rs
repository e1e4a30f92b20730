//! What GitHub's workflows may do.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    object::{list, text},
    tools::{files, root},
};

/// Nobody can move what is pinned by a whole commit; the version beside it is for people.
fn pinned(line: &str) -> Result<()> {
    let (_, action) = line.split_once("uses:").context("it uses nothing")?;
    let action = action.trim();
    let (used, version) = action.split_once(" # v").context("it names no version")?;
    let (_, commit) = used.split_once('@').context("it is not pinned")?;
    let whole = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !whole || !version.starts_with(|digit: char| digit.is_ascii_digit()) {
        bail!("it is not pinned by a whole commit: {action}");
    }
    Ok(())
}

/// A job that waits for reviewers holds its groups, for 30 days if nobody looks. What deploys is in a group, and drops
/// none that waits: it could be the roll-back.
fn unblocked(workflow: &Value) -> Result<()> {
    let group = workflow["concurrency"]["group"].as_str();
    if group.is_some_and(|group| !group.ends_with("|| github.run_id }}")) {
        bail!("a run may hold back others: {group:?}");
    }
    let jobs = workflow["jobs"].as_object().context("there are no jobs")?;
    for (name, job) in jobs {
        let environment = job["environment"].as_str().unwrap_or_default();
        let reviewed = environment.ends_with("-approval") || environment.ends_with("-apply");
        let concurrency = &job["concurrency"];
        if reviewed && !concurrency.is_null() {
            bail!("{name} holds a group while it waits for reviewers");
        }
        let deploys = matches!(environment, "dev" | "prod" | "${{ inputs.environment }}");
        let group = concurrency["group"].as_str().unwrap_or_default();
        if deploys && group != format!("deploy-{environment}") {
            bail!("{name} may meet another deployment to {environment}");
        }
        if deploys && (concurrency["cancel-in-progress"] != false || concurrency["queue"] != "max")
        {
            bail!("{name} may be dropped for a newer one");
        }
    }
    Ok(())
}

/// Reading the source is what all may. A token for AWS is for jobs of an environment, whose rules hold for
/// it; only what makes images is before all environments.
fn least(workflow: &Value) -> Result<()> {
    if workflow["permissions"] != serde_json::json!({"contents": "read"}) {
        bail!("a workflow may more than read: {}", workflow["permissions"]);
    }
    let jobs = workflow["jobs"].as_object().context("there are no jobs")?;
    for (name, job) in jobs {
        let permissions = job["permissions"].as_object();
        for (permission, level) in permissions.into_iter().flatten() {
            let (permission, level) = (permission.as_str(), level.as_str().unwrap_or_default());
            let allowed = match (permission, level) {
                ("contents", "read") => true,
                ("id-token", "write") => job.get("environment").is_some() || name == "images",
                _ => false,
            };
            if !allowed {
                bail!("{name} has {permission}: {level}");
            }
        }
        if job.get("timeout-minutes").is_none() {
            bail!("{name} may run for six hours");
        }
        // All steps of a job would see it, actions of others too.
        if job["env"].to_string().contains("secrets.")
            || workflow["env"].to_string().contains("secrets.")
        {
            bail!("{name} gives a secret to all its steps");
        }
    }
    Ok(())
}

#[test]
fn actions_are_pinned_by_whole_commits() -> Result<()> {
    for file in files(".github/workflows")? {
        for line in fs::read_to_string(&file)?
            .lines()
            .filter(|line| line.contains("uses:"))
        {
            pinned(line).with_context(|| file.display().to_string())?;
        }
    }
    for bad in [
        "- uses: actions/checkout@v4",
        "- uses: actions/checkout@11bd719 # v4.2.2",
        "- uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
        "- uses: actions/checkout",
    ] {
        assert!(pinned(bad).is_err(), "{bad}");
    }
    Ok(())
}

#[test]
fn workflows_have_the_least_permissions() -> Result<()> {
    for file in files(".github/workflows")? {
        let workflow = serde_saphyr::from_str(&fs::read_to_string(&file)?)?;
        least(&workflow).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

#[test]
fn permissions_beyond_that_are_noticed() -> Result<()> {
    let job = |job: &str| {
        format!("permissions: {{contents: read}}\njobs: {{one: {{timeout-minutes: 1, {job}}}}}")
    };
    for bad in [
        "permissions: write-all\njobs: {one: {timeout-minutes: 1}}".to_owned(),
        "jobs: {one: {timeout-minutes: 1}}".to_owned(),
        "permissions: {contents: read}\njobs: {one: {}}".to_owned(),
        job("permissions: {contents: write}"),
        job("permissions: {id-token: write}"),
        job("env: {TOKEN: \"${{ secrets.TOKEN }}\"}"),
    ] {
        let workflow = serde_saphyr::from_str(&bad)?;
        assert!(least(&workflow).is_err(), "{bad}");
    }
    let good = job("environment: dev, permissions: {contents: read, id-token: write}");
    least(&serde_saphyr::from_str(&good)?)
}

#[test]
fn no_waiting_approval_holds_others_back() -> Result<()> {
    for file in files(".github/workflows")? {
        let workflow = serde_saphyr::from_str(&fs::read_to_string(&file)?)?;
        unblocked(&workflow).with_context(|| file.display().to_string())?;
    }
    let group = "concurrency: {group: deploy-prod, cancel-in-progress: false, queue: max}";
    let job = |job: &str| format!("jobs: {{one: {{{job}}}}}");
    for bad in [
        "concurrency: {group: 'ci-${{ github.ref }}'}\njobs: {}".to_owned(),
        job(&format!("environment: prod-approval, {group}")),
        job("environment: prod"),
        job("environment: prod, concurrency: {group: deploy-prod, cancel-in-progress: false}"),
        job(&format!("environment: dev, {group}")),
    ] {
        let workflow = serde_saphyr::from_str(&bad)?;
        assert!(unblocked(&workflow).is_err(), "{bad}");
    }
    let good = job(&format!("environment: prod, {group}"));
    unblocked(&serde_saphyr::from_str(&good)?)
}

#[test]
fn what_routes_and_purges_asks_first() -> Result<()> {
    for name in ["route", "purge"] {
        let file = root().join(format!(".github/workflows/{name}.yml"));
        let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
        let jobs = &workflow["jobs"];
        assert_eq!(jobs[name]["needs"], "approval", "{name}");
        assert_eq!(
            jobs["approval"]["environment"], "${{ inputs.environment }}-approval",
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn production_waits_for_dev_and_for_reviewers() -> Result<()> {
    let file = root().join(".github/workflows/ci.yml");
    let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
    let jobs = &workflow["jobs"];
    assert_eq!(
        jobs["images"]["needs"],
        serde_json::json!(["check", "advisories"])
    );
    assert_eq!(jobs["dev"]["needs"], "images");
    assert_eq!(jobs["approval"]["needs"], "dev");
    assert_eq!(jobs["approval"]["environment"], "prod-approval");
    assert_eq!(
        jobs["prod"]["needs"],
        serde_json::json!(["dev", "approval"])
    );
    assert_eq!(jobs["prod"]["environment"], "prod");
    Ok(())
}

/// Runs of main overtake each other; which commit is the later one, only a clone with its history knows.
#[test]
fn dev_is_not_brought_back_to_an_earlier_commit() -> Result<()> {
    let file = root().join(".github/workflows/ci.yml");
    let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
    let steps = list(&workflow["jobs"]["dev"]["steps"]);
    assert_eq!(steps[0]["with"]["fetch-depth"], 0);
    let run = |what: &str| {
        steps
            .iter()
            .position(|step| text(step, "run").contains(what))
            .with_context(|| format!("no step runs {what}"))
    };
    assert!(run("refuse_overtaken dev")? < run("bin/deploy")?);
    Ok(())
}

#[test]
fn settings_of_a_delivery_reach_what_waits() -> Result<()> {
    let mut found = 0;
    for file in files(".github/workflows")? {
        let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(&file)?)?;
        let jobs = workflow["jobs"].as_object().context("there are no jobs")?;
        for step in jobs.values().flat_map(|job| list(&job["steps"])) {
            let does = |scripts: &[&str]| {
                scripts
                    .iter()
                    .any(|script| text(step, "run").contains(&format!("bin/{script} ")))
            };
            let has = |name: &str| step["env"][name] == format!("${{{{ vars.{name} }}}}");
            if does(&["deploy", "promote", "route", "purge"]) {
                found += 1;
                assert!(has("DELIVERY_TIMEOUT"), "{step}");
                assert!(has("DELIVERY_SYNC"), "{step}");
            }
            if does(&["deploy", "promote"]) {
                assert!(has("DELIVERY_AUTOSCALED_NODES"), "{step}");
            }
        }
    }
    assert_eq!(found, 4);
    Ok(())
}
