//! The fixture site as a program, for tests that are not written in Rust: prints its origin, and
//! serves until it is stopped or whoever started it is gone.

use std::io::Write;

use anyhow::Result;
use platen_tests::Site;
use tokio::io::AsyncReadExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let site = Site::start().await?;
    writeln!(std::io::stdout(), "{}", site.url(""))?;
    // The end of standard input is the end of the parent.
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    Ok(())
}
