use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

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

    /// Counts towards what a person waits for before the app runs.
    pub(super) fn is_counted(&self) -> bool {
        [".wasm", ".js", ".css"]
            .iter()
            .any(|extension| self.path.ends_with(extension))
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
        assert!(one.href().starts_with("/assets/style-") && one.is_counted());
        assert!(!Asset::new("favicon.svg", "").is_counted());
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
