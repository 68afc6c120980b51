use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    rating: Option<i64>,
    words: i64,
}

#[hybrid]
impl Document {
    fn statements(&self) -> bool {
        let words = self.words;
        words > 3
    }

    fn parsed(&self) -> i64 {
        self.title.parse().unwrap_or(0)
    }

    fn unwrapped(&self) -> i64 {
        self.rating.unwrap()
    }

    fn divided(&self) -> i64 {
        100 / self.words
    }

    fn asked(&self) -> Option<i64> {
        Some(self.rating? + 1)
    }

    fn called(&self) -> bool {
        is_good(&self.title)
    }

    fn macros(&self) -> String {
        concat!("a", "b").to_owned()
    }

    fn guarded(&self) -> i64 {
        match self.rating {
            Some(it) if it > 3 => it,
            _ => 0,
        }
    }

    fn without_else(&self) {
        if self.words > 3 {}
    }

    fn changed(&mut self) -> bool {
        self.words > 3
    }

    fn replaced(&self) -> String {
        self.title.replace(&self.title, "x")
    }
}

fn is_good(title: &str) -> bool {
    title == "good"
}

fn main() {}
