//! Entry point of the module that the page loads. On other targets it is empty, so that the
//! workspace still builds natively.

fn main() {
    #[cfg(target_arch = "wasm32")]
    platen_frontend::start();
}
