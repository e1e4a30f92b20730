//! Paths that only these clients know.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::{MethodRouter, get, post},
};

use super::{accounts, speech};
use crate::http::{App, endpoints, site};

type Methods = MethodRouter<Arc<App>>;

/// At the root, every method that they do not use stays the web app's.
pub(in crate::http) fn routes() -> Router<Arc<App>> {
    accounts(|methods| methods.fallback(site::serve))
        .merge(files())
        .nest("/api/v1", accounts(|methods| methods))
}

fn accounts(complete: fn(Methods) -> Methods) -> Router<Arc<App>> {
    let sign_up = complete(post(accounts::sign_up));
    let sign_in = complete(post(accounts::sign_in));
    Router::new()
        .route("/sing-up", complete(post(endpoints::sign_up)))
        .route("/sing-in", complete(post(endpoints::sign_in)))
        .route("/auth/sign-up", sign_up.clone())
        .route("/auth/sing-up", sign_up)
        .route("/auth/sign-in", sign_in.clone())
        .route("/auth/sing-in", sign_in)
}

/// What the API has below `/api/v1`, for those who look for it at the root.
fn files() -> Router<Arc<App>> {
    Router::new()
        .route("/files", get(endpoints::list_files))
        .route("/request", post(endpoints::request_pdf))
        .route(
            "/file/{name}",
            get(endpoints::download).delete(endpoints::delete_file),
        )
        .route_layer(middleware::from_fn(only_with_token))
}

/// Whoever sends no `Token` knows the API, and where it is.
async fn only_with_token(request: Request, next: Next) -> Response {
    if speech::token(request.headers()).is_some() {
        next.run(request).await
    } else {
        site::serve(request).await
    }
}
