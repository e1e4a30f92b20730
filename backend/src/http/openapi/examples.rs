//! Examples of bodies, made of the very types that are sent.

use std::error::Error;

use platen_api_types::{
    Account, CreatedKey, Credentials, File, FileList, FileStatus, Key, KeyList, NewKey, NewRequest,
    NewRequests, PasswordChange, PdfOptions, Problem, ProblemCode, RequestResult, RequestResults,
    Scope, Session, SignUp,
};
use serde_json::Value;
use utoipa::openapi::{Content, RefOr, path::Operation};

use super::webhook_examples;

/// Puts an example beside every body whose type has one.
pub(super) fn add(operation: &mut Operation) {
    let sent = operation
        .request_body
        .iter_mut()
        .filter_map(|body| match body {
            RefOr::T(body) => Some(body.content.values_mut()),
            RefOr::Ref(_) => None,
        })
        .flatten();
    let answered = operation
        .responses
        .responses
        .values_mut()
        .filter_map(|response| match response {
            RefOr::T(response) => Some(response.content.values_mut()),
            RefOr::Ref(_) => None,
        })
        .flatten();
    for content in sent.chain(answered) {
        if let RefOr::T(content) = content
            && let Some(name) = schema_name(content)
        {
            content.example = example(&name);
        }
    }
}

fn schema_name(content: &Content) -> Option<String> {
    match content.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

fn example(schema: &str) -> Option<Value> {
    let value = match schema {
        "Credentials" => serde_json::to_value(Credentials {
            username: "ada".to_owned(),
            password: "correct horse battery".to_owned(),
        }),
        "PasswordChange" => serde_json::to_value(PasswordChange {
            current_password: "correct horse battery".to_owned(),
            new_password: "staple of the new day".to_owned(),
        }),
        "NewKey" => serde_json::to_value(NewKey {
            name: "nightly archive".to_owned(),
            scopes: vec![Scope::FilesWrite],
            expires_at: Some("2027-05-01T00:00:00Z".parse().ok()?),
        }),
        "CreatedKey" => serde_json::to_value(CreatedKey {
            key: key().ok()?,
            token: "platen_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        }),
        "KeyList" => serde_json::to_value(KeyList {
            keys: vec![key().ok()?],
        }),
        "SignUp" => serde_json::to_value(SignUp {
            username: "ada".to_owned(),
        }),
        "Session" => serde_json::to_value(Session {
            username: "ada".to_owned(),
            token: "eyJ0eXAiOiJwbGF0ZW4tc2Vzc2lvbitqd3QiLCJhbGciOiJIUzI1NiJ9.e30.c2ln".to_owned(),
            expires_at: "2026-05-04T21:00:00Z".parse().ok()?,
        }),
        "Account" => serde_json::to_value(Account {
            username: "ada".to_owned(),
            created_at: "2026-05-01T08:30:00Z".parse().ok()?,
            files: 12,
            files_limit: 10_000,
        }),
        "NewRequest" => serde_json::to_value(NewRequest {
            url: "https://example.com/".to_owned(),
            options: PdfOptions::default(),
        }),
        "NewRequests" => serde_json::to_value(NewRequests {
            urls: vec!["https://example.com/".to_owned(), "localhost".to_owned()],
            options: PdfOptions::default(),
        }),
        "RequestResults" => serde_json::to_value(RequestResults {
            results: vec![
                RequestResult {
                    url: "https://example.com/".to_owned(),
                    file: Some(file().ok()?),
                    problem: None,
                },
                RequestResult {
                    url: "localhost".to_owned(),
                    file: None,
                    problem: Some(Problem::new(
                        ProblemCode::InvalidUrl,
                        "That is not a web address.",
                    )),
                },
            ],
        }),
        "File" => serde_json::to_value(file().ok()?),
        "FileList" => serde_json::to_value(FileList {
            files: vec![file().ok()?],
            next_cursor: None,
        }),
        other => return webhook_examples::example(other),
    };
    value.ok()
}

fn key() -> Result<Key, Box<dyn Error>> {
    Ok(Key {
        id: "0198c0de-0000-7000-8000-00123456789a".parse()?,
        name: "nightly archive".to_owned(),
        scopes: vec![Scope::FilesWrite],
        created_at: "2026-05-04T09:00:00Z".parse()?,
        expires_at: Some("2027-05-01T00:00:00Z".parse()?),
        last_used_at: None,
    })
}

pub(super) fn file() -> Result<File, Box<dyn Error>> {
    Ok(File {
        id: "0198c0de-0000-7000-8000-00123456789a".parse()?,
        name: "example.com-123456789a.pdf".to_owned(),
        url: "https://example.com/".to_owned(),
        final_url: Some("https://example.com/".to_owned()),
        title: Some("Example Domain".to_owned()),
        status: FileStatus::Ready,
        stage: None,
        reason: None,
        pages: Some(1),
        size: Some(17_254),
        created_at: "2026-05-04T09:00:00Z".parse()?,
        finished_at: Some("2026-05-04T09:00:01Z".parse()?),
        options: PdfOptions::default(),
    })
}
