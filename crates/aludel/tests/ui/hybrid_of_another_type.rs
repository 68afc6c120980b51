use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    score: f32,
    rating: Option<i64>,
}

#[hybrid]
impl Document {
    fn exact(&self) -> bool {
        self.score == 0.1
    }

    fn short(&self) -> i32 {
        self.id as i32
    }

    fn lengths(&self) -> usize {
        self.title.chars().count()
    }
}

fn main() {
    let _ = select(Document::LENGTHS);
}
