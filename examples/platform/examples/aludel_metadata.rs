//! Prints the tables of the models, for `aludel revision --autogenerate`.

use aludel::prelude::*;
// The library with the entities; the linker finds them all.
use platform as _;

fn main() {
    aludel::migrate::print_metadata(&Metadata::linked());
}
