//! `platen man`

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::Cli;

pub(super) fn run() -> anyhow::Result<()> {
    let mut pages = Vec::new();
    let mut program = Cli::command();
    // Also what the subcommands inherit.
    program.build();
    Man::new(program.clone()).render(&mut pages)?;
    if let Some(get) = program.find_subcommand("get") {
        Man::new(get.clone().name("platen-get")).render(&mut pages)?;
    }
    super::print(&String::from_utf8_lossy(&pages))
}
