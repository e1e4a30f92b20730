use gloo_net::http::{Method, RequestBuilder, Response};
use platen_api_types::Problem;
use serde::{Serialize, de::DeserializeOwned};
use web_sys::AbortSignal;

use crate::logic::CallError;

/// After this, no answer counts as no connection.
const PATIENCE_MS: u32 = 20_000;

const JSON: &str = "application/json";

pub(super) async fn get<T: DeserializeOwned>(
    path: &str,
    parameters: Vec<(&'static str, String)>,
) -> Result<T, CallError> {
    let request = request(Method::GET, path)
        .query(parameters)
        .build()
        .map_err(|_| CallError::Unreachable)?;
    read(send(request).await?).await
}

pub(super) async fn post<B: Serialize, T: DeserializeOwned>(
    path: &str,
    body: &B,
) -> Result<T, CallError> {
    let request = request(Method::POST, path)
        .json(body)
        .map_err(|_| CallError::Unreachable)?;
    read(send(request).await?).await
}

/// A call that says all in its address.
pub(super) async fn ask<T: DeserializeOwned>(method: Method, path: &str) -> Result<T, CallError> {
    let request = request(method, path)
        .build()
        .map_err(|_| CallError::Unreachable)?;
    read(send(request).await?).await
}

/// The same when the answer has no body.
pub(super) async fn tell(method: Method, path: &str) -> Result<(), CallError> {
    let request = request(method, path)
        .build()
        .map_err(|_| CallError::Unreachable)?;
    send(request).await.map(drop)
}

fn request(method: Method, path: &str) -> RequestBuilder {
    RequestBuilder::new(path)
        .method(method)
        .header("Accept", JSON)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)))
}

async fn send(request: gloo_net::http::Request) -> Result<Response, CallError> {
    let response = request.send().await.map_err(|_| CallError::Unreachable)?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    match response.json::<Problem>().await {
        Ok(problem) => Err(CallError::Problem(Box::new(problem))),
        Err(_) => Err(CallError::Unreadable { status }),
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    let status = response.status();
    response
        .json()
        .await
        .map_err(|_| CallError::Unreadable { status })
}
