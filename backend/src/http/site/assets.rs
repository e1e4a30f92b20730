//! The files of the front end.

use std::borrow::Cow;

use bytes::Bytes;
use rust_embed::Embed;

use super::encoding::Encoding;

/// Built by `cargo xtask frontend`. Optimised builds carry the files; others read them from the
/// source tree at every request, so that a rebuilt front end shows at once.
#[derive(Embed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Dist;

/// The page that every address of the app starts from.
pub(super) const INDEX: &str = "index.html";

/// A file as it goes over the wire.
pub(super) struct Asset {
    pub bytes: Bytes,
    pub encoding: Encoding,
    /// Digest of these very bytes.
    pub sha256: [u8; 32],
}

/// Whether there is a front end in this binary.
pub fn is_embedded() -> bool {
    Dist::get(INDEX).is_some()
}

/// The file in the first of the encodings that it exists in. Compressed at build time, as hard as
/// it goes, into files beside it.
pub(super) fn find(path: &str, acceptable: &[Encoding]) -> Option<Asset> {
    // The compressed files are no addresses of their own.
    if Encoding::ALL.iter().any(|encoding| {
        let suffix = encoding.suffix();
        !suffix.is_empty() && path.ends_with(suffix)
    }) {
        return None;
    }
    acceptable.iter().find_map(|&encoding| {
        let file = Dist::get(&format!("{path}{}", encoding.suffix()))?;
        Some(Asset {
            bytes: match file.data {
                Cow::Borrowed(embedded) => Bytes::from_static(embedded),
                Cow::Owned(read) => read.into(),
            },
            encoding,
            sha256: file.metadata.sha256_hash(),
        })
    })
}

/// Whether the file's name changes with its content, so that browsers may keep it for good.
pub(super) fn is_immutable(path: &str) -> bool {
    path.starts_with("assets/")
}

/// By the ending; browsers are told not to guess.
pub(super) fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
