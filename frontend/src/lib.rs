//! The single-page app.
//!
//! [`logic`] is plain Rust without a browser: what a pasted text asks for, how the list of files
//! changes, how things are worded. It builds and is tested natively. `app` is what the browser
//! runs, on Leptos, and exists for wasm32 only: `cargo xtask frontend` builds it.
//!
//! [`words`] says everything in the reader's language.
//!
//! State lives in one store per concern (`app::stores`), requests in `app::api`, and every screen
//! has a folder or file of its own in `app::screens`.

#[cfg(target_arch = "wasm32")]
#[expect(
    unreachable_pub,
    reason = "`#[component]` makes the props type `pub`, whatever the component itself is"
)]
mod app;
pub mod logic;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub use app::start;
