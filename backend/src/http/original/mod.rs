//! Clients of the first Platen keep working, unchanged.
//!
//! They know other paths, send their token in a header `Token`, and expect other answers. All of
//! that is put into the words of the API here, and what the API answers into theirs; nothing else
//! knows of it, and the OpenAPI document does not mention it.
//!
//! | they send | they get |
//! |---|---|
//! | `POST /auth/sign-up` `{name, password}` | 201 `{user, state: "created"}` |
//! | `POST /auth/sign-in`, HTTP Basic | 202 `{username, state: "authorized", token}`, or 401 and `unauthorized` |
//! | `GET /files` with `Token` | the names of all ready files, a bare array |
//! | anything else with `Token` | what the API answers |
//!
//! Every other error is one sentence of plain text. The paths are served below `/api/v1` and, where
//! the web app has no page, at the root, with `sing-up` and `sing-in` for those who spell as the first
//! Platen did.

mod accounts;
mod answer;
mod names;
mod routes;
mod speech;

pub(super) use routes::routes;
pub(super) use speech::translate;
