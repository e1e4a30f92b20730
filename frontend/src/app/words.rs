//! What the app says. See [`crate::words`].

pub use crate::words::{t, t_count, t_with};
