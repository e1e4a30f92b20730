//! The images as they come out, run and put to work, without a Docker engine: `make test-images`.

mod build;
mod container;
mod contents;
mod together;
