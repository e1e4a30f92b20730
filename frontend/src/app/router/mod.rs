//! Which screen an address shows. A router of our own: the one that comes with Leptos brings nested
//! and parallel routes, which weigh more than all our screens together.

mod history;
mod links;
mod location;
mod outlet;

pub use location::{Location, NavigateOptions, use_navigate};
pub use outlet::{Route, outlet, use_params_map, use_query_map};
