use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// How a file counts towards what a person waits for before the app runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Always,
    /// A person reads one language.
    OneOfThem,
    /// Loaded when a screen that needs it is opened.
    Later,
    No,
}

/// A file of the bundle.
pub(super) struct Asset {
    /// Relative to the bundle, with `/`.
    pub(super) path: String,
    pub(super) content: Vec<u8>,
}

impl Asset {
    pub(super) fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
        }
    }

    /// A file whose name changes with its content, so that browsers may keep it for ever.
    pub(super) fn hashed(stem: &str, extension: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let hash = hex::encode(&Sha256::digest(&content)[..8]);
        Self {
            path: format!("assets/{stem}-{hash}.{extension}"),
            content,
        }
    }

    /// The address under which the page asks for it.
    pub(super) fn href(&self) -> String {
        format!("/{}", self.path)
    }

    /// What its neighbours call it.
    pub(super) fn sibling(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        format!("./{name}")
    }

    /// What a person waits for before the app runs.
    pub(super) fn weight(&self) -> Weight {
        let code = [".wasm", ".js", ".css"];
        if ["assets/split_", "assets/chunk_"]
            .iter()
            .any(|start| self.path.starts_with(start))
        {
            Weight::Later
        } else if code.iter().any(|end| self.path.ends_with(end)) {
            Weight::Always
        } else if self.path.starts_with("assets/words-") {
            Weight::OneOfThem
        } else {
            Weight::No
        }
    }

    pub(super) fn brotli(&self) -> Result<Vec<u8>> {
        let parameters = BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            size_hint: self.content.len(),
            ..BrotliEncoderParams::default()
        };
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut self.content.as_slice(), &mut compressed, &parameters)?;
        Ok(compressed)
    }

    pub(super) fn gzip(&self) -> Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.content)?;
        Ok(encoder.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_name_follows_its_content() {
        let one = Asset::hashed("style", "css", "a{}");
        assert_eq!(one.path, Asset::hashed("style", "css", "a{}").path);
        assert_ne!(one.path, Asset::hashed("style", "css", "b{}").path);
        assert!(one.href().starts_with("/assets/style-"));
        assert_eq!(one.weight(), Weight::Always);
        let words = Asset::hashed("words-en", "json", "{}");
        assert_eq!(words.weight(), Weight::OneOfThem);
        assert_eq!(Asset::new("favicon.svg", "").weight(), Weight::No);
    }

    #[test]
    fn compressed_content_comes_back() {
        let asset = Asset::new("a.js", "paper and ink ".repeat(100));
        let mut text = Vec::new();
        brotli::BrotliDecompress(&mut asset.brotli().unwrap().as_slice(), &mut text).unwrap();
        assert_eq!(text, asset.content);
        text.clear();
        flate2::read::GzDecoder::new(asset.gzip().unwrap().as_slice())
            .read_to_end(&mut text)
            .unwrap();
        assert_eq!(text, asset.content);
    }
}
