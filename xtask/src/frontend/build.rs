use std::thread;

use anyhow::{Context, Result, ensure};

use super::{
    asset::{Asset, Weight},
    bundle::Sources,
    compile::{bind, compile},
    dist,
    place::{Mode, Places},
    split::split,
    stamp::{Last, stamp},
};
use crate::report;

/// Bytes of wasm, scripts, styles and words together, compressed with brotli, that a person may have to
/// wait for. About four times an optimised Leptos hello-world; one second at 1.6 Mbit/s.
const BUDGET: usize = 200_000;

/// The same for a part that is loaded when a screen that needs it is opened.
const BUDGET_LATER: usize = 60_000;

/// Builds the bundle, or finds that it is there already.
pub(crate) fn build(mode: Mode) -> Result<()> {
    let places = Places::find();
    let module = compile(&places, mode)?;
    let sources = Sources::read(&places.frontend)?;
    let stamp = stamp(&module, &sources, mode, &places.dist)?;
    if Last::read(&places.stamp()).is_some_and(|last| last.is(&stamp, &places.dist)) {
        report::line("frontend/dist is up to date");
        return Ok(());
    }

    let assets = sources.bundle(bind(split(&module)?, mode)?)?;
    let (files, weight) = match mode {
        Mode::Dev => {
            report::line("built for development: not optimised, not compressed");
            (assets, 0)
        }
        Mode::Release => compressed(assets)?,
    };
    // Written also when too large: there is something to look at, and no stamp to say all is well.
    dist::write(&places.dist, &files)?;
    ensure!(
        weight <= BUDGET,
        "the web app is {} bytes over its budget",
        weight - BUDGET
    );
    let names: Vec<String> = files.into_iter().map(|file| file.path).collect();
    Last::write(&places.stamp(), &stamp, &names)
}

/// Every asset with its `.br` and `.gz` beside it, where they are smaller; and the bytes that count
/// towards the budget.
fn compressed(assets: Vec<Asset>) -> Result<(Vec<Asset>, usize)> {
    let variants = thread::scope(|scope| {
        let running: Vec<_> = assets
            .iter()
            .map(|asset| scope.spawn(|| Ok((asset.brotli()?, asset.gzip()?))))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().ok().context("compression panicked")?)
            .collect::<Result<Vec<_>>>()
    })?;

    let mut total = 0;
    let mut largest_language = 0;
    let mut later = 0;
    let mut files = Vec::new();
    report::line(&format!(
        "{:>9} {:>9} {:>9}  file",
        "bytes", "gzip", "brotli"
    ));
    for (asset, (brotli, gzip)) in assets.into_iter().zip(variants) {
        report::line(&format!(
            "{:>9} {:>9} {:>9}  {}",
            asset.content.len(),
            gzip.len(),
            brotli.len(),
            asset.path
        ));
        match asset.weight() {
            Weight::Always => total += brotli.len(),
            Weight::OneOfThem => largest_language = largest_language.max(brotli.len()),
            Weight::Later => {
                ensure!(
                    brotli.len() <= BUDGET_LATER,
                    "{} is over the {BUDGET_LATER} bytes that a part may have",
                    asset.path
                );
                later += brotli.len();
            }
            Weight::No => {}
        }
        for (extension, variant) in [("br", brotli), ("gz", gzip)] {
            if variant.len() < asset.content.len() {
                files.push(Asset::new(format!("{}.{extension}", asset.path), variant));
            }
        }
        files.push(asset);
    }
    total += largest_language;
    report::line(&format!(
        "{total:>29}  wasm + js + css + the largest language, of {BUDGET} allowed"
    ));
    report::line(&format!(
        "{later:>29}  wasm of screens that are loaded when they are opened"
    ));
    Ok((files, total))
}
