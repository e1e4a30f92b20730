use std::{env, ffi::OsString, process::Command};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    place::{Mode, Places},
    split::Split,
};

/// Has cargo build the module; it knows itself when there is nothing to do.
pub(super) fn compile(places: &Places, mode: Mode) -> Result<Vec<u8>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(&places.root)
        .args(["build", "--locked", "--package", "platen-frontend"])
        .args(["--bin", "platen-frontend"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(["--profile", mode.profile()])
        .arg("--target-dir")
        .arg(&places.target)
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(places))
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "the web app does not build ({status})");
    let module = places.module(mode);
    std::fs::read(&module).with_context(|| format!("cannot read {}", module.display()))
}

/// The flags of whoever builds; one that keeps their folders out of panic messages, so that the same
/// sources give the same module on every machine; one by which Leptos makes code for elements, not for
/// every combination of them, which is smaller; and one that keeps what the module is split by.
fn rust_flags(places: &Places) -> OsString {
    let mut flags = env::var_os("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|| {
        let spaced = env::var("RUSTFLAGS").unwrap_or_default();
        spaced
            .split_whitespace()
            .collect::<Vec<_>>()
            .join("\x1f")
            .into()
    });
    if !flags.is_empty() {
        flags.push("\x1f");
    }
    flags.push("--remap-path-prefix=");
    flags.push(places.crates());
    flags.push("=");
    flags.push("\x1f--cfg=erase_components");
    flags.push("\x1f-Clink-arg=--emit-relocs");
    flags
}

/// What the browser loads: the main part of the module and the script that ties it to the page, and the
/// parts that come later with the script that links them.
pub(super) struct Bound {
    pub(super) script: String,
    pub(super) module: Vec<u8>,
    pub(super) link: String,
    pub(super) parts: Vec<(String, Vec<u8>)>,
}

pub(super) fn bind(split: Split, mode: Mode) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes("app", split.main)
        .web(true)
        .context("the web target is not available")?
        .typescript(false)
        // The boot script says where the module is: its name carries a hash.
        .omit_default_module_path(true)
        // The other parts call into this one by what the linker named.
        .keep_lld_exports(true)
        .keep_debug(mode == Mode::Dev)
        .remove_name_section(mode == Mode::Release)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen cannot bind the module")?;
    let own: Vec<_> = output
        .snippets()
        .iter()
        .filter(|(_, scripts)| !scripts.is_empty())
        .map(|(of, _)| of)
        .chain(output.local_modules().keys())
        .collect();
    ensure!(
        own.is_empty(),
        "dependencies bring scripts of their own, which this bundle has no place for: {own:?}"
    );
    let mut script = output.js().to_owned();
    let module = output.wasm_mut();
    if mode == Mode::Release {
        script = with_short_names(&script, module);
    }
    Ok(Bound {
        script,
        module: module.emit_wasm(),
        link: split.link,
        parts: split.parts,
    })
}

/// The names by which module and script know what the browser gives are long, and end in a hash that
/// does not compress. Nobody else uses them.
fn with_short_names(script: &str, module: &mut walrus::Module) -> String {
    let mut given: Vec<&mut walrus::Import> = module
        .imports
        .iter_mut()
        .filter(|import| import.name.starts_with("__wb"))
        .collect();
    // One that another begins with comes after it.
    given.sort_by(|one, other| other.name.cmp(&one.name));
    let mut script = script.to_owned();
    for (number, import) in given.into_iter().enumerate() {
        let short = format!("_{number}");
        script = script.replace(&import.name, &short);
        import.name = short;
    }
    script
}
