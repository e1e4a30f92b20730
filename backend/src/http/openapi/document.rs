//! The OpenAPI document: what the handlers declare, and what is the same for all of them.

use std::sync::Arc;

use axum::Router;
use platen_api_types::ProblemCode;
use utoipa::{
    OpenApi as _,
    openapi::{
        HeaderBuilder, Object, OpenApi, PathItem, RefOr, Required, Response, Type,
        content::ContentBuilder,
        example::ExampleBuilder,
        path::{HttpMethod, Operation},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use super::{examples, links};
use crate::http::{App, endpoints};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Platen",
        description = "Saves web pages as PDFs.\n\nEvery error is a problem document (RFC 9457) with a stable `code`.",
        license(name = "Apache-2.0 OR MIT"),
    ),
    tags(
        (name = "account", description = "Who you are."),
        (name = "keys", description = "For programs, beside the one session that you have."),
        (name = "files", description = "Requests, and the PDFs they become."),
        (name = "webhooks", description = "Being called when a file has come to its end."),
    ),
    components(schemas(platen_api_types::Problem, platen_api_types::WebhookPayload)),
    security(("bearer" = []), ("cookie" = [])),
)]
struct Base;

/// What every operation may answer.
const ALWAYS: &[ProblemCode] = &[ProblemCode::Internal, ProblemCode::Unavailable];

/// What an operation for signed-in people may answer.
const AUTHENTICATED: &[ProblemCode] = &[
    ProblemCode::Unauthenticated,
    ProblemCode::SessionExpired,
    ProblemCode::SessionSuperseded,
    ProblemCode::InsufficientScope,
];

/// What an operation that reads a JSON body may answer.
const WITH_BODY: &[ProblemCode] = &[
    ProblemCode::MalformedRequest,
    ProblemCode::MalformedBody,
    ProblemCode::RequestTimeout,
    ProblemCode::BodyTooLarge,
    ProblemCode::UnsupportedMediaType,
    ProblemCode::InvalidBody,
];

/// The document as `platen openapi` prints it.
pub fn document() -> OpenApi {
    routes_and_document().1
}

pub(crate) fn routes_and_document() -> (Router<Arc<App>>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(Base::openapi())
        .nest("/api/v1", endpoints::router())
        .split_for_parts();
    add_security_schemes(&mut document);
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            if method == HttpMethod::Head
                && let Some(id) = &mut operation.operation_id
            {
                // One handler, two operations: each needs a name of its own.
                id.push_str("Head");
            }
            add_problems(&method, operation);
            if operation.operation_id.as_deref() == Some("signIn")
                && let Some(RefOr::T(body)) = &mut operation.request_body
            {
                // HTTP Basic needs none.
                body.required = Some(Required::False);
            }
            examples::add(operation);
            links::add(operation);
        }
    }
    (router, document)
}

fn add_security_schemes(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let http = |scheme, description: &str| {
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(scheme)
                .description(Some(description))
                .build(),
        )
    };
    let key = |name, description| ApiKeyValue::with_description(name, description);
    for (name, scheme) in [
        (
            "bearer",
            http(
                HttpAuthScheme::Bearer,
                "The token that signing in gives, or that of an API key.",
            ),
        ),
        (
            "basic",
            http(HttpAuthScheme::Basic, "User name and password, to sign in."),
        ),
        (
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(key(
                "platen",
                "Set at sign-in, for browsers; `__Host-platen` over TLS. Requests that change \
                 something need a same-origin Origin or Sec-Fetch-Site.",
            ))),
        ),
    ] {
        components.add_security_scheme(name, scheme);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Head, &mut item.head),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Declares every problem that the operation may answer, with an example of each.
