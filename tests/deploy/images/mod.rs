//! The images: what they are made from, and what comes of it.

mod built;
mod dockerfiles;
