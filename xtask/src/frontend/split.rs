use std::fs;

use anyhow::{Context, Result, anyhow};
use walrus::ModuleConfig;
use wasm_split_cli_support::{Options, transform};

/// What the script of the main part and the one that links the parts call each other, until they have
/// names that follow their content.
pub(super) const SCRIPT: &str = "./app.js";
pub(super) const LINK: &str = "./link.js";

/// The module, cut at the functions that are marked to be loaded later.
pub(super) struct Split {
    /// What is loaded at once; still to be bound.
    pub(super) main: Vec<u8>,
    /// The script that loads the others and links them with the main part.
    pub(super) link: String,
    /// The others, under the names that `link` calls them by.
    pub(super) parts: Vec<(String, Vec<u8>)>,
}

pub(super) fn split(module: &[u8]) -> Result<Split> {
    let folder = tempfile::tempdir()?;
    let main = folder.path().join("main.wasm");
    let mut options = Options::new(module);
    options.output_dir = folder.path();
    options.main_out_path = &main;
    options.main_module = SCRIPT;
    options.link_name = LINK;
    let split =
        transform(options).map_err(|error| anyhow!("the module cannot be split: {error:#}"))?;
    let mut parts = split
        .split_modules
        .iter()
        .map(|path| {
            let stem = path
                .file_stem()
                .context("a part of the module has no name")?;
            Ok((stem.to_string_lossy().into_owned(), lean(&fs::read(path)?)?))
        })
        .collect::<Result<Vec<_>>>()?;
    parts.sort();
    Ok(Split {
        main: fs::read(&main)?,
        link: fs::read_to_string(folder.path().join(LINK))?,
        parts,
    })
}

/// The module without what only tools read: names, and the space that the linker keeps in numbers to
/// fill them in later.
fn lean(module: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse(module)
        .context("a part of the module cannot be read")?;
    Ok(module.emit_wasm())
}
