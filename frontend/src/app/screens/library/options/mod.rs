//! The panel with the options of the next PDFs.

mod choices;
mod control;
mod panel;

pub(super) use panel::OptionsPanel;
