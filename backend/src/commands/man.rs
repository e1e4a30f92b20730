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
    for (name, title) in [("get", "platen-get"), ("save", "platen-save")] {
        if let Some(command) = program.find_subcommand(name) {
            Man::new(command.clone().name(title)).render(&mut pages)?;
        }
    }
    super::print(&String::from_utf8_lossy(&pages))
}
