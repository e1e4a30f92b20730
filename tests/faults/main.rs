//! What happens to accepted work when something breaks.

mod accidents;
mod clocks;
mod crash;
mod disk;
mod history;
mod steps;
mod storm;
mod world;
