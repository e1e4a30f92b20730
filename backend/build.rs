//! Says which folders go into the program: cargo by itself does not notice files added to them.

use std::{env, fs, io::Write, path::Path};

const DIST: &str = "../frontend/dist";

fn main() -> std::io::Result<()> {
    let mut cargo = std::io::stdout();
    writeln!(cargo, "cargo::rerun-if-changed=migrations")?;
    // Only optimised builds embed the web app; the others read it when they run.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        // What is missing would count as changed at every build. An empty folder can be watched.
        if !Path::new(DIST).exists() {
            fs::create_dir(DIST)?;
        }
        writeln!(cargo, "cargo::rerun-if-changed={DIST}")?;
    }
    Ok(())
}
