use aludel::prelude::*;

struct Plain;

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: Vec<u8>,
    pages: u64,
    small: f32,
    published: bool,
}

#[hybrid]
impl Document {
    fn negated(&self) -> u64 {
        self.pages * 2
    }

    fn remainder(&self) -> f32 {
        self.small % 2.0
    }

    fn rounded(&self) -> f32 {
        self.small.round()
    }

    fn added(&self) -> u64 {
        self.pages + 1
    }

    fn equal(&self) -> bool {
        self.small == 1.0
    }

    fn ordered(&self) -> bool {
        self.body < self.body
    }

    fn cast(&self) -> u8 {
        self.pages as u8
    }

    fn shown(&self) -> String {
        self.small.to_string()
    }

    fn given(&self, plain: Plain) -> Plain {
        plain
    }

    fn characters(&self) -> bool {
        aludel::hybrid::length(&self.published) > 3
    }
}

fn main() {}
