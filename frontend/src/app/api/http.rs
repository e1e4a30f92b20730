use js_sys::futures::JsFuture;
use leptos::prelude::window;
use platen_api_types::Problem;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use super::json;
use crate::logic::CallError;

/// After this, no answer counts as no connection.
const PATIENCE_MS: u32 = 20_000;

const JSON: &str = "application/json";

/// What a call does.
#[derive(Clone, Copy)]
pub(super) struct Method(&'static str);

impl Method {
    pub(super) const GET: Self = Self("GET");
    pub(super) const POST: Self = Self("POST");
    pub(super) const PUT: Self = Self("PUT");
    pub(super) const DELETE: Self = Self("DELETE");
}

pub(super) async fn get<T: DeserializeOwned>(
    path: &str,
    parameters: Vec<(&'static str, String)>,
) -> Result<T, CallError> {
    let query: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", js_sys::encode_uri_component(value)))
        .collect();
    ask(Method::GET, &format!("{path}?{}", query.join("&"))).await
}

pub(super) async fn post<B: Serialize, T: DeserializeOwned>(
    path: &str,
    body: &B,
) -> Result<T, CallError> {
    read(send(Method::POST, path, Some(written(body)?)).await?)
}

/// Puts something in its place; the answer has no body.
pub(super) async fn put<B: Serialize>(path: &str, body: &B) -> Result<(), CallError> {
    send(Method::PUT, path, Some(written(body)?))
        .await
        .map(drop)
}

/// A call that says all in its address.
pub(super) async fn ask<T: DeserializeOwned>(method: Method, path: &str) -> Result<T, CallError> {
    read(send(method, path, None).await?)
}

/// The same when the answer has no body.
pub(super) async fn tell(method: Method, path: &str) -> Result<(), CallError> {
    send(method, path, None).await.map(drop)
}

fn written<B: Serialize>(body: &B) -> Result<String, CallError> {
    json::to_string(body).map_err(|_| CallError::Unreachable)
}

/// An answer that says yes.
struct Answer {
    status: u16,
    /// What its JSON holds; undefined where it has none.
    body: JsValue,
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, CallError> {
    let Answer { status, body } = answer;
    json::from_value(body).map_err(|_| CallError::Unreadable { status })
}

async fn send(method: Method, path: &str, body: Option<String>) -> Result<Answer, CallError> {
    let response = fetch(method, path, body)
        .await
        .map_err(|_| CallError::Unreachable)?;
    let status = response.status();
    let wait = wait_of(&response);
    // No body, or one that is not of this API.
    let body = match response.json() {
        Ok(body) => JsFuture::from(body).await.unwrap_or_default(),
        Err(_) => JsValue::UNDEFINED,
    };
    if response.ok() {
        return Ok(Answer { status, body });
    }
    match json::from_value::<Problem>(body) {
        Ok(problem) => Err(CallError::told(problem, wait)),
        Err(_) => Err(CallError::Unreadable { status }),
    }
}

/// Seconds until the same call may succeed.
fn wait_of(response: &Response) -> Option<u32> {
    let seconds = response.headers().get("Retry-After").ok()?;
    seconds?.parse().ok()
}

async fn fetch(method: Method, path: &str, body: Option<String>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", JSON)?;
    let init = RequestInit::new();
    init.set_method(method.0);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    if let Some(body) = body {
        headers.set("Content-Type", JSON)?;
        init.set_body(&JsValue::from_str(&body));
    }
    init.set_headers(&headers);
    JsFuture::from(window().fetch_with_str_and_init(path, &init))
        .await?
        .dyn_into()
}
