//! The product on AWS, which emulators play: one server for each protocol, each test with a table,
//! queues and a bucket of its own.

mod backend;
mod cloud;
mod settings;
mod webhooks;
