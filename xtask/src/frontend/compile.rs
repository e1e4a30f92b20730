use std::{env, ffi::OsString, process::Command};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::place::{Mode, Places};

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
/// sources give the same module on every machine; and one by which Leptos makes code for elements,
/// not for every combination of them, which is smaller.
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
    flags
}

/// What the browser loads: the module, and the script that ties it to the page.
pub(super) struct Bound {
    pub(super) script: String,
    pub(super) module: Vec<u8>,
}

pub(super) fn bind(module: Vec<u8>, mode: Mode) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes("app", module)
        .web(true)
        .context("the web target is not available")?
        .typescript(false)
        // The boot script says where the module is: its name carries a hash.
        .omit_default_module_path(true)
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
    Ok(Bound {
        script: output.js().to_owned(),
        module: output.wasm_mut().emit_wasm(),
    })
}
