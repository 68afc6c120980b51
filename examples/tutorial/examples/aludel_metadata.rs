//! Prints the tables of the models, for `aludel revision --autogenerate`.

use aludel::prelude::*;

// The modules with the entities: a program is no library that could be named.
#[allow(dead_code)]
#[path = "../src/models.rs"]
mod models;

fn main() {
    aludel::migrate::print_metadata(&Metadata::linked());
}
