//! What happens to accepted work when something breaks.

mod crash;