fn add_problems(method: &HttpMethod, operation: &mut Operation) {
    let own = operation
        .operation_id
        .as_deref()
        .map(|id| id.trim_end_matches("Head"))
        .and_then(|id| endpoints::PROBLEMS.iter().find(|(name, _)| *name == id))
        .map_or(&[][..], |(_, codes)| codes);
    let mut codes: Vec<ProblemCode> = [own, ALWAYS].concat();
    if operation.security.is_none() {
        codes.extend(AUTHENTICATED);
        if !matches!(method, HttpMethod::Get | HttpMethod::Head) {
            codes.push(ProblemCode::CrossSite);
        }
    }
    if operation.request_body.is_some() {
        codes.extend(WITH_BODY);
    }
    let mut statuses: Vec<u16> = codes.iter().map(|code| code.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let of_status = codes.iter().copied().filter(|code| code.status() == status);
        operation.responses.responses.insert(
            status.to_string(),
            RefOr::T(problem_response(status, of_status)),
        );
    }
}

fn problem_response(status: u16, codes: impl Iterator<Item = ProblemCode>) -> Response {
    let mut content =
        ContentBuilder::new().schema(Some(utoipa::openapi::Ref::from_schema_name("Problem")));
    let mut titles = Vec::new();
    for code in codes {
        let problem = platen_api_types::Problem::new(code, code.title());
        let value = serde_json::to_value(problem).ok();
        let example = ExampleBuilder::new()
            .summary(code.title())
            .value(value)
            .build();
        content = content.examples_from_iter([(code.as_str(), example)]);
        titles.push(format!("`{code}`"));
    }
    let mut response = Response::builder()
        .description(titles.join(", "))
        .content("application/problem+json", content.build());
    if matches!(status, 429 | 503) {
        let seconds = HeaderBuilder::new()
            .schema(Some(Object::with_type(Type::Integer)))
            .description(Some("Seconds to wait, where waiting helps."))
            .build();
        response = response.header("Retry-After", seconds);
    }
    if status == 429 {
        for (name, description) in [
            (
                "RateLimit",
                "The limit, what is left of it, and the seconds until there is more.",
            ),
            (
                "RateLimit-Policy",
                "The limit, and the seconds that it is for.",
            ),
        ] {
            let header = HeaderBuilder::new()
                .schema(Some(Object::with_type(Type::String)))
                .description(Some(description));
            response = response.header(name, header.build());
        }
    }
    response.build()
}

#[cfg(test)]
mod tests {
    use platen_api_types::FailureCode;

    use super::*;

    #[test]
    fn the_committed_document_is_current() {
        let committed = include_str!("../../../../docs/openapi.json");
        let current = document().to_pretty_json().unwrap() + "\n";
        assert!(
            committed == current,
            "run `cargo run -p platen -- openapi > docs/openapi.json`"
        );
    }

    #[test]
    fn what_is_no_json_is_bytes() {
        let document = serde_json::to_value(document()).unwrap();
        let mut seen = 0;
        let operations = document["paths"].as_object().unwrap().values();
        for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
            let answers = operation["responses"].as_object().into_iter().flatten();
            let bodies = answers.filter_map(|(_, answer)| answer["content"].as_object());
            for (kind, body) in bodies.flatten() {
                if kind.ends_with("/pdf") || kind.starts_with("image/") {
                    assert_eq!(body["schema"]["format"], "binary", "{kind}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn codes_are_spelt_as_they_are_sent() {
        let document = serde_json::to_value(document()).unwrap();
        for (schema, codes) in [
            ("ProblemCode", serde_json::to_value(ProblemCode::ALL)),
            ("FailureCode", serde_json::to_value(FailureCode::ALL)),
        ] {
            let declared = &document["components"]["schemas"][schema]["enum"];
            assert_eq!(*declared, codes.unwrap());
        }
    }

    #[test]
    fn every_endpoint_says_which_problems_it_has() {
        let mut document = document();
        let mut ids: Vec<String> = document
            .paths
            .paths
            .values_mut()
            .flat_map(operations)
            .map(|(_, operation)| operation.operation_id.clone().unwrap())
            .filter(|id| !id.ends_with("Head"))
            .collect();
        ids.sort();
        let mut declared: Vec<&str> = endpoints::PROBLEMS.iter().map(|(id, _)| *id).collect();
        declared.sort_unstable();
        assert_eq!(ids, declared);
    }
}
