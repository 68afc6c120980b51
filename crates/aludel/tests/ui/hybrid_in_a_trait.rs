use aludel::prelude::*;

trait Long {
    fn is_long(&self) -> bool;
}

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
}

#[hybrid]
impl Long for Document {
    fn is_long(&self) -> bool {
        self.id > 5
    }
}

fn main() {}
