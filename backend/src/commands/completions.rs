//! `platen completions`

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;

pub(super) fn run(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "platen", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}
