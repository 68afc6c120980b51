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

#[hybrid(fast)]
impl Document {
    fn nothing() -> bool {
        true
    }

    fn taken(self) -> bool {
        self.words > 3
    }

    async fn waited(&self) -> bool {
        self.words > 3
    }

    fn of_any<T>(&self, _limit: T) -> bool {
        self.words > 3
    }

    fn where_clause(&self) -> bool
    where
        i64: Copy,
    {
        self.words > 3
    }

    fn pattern(&self, (low, high): (i64, i64)) -> bool {
        self.words > low && self.words < high
    }

    fn empty(&self) -> bool {}

    fn returned(&self) -> bool {
        return self.words > 3;
    }

    fn returned_last(&self) -> bool {
        return self.words > 3
    }

    fn no_else(&self) -> () {
        if self.words > 3 {}
    }

    fn of_another_row(&self, other: &Document) -> bool {
        self.words > other.words
    }

    fn numbered(&self) -> bool {
        self.0 > 3
    }

    fn whole_row(&self) -> bool {
        matches!(self, _)
    }

    fn closure(&self) -> bool {
        self.words > { 3 }
    }

    fn closure_alone(&self) -> bool {
        let_it(|it: i64| it > 3)
    }

    fn only_a_closure(&self) -> fn(i64) -> bool {
        |it| it > 3
    }

    fn let_beside(&self) -> bool {
        if self.words > 3 && let Some(it) = self.rating { it > 3 } else { false }
    }

    fn index(&self) -> bool {
        self.title[0..1] == *"a"
    }

    fn array(&self) -> [i64; 1] {
        [self.words]
    }

    fn closure_pattern(&self) -> bool {
        self.rating.is_some_and(|1| true)
    }

    fn matched(&self) -> bool {
        matches!(self.rating, Some(it) if it > 3)
    }

    #[allow(unreachable_patterns)]
    fn alternatives(&self) -> i64 {
        match self.rating {
            Some(it) | Some(it) => it,
            _ => 0,
        }
    }

    fn tuple_pattern(&self) -> i64 {
        match self.words {
            it @ 1..=3 => it,
            _ => 0,
        }
    }

    fn longer_than(&self, limit: i64) -> bool {
        self.words > limit
    }

    fn of_the_row(&self) -> bool {
        self.longer_than(self.words)
    }
}

struct Other<T>(T);

#[hybrid]
impl<T> Other<T> {
    fn nothing(&self) -> bool {
        true
    }
}

fn let_it(_: impl Fn(i64) -> bool) -> bool {
    true
}

fn main() {}
