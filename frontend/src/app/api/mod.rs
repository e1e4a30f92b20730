//! Calls to `/api/v1`. The session cookie goes with them; no credential is kept here.

mod account;
mod calls;
mod events;
mod http;
pub(super) mod json;

pub use account::{
    change_password, create_key, create_webhook, delete_account, delete_key, delete_webhook,
    deliveries, keys, webhooks,
};
pub use calls::{
    account, archive_href, delete_file, delete_files_on_leaving, file, file_href, files,
    picture_href, request_many, retry, sign_in, sign_out, sign_up, thumbnail_href,
};
pub use events::{EventStream, StreamEvent};
