// A table `documents` with three columns: a key `id` that the database counts up, a
// `title` of at most 200 characters, and a `body`. Title and body are required.
//
// Your turn: the two fields that are missing.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
}
