//! What can be done next with what was answered, for people and for programs that explore.

use utoipa::openapi::{
    RefOr,
    link::{Link, LinkBuilder},
    path::Operation,
};

/// From the success of one operation to another, whose one parameter is in every such answer.
struct Next {
    after: &'static str,
    name: &'static str,
    operation: &'static str,
    parameter: &'static str,
    value: &'static str,
}

const fn next(
    after: &'static str,
    name: &'static str,
    operation: &'static str,
    parameter: &'static str,
    value: &'static str,
) -> Next {
    Next {
        after,
        name,
        operation,
        parameter,
        value,
    }
}

#[rustfmt::skip]
const ALL: &[Next] = &[
    next("requestPdf", "state", "getRequest", "id", "$response.body#/id"),
    next("requestPdf", "again", "retryRequest", "id", "$response.body#/id"),
    next("requestPdf", "download", "downloadFile", "name", "$response.body#/name"),
    next("requestPdf", "thumbnail", "getThumbnail", "name", "$response.body#/name"),
    next("requestPdf", "delete", "deleteFile", "name", "$response.body#/name"),
    next("getRequest", "download", "downloadFile", "name", "$response.body#/name"),
    next("createKey", "delete", "deleteKey", "id", "$response.body#/key/id"),
    next("createWebhook", "deliveries", "listDeliveries", "id", "$response.body#/webhook/id"),
    next("createWebhook", "delete", "deleteWebhook", "id", "$response.body#/webhook/id"),
];

pub(super) fn add(operation: &mut Operation) {
    let Some(id) = operation.operation_id.as_deref() else {
        return;
    };
    let successes = operation
        .responses
        .responses
        .iter_mut()
        .filter(|(status, _)| status.starts_with('2'));
    for (_, response) in successes {
        if let RefOr::T(response) = response {
            let links = ALL.iter().filter(|next| next.after == id).map(link);
            response.links.extend(links);
        }
    }
}

fn link(next: &Next) -> (String, RefOr<Link>) {
    let link = LinkBuilder::new()
        .operation_id(next.operation)
        .parameter(next.parameter, next.value)
        .build();
    (next.name.to_owned(), RefOr::T(link))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::http::document;

    #[test]
    fn every_link_leads_from_one_operation_to_a_parameter_of_another() {
        let document = serde_json::to_value(document()).unwrap();
        let operations: Vec<&Value> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .collect();
        let find = |id: &str| operations.iter().find(|found| found["operationId"] == id);
        for next in ALL {
            assert!(find(next.after).is_some(), "{}", next.after);
            let parameters = &find(next.operation).unwrap()["parameters"];
            let mut parameters = parameters.as_array().unwrap().iter();
            assert!(
                parameters.any(|parameter| parameter["name"] == next.parameter),
                "{}",
                next.parameter
            );
        }
    }
}
