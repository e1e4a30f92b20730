use js_sys::Reflect;
use leptos::prelude::window;
use platen_api_types::{
    Account, Credentials, File, FileId, FileList, NewRequests, PdfOptions, RequestResult,
    RequestResults, Session, SignUp,
};
use wasm_bindgen::JsValue;
use web_sys::RequestInit;

use super::http::{Method, ask, get, post, tell};
use crate::logic::{CallError, Query};

pub async fn sign_up(credentials: &Credentials) -> Result<SignUp, CallError> {
    post("/api/v1/sign-up", credentials).await
}

/// Starts the session: the answer sets the cookie. The token in it is for other programs.
pub async fn sign_in(credentials: &Credentials) -> Result<Session, CallError> {
    post("/api/v1/sign-in", credentials).await
}

pub async fn sign_out() -> Result<(), CallError> {
    tell(Method::POST, "/api/v1/sign-out").await
}

pub async fn account() -> Result<Account, CallError> {
    ask(Method::GET, "/api/v1/account").await
}

/// What became of each address, in their order; at most [`platen_api_types::limits::URLS`].
pub async fn request_many(
    addresses: &[String],
    options: PdfOptions,
) -> Result<Vec<RequestResult>, CallError> {
    let requests = NewRequests {
        urls: addresses.to_vec(),
        options,
    };
    let answer: RequestResults = post("/api/v1/requests", &requests).await?;
    Ok(answer.results)
}

/// A file as it is now.
pub async fn file(id: FileId) -> Result<File, CallError> {
    ask(Method::GET, &format!("/api/v1/request/{id}")).await
}

/// Asks for a failed file once more.
pub async fn retry(id: FileId) -> Result<File, CallError> {
    ask(Method::POST, &format!("/api/v1/request/{id}/retry")).await
}

pub async fn files(query: &Query, cursor: Option<&str>) -> Result<FileList, CallError> {
    get("/api/v1/files", query.parameters(cursor)).await
}

pub async fn delete_file(name: &str) -> Result<(), CallError> {
    tell(Method::DELETE, &path_of(name)).await
}

/// Deletes while the page goes away: the browser finishes these calls without it.
pub fn delete_files_on_leaving<'a>(names: impl Iterator<Item = &'a str>) {
    for name in names {
        let init = RequestInit::new();
        init.set_method("DELETE");
        // Setting a property of a plain new object cannot fail.
        let _ = Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::TRUE);
        // Nobody is left to read the answer.
        let _ = window().fetch_with_str_and_init(&path_of(name), &init);
    }
}

/// Where the PDF is: shown in the browser when `inline`, saved otherwise.
pub fn file_href(file: &File, inline: bool) -> String {
    let disposition = if inline { "?disposition=inline" } else { "" };
    path_of(&file.name) + disposition
}

/// Where the PDFs are in one archive; at most [`platen_api_types::limits::ARCHIVE_FILES`].
pub fn archive_href(files: &[&File]) -> String {
    let ids: Vec<String> = files.iter().map(|file| file.id.to_string()).collect();
    format!("/api/v1/files/archive?ids={}", ids.join(","))
}

/// Where a picture of the first page is.
pub fn thumbnail_href(file: &File) -> String {
    path_of(&file.name) + "/thumbnail?width=320"
}

/// The same, as large as there is one.
pub fn picture_href(file: &File) -> String {
    path_of(&file.name) + "/thumbnail?width=640"
}

/// Names hold only `[A-Za-z0-9._-]`, so they go into a path as they are.
fn path_of(name: &str) -> String {
    format!("/api/v1/file/{name}")
}
