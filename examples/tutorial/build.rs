//! Lets `embed_migrations!` see new revisions.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
