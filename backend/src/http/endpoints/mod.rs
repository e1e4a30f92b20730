//! The endpoints of `/api/v1`, one per file, each with its tests at the bottom.

mod account;
mod archive;
mod change_password;
mod create_key;
mod create_webhook;
mod delete_account;
mod delete_file;
mod delete_key;
mod delete_webhook;
mod download;
mod events;
mod list_deliveries;
mod list_files;
mod list_keys;
mod list_webhooks;
mod request_pdf;
mod request_pdfs;
mod request_state;
mod retry;
mod sign_in;
mod sign_out;
mod sign_up;
mod thumbnail;

use std::sync::Arc;

use platen_api_types::ProblemCode;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::{
    delete_file::handle as delete_file, download::handle as download,
    list_files::handle as list_files, request_pdf::handle as request_pdf,
    sign_in::handle as sign_in, sign_up::handle as sign_up,
};
use super::App;

/// Problems that an operation answers beside those that all of its kind share.
pub(super) const PROBLEMS: &[(&str, &[ProblemCode])] = &[
    ("signUp", sign_up::PROBLEMS),
    ("signIn", sign_in::PROBLEMS),
    ("signOut", sign_out::PROBLEMS),
    ("getAccount", account::PROBLEMS),
    ("changePassword", change_password::PROBLEMS),
    ("deleteAccount", delete_account::PROBLEMS),
    ("createKey", create_key::PROBLEMS),
    ("listKeys", list_keys::PROBLEMS),
    ("deleteKey", delete_key::PROBLEMS),
    ("requestPdf", request_pdf::PROBLEMS),
    ("requestPdfs", request_pdfs::PROBLEMS),
    ("getRequest", request_state::PROBLEMS),
    ("retryRequest", retry::PROBLEMS),
    ("listFiles", list_files::PROBLEMS),
    ("downloadArchive", archive::PROBLEMS),
    ("downloadFile", download::PROBLEMS),
    ("getThumbnail", thumbnail::PROBLEMS),
    ("deleteFile", delete_file::PROBLEMS),
    ("followFiles", events::PROBLEMS),
    ("createWebhook", create_webhook::PROBLEMS),
    ("listWebhooks", list_webhooks::PROBLEMS),
    ("deleteWebhook", delete_webhook::PROBLEMS),
    ("listDeliveries", list_deliveries::PROBLEMS),
];

/// All endpoints, with paths relative to the API's version.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(sign_up::handle))
        .routes(routes!(sign_in::handle))
        .routes(routes!(sign_out::handle))
        .routes(routes!(account::handle, delete_account::handle))
        .routes(routes!(change_password::handle))
        .routes(routes!(list_keys::handle, create_key::handle))
        .routes(routes!(delete_key::handle))
        .routes(routes!(request_pdf::handle))
        .routes(routes!(request_pdfs::handle))
        .routes(routes!(request_state::handle))
        .routes(routes!(retry::handle))
        .routes(routes!(list_files::handle))
        .routes(routes!(archive::handle))
        .routes(routes!(download::handle, delete_file::handle))
        .routes(routes!(thumbnail::handle))
        .routes(routes!(events::handle))
        .routes(routes!(list_webhooks::handle, create_webhook::handle))
        .routes(routes!(delete_webhook::handle))
        .routes(routes!(list_deliveries::handle))
}
