//! `sqlx::migrate!` does not notice files that are added.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
