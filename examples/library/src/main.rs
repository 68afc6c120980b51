//! Authors and books.
fn main() {}
