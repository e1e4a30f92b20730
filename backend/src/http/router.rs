//! All routes, and what every request goes through.

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};

use super::{App, layers, openapi, original, reader, site};

/// The public interface.
pub fn router(app: Arc<App>) -> Router {
    let (api, document) = openapi::routes_and_document();
    api.merge(reader::routes(&document))
        .merge(original::routes())
        .fallback(site::serve)
        .with_state(Arc::clone(&app))
        // Innermost first.
        .layer(from_fn_with_state(Arc::clone(&app), layers::limit))
        .layer(from_fn(layers::catch))
        .layer(from_fn(layers::drain))
        .layer(from_fn(layers::render))
        .layer(from_fn(original::translate))
        .layer(from_fn(layers::secure))
        .layer(from_fn(layers::observe))
        .layer(from_fn_with_state(app, layers::identify))
}
