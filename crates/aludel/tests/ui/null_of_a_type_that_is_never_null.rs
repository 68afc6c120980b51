use aludel::prelude::*;

fn main() {
    let _ = literal::<i64>(None);
}
