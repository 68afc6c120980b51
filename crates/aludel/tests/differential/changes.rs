//! Random changes: INSERT, UPDATE and DELETE, each within a transaction that is rolled back.

use aludel::prelude::*;
use aludel::{Alias, Column, ColumnType, Update, Upsert};
use aludel_sql::{Dialect, Returning, ToSql};

use crate::expressions::{Excluded, Itself, Scope};
use crate::models::{self, Part, Thing};
use crate::statements::{Maker, Rows, Source};

/// A statement that changes one of the tables.
#[derive(Clone, Debug)]
pub enum Change {
    Things(Update<Thing>),
    ThingsBack(Returning<Update<Thing>, Rows>),
    Parts(Update<Part>),
    PartsBack(Returning<Update<Part>, Rows>),
    LessThings(aludel::Delete<Thing>),
    LessThingsBack(Returning<aludel::Delete<Thing>, Rows>),
    LessParts(aludel::Delete<Part>),
    LessPartsBack(Returning<aludel::Delete<Part>, Rows>),
    Insert(aludel::InsertFrom<Part>),
    InsertBack(Returning<aludel_sql::Inserts, Rows>),
    Upsert(Upsert<Thing>),
    UpsertPart(Upsert<Part>),
}

macro_rules! each {
    ($change:expr, $it:ident => $counted:expr, $silent:ident => $none:expr, $back:ident => $rows:expr) => {
        match $change {
            Change::Things($it) => $counted,
            Change::Parts($it) => $counted,
            Change::LessThings($it) => $counted,
            Change::LessParts($it) => $counted,
            Change::Insert($it) => $counted,
            Change::Upsert($silent) => $none,
            Change::UpsertPart($silent) => $none,
            Change::ThingsBack($back) => $rows,
            Change::PartsBack($back) => $rows,
            Change::LessThingsBack($back) => $rows,
            Change::LessPartsBack($back) => $rows,
            Change::InsertBack($back) => $rows,
        }
    };
}

impl Change {
    pub fn to_sql(&self, dialect: &dyn Dialect) -> aludel::Result<(String, Vec<aludel::Value>)> {
        each!(self, it => it.to_sql(dialect), it => it.to_sql(dialect), it => it.to_sql(dialect))
    }

    /// Makes the change and takes it back; tells how many rows there were and what came back, and what was in the tables then.
    pub async fn run(&self, engine: &Engine) -> aludel::Result<Vec<String>> {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut lines = each!(self.clone(),
            it => vec![format!("{} rows", tx.execute(it).await?.rows_affected)],
            it => {
                tx.execute(it).await?;
                Vec::new()
            },
            it => crate::queries::lines(&tx.execute(it).all().await?)
        );
        let things: Vec<Thing> = tx.scalars(select(Thing).order_by(Thing::ID)).all().await?;
        lines.extend(things.into_iter().map(line));
        let parts: Vec<Part> = tx.scalars(select(Part).order_by(Part::ID)).all().await?;
        lines.extend(parts.iter().map(|it| format!("{it:?}")));
        tx.rollback().await?;
        Ok(lines)
    }
}

/// As the databases agree about it: see [`lines`](crate::queries::lines).
fn line(thing: Thing) -> String {
    let real = |it: f64| if it == 0.0 { 0.0 } else { format!("{it:.9e}").parse().expect("a number") };
    let thing = Thing {
        ratio: real(thing.ratio),
        rate: thing.rate.map(real),
        price: thing.price.normalize(),
        cost: thing.cost.map(|it| it.normalize()),
        ..thing
    };
    format!("{thing:?}")
}

impl Maker<'_> {
    pub fn change(&mut self, depth: usize) -> Change {
        let change = match self.choices.pick(7) {
            0 | 1 => Change::Things(self.update_of_things(depth)),
            2 => Change::Parts(self.update_of_parts(depth)),
            3 => {
                let scope = Scope::thing(Itself);
                let (joined, condition) = self.joined(&scope, depth);
                let it = match joined {
                    Some((source, on)) => delete(Thing).join_on(source, on),
                    None => delete(Thing),
                };
                Change::LessThings(it.filter(condition))
            }
            4 => {
                let scope = Scope::part(Itself);
                let (joined, condition) = self.joined(&scope, depth);
                let it = match joined {
                    Some((source, on)) => delete(Part).join_on(source, on),
                    None => delete(Part),
                };
                Change::LessParts(it.filter(condition))
            }
            5 => self.insert_of_parts(),
            _ => self.upsert(),
        };
        if self.choices.pick(3) == 2 { self.giving_back(change) } else { change }
    }

    fn giving_back(&mut self, change: Change) -> Change {
        match change {
            Change::Things(it) => Change::ThingsBack(it.returning(self.returned(&Scope::thing(Itself)))),
            Change::Parts(it) => Change::PartsBack(it.returning(self.returned(&Scope::part(Itself)))),
            Change::LessThings(it) => {
                Change::LessThingsBack(it.returning(self.returned(&Scope::thing(Itself))))
            }
            Change::LessParts(it) => Change::LessPartsBack(it.returning(self.returned(&Scope::part(Itself)))),
            Change::Insert(it) => Change::InsertBack(it.returning(self.returned(&Scope::part(Itself)))),
            Change::Upsert(it) => Change::InsertBack(it.returning(self.returned(&Scope::thing(Itself)))),
            Change::UpsertPart(it) => Change::InsertBack(it.returning(self.returned(&Scope::part(Itself)))),
            back => back,
        }
    }

    fn returned(&mut self, s: &Scope) -> impl aludel_sql::Selectable<Shape = Rows> + use<> {
        let d = self.choices.pick(2);
        let names = self.labels;
        (
            self.int(s, d).label(names[0]),
            self.middle(s, 0).label(names[1]),
            self.text(s, d).label(names[2]),
            self.bool(s, d).nullable().label(names[3]),
            self.decimal(s, 0).label(names[4]),
            self.moment(s, 0).label(names[5]),
            self.real(s, 0).label(names[6]),
            self.day(s, 0).label(names[7]),
        )
    }

    /// Perhaps a table to join, whose rows may match one row of the changed table several times; and a condition.
    fn joined(&mut self, scope: &Scope, depth: usize) -> (Option<(Source, Expr<bool>)>, Expr<bool>) {
        let d = self.choices.pick(3);
        if self.choices.pick(3) != 2 {
            return (None, self.bool(scope, d));
        }
        let (source, more, _) = self.source(depth);
        let all = scope.clone().and(&more);
        let on = match self.choices.pick(3) {
            0 => more.ints[0].clone().eq(self.int(scope, 0)),
            1 => more.ints[0].clone().eq(self.int(scope, 0)).and(self.bool(&all, d)),
            _ => self.bool(&all, d),
        };
        (Some((source, on)), self.bool(&all, d))
    }

    fn update_of_things(&mut self, depth: usize) -> Update<Thing> {
        let scope = Scope::thing(Itself);
        let (it, scope) = self.updated(update(Thing), scope, depth);
        self.set_things(it, &scope)
    }

    fn updated<E: aludel_sql::Mapped>(
        &mut self,
        it: Update<E>,
        scope: Scope,
        depth: usize,
    ) -> (Update<E>, Scope) {
        if self.choices.pick(5) == 4 {
            // Each row finds one at most: otherwise the database may take the values of any.
            let (source, more, key) = if self.choices.pick(2) == 0 {
                let other = alias(Thing, self.name());
                (Source::Thing(other), Scope::thing(other), other.col(Thing::ID))
            } else {
                let other = alias(Part, self.name());
                (Source::Part(other), Scope::part(other), other.col(Part::ID))
            };
            let on = key.eq(self.int(&scope, 1));
            let scope = scope.and(&more);
            let d = self.choices.pick(3);
            return (it.join_on(source, on).filter(self.bool(&scope, d)), scope);
        }
        let (joined, condition) = self.joined(&scope, depth);
        let it = match joined {
            Some((source, on)) => it.join_on(source, on),
            None => it,
        };
        (it.filter(condition), scope)
    }

    fn set_things<T: Sets<Thing>>(&mut self, mut it: T, s: &Scope) -> T {
        let first = self.choices.pick(18);
        for n in 0..=self.choices.pick(3) {
            let d = self.choices.pick(3);
            it = match (first + n * 5) % 18 {
                0 => it.put(Thing::BIG, self.int(s, d)),
                1 => it.put(Thing::MIDDLE, self.middle(s, d)),
                2 => it.put(Thing::SMALL, func::coalesce(self.small(s, d), 4_i16)),
                3 => it.put(Thing::NAME, func::coalesce(self.text(s, d), "none")),
                4 => it.put(Thing::NICK, self.text(s, d)),
                5 => it.put(Thing::LONG, self.text(s, d)),
                6 => it.put(Thing::FLAG, func::coalesce(self.bool(s, d).nullable(), true)),
                7 => it.put(Thing::MAYBE, self.bool(s, d)),
                8 => it.put(Thing::RATIO, func::coalesce(self.real(s, d), 0.5)),
                9 => it.put(Thing::RATE, self.real(s, d)),
                10 => it.put(
                    Thing::PRICE,
                    func::coalesce(self.decimal(s, d), models::decimal(&mut self.choices)),
                ),
                11 => it.put(Thing::COST, self.decimal(s, d)),
                12 => it.put(Thing::UNTIL, self.day(s, d)),
                13 => it.put(Thing::SEEN, self.moment(s, d)),
                14 => it.put(Thing::BYTES, self.bytes(s, d)),
                15 => it.put(Thing::UUID, self.uuid(s, d)),
                // What may be NULL is an error if it is.
                16 => it.put(Thing::DAY, self.day(s, d)),
                _ => it.put(Thing::AT, self.moment(s, d)),
            };
        }
        it
    }

    fn update_of_parts(&mut self, depth: usize) -> Update<Part> {
        let (it, s) = self.updated(update(Part), Scope::part(Itself), depth);
        self.set_parts(it, &s)
    }

    fn set_parts<T: Sets<Part>>(&mut self, mut it: T, s: &Scope) -> T {
        let d = self.choices.pick(3);
        let what = self.choices.pick(5);
        if what != 1 {
            it = it.put(Part::THING_ID, self.int(s, d));
        }
        if what > 0 {
            it = it.put(Part::NUMBER, func::coalesce(self.middle(s, d), 9));
        }
        if what > 2 {
            it = it.put(Part::NOTE, Part::ID.cast::<String>().concat("/").concat(Part::NOTE));
        }
        it
    }

    /// A row of a table, and its key.
    fn keyed(&mut self) -> (Source, Scope, Expr<i64>) {
        if self.choices.pick(2) == 0 {
            let it: Alias<Thing> = alias(Thing, self.name());
            (Source::Thing(it), Scope::thing(it), it.col(Thing::ID))
        } else {
            let it: Alias<Part> = alias(Part, self.name());
            (Source::Part(it), Scope::part(it), it.col(Part::ID))
        }
    }

    fn insert_of_parts(&mut self) -> Change {
        let d = self.choices.pick(3);
        let (source, s, key) = self.keyed();
        let id = key + self.choices.of(&[1000_i64, 1000, 20]);
        let note = id.clone().cast::<String>().concat("n");
        let number = self.middle(&s, d);
        let number =
            if self.choices.pick(5) == 4 { number.type_coerce::<i32>() } else { func::coalesce(number, 3) };
        let (thing, condition) = (self.int(&s, d), self.bool(&s, d));
        let rows = select((id, thing, number, note)).select_from(source).filter(condition);
        let rows = if self.choices.pick(4) == 3 { rows.distinct() } else { rows };
        let columns = (Part::ID, Part::THING_ID, Part::NUMBER, Part::NOTE);
        let it = insert(Part).from_select(columns, rows);
        match self.choices.pick(5) {
            3 => Change::UpsertPart(it.or_do_nothing()),
            4 => Change::UpsertPart(it.on_conflict(Part::ID).do_nothing()),
            _ => Change::Insert(it),
        }
    }

    fn upsert(&mut self) -> Change {
        let on = if self.choices.pick(2) == 0 {
            let start = self.choices.of(&[13_i64, 1, 8]);
            let step = self.choices.of(&[1_i64, 2]);
            let rows: Vec<_> = (0..=self.choices.pick(4) as i64)
                .map(|n| models::thing(&mut self.choices, start + n * step))
                .collect();
            insert(Thing).values(rows).on_conflict(Thing::ID)
        } else {
            let d = self.choices.pick(3);
            let (source, s, key) = self.keyed();
            let rows = select((
                key + self.choices.of(&[0_i64, 7, 1000]),
                func::coalesce(self.small(&s, d), 3_i16),
                func::coalesce(self.text(&s, d), "?"),
                func::coalesce(self.bool(&s, d).nullable(), false),
                func::coalesce(self.real(&s, d), 2.5),
                func::coalesce(self.decimal(&s, d), models::decimal(&mut self.choices)),
                func::coalesce(self.day(&s, d), models::day(&mut self.choices)),
                func::coalesce(self.moment(&s, d), models::moment(&mut self.choices)),
                self.int(&s, d),
                self.middle(&s, d),
                self.text(&s, d),
                self.bool(&s, d).nullable(),
                self.decimal(&s, d),
                self.moment(&s, d),
                self.day(&s, d),
                self.uuid(&s, d),
            ));
            let rows = rows.select_from(source).filter(self.bool(&s, d));
            let columns = (
                Thing::ID,
                Thing::SMALL,
                Thing::NAME,
                Thing::FLAG,
                Thing::RATIO,
                Thing::PRICE,
                Thing::DAY,
                Thing::AT,
                Thing::BIG,
                Thing::MIDDLE,
                Thing::LONG,
                Thing::MAYBE,
                Thing::COST,
                Thing::SEEN,
                Thing::UNTIL,
                Thing::UUID,
            );
            insert(Thing).from_select(columns, rows).on_conflict(Thing::ID)
        };
        if self.choices.pick(4) == 3 {
            return Change::Upsert(on.do_nothing());
        }
        // MariaDB writes some paths into documents with a query, in which it does not know the new row.
        let new = Scope { documents: Vec::new(), ..Scope::thing(Excluded) };
        let scope = Scope::thing(Itself).and(&new);
        let condition = self.choices.maybe(|_| ()).is_none().then(|| {
            let d = self.choices.pick(3);
            self.bool(&scope, d)
        });
        Change::Upsert(on.do_update(|row| {
            let row = self.set_things(row, &scope);
            match condition {
                Some(condition) => row.filter(condition),
                None => row,
            }
        }))
    }
}

/// What sets columns: an UPDATE, or an upsert for a row that is there.
trait Sets<E> {
    fn put<T: ColumnType, U: ColumnType<Base = T::Base>>(self, column: Column<E, T>, value: Expr<U>) -> Self;
}

impl<E: aludel_sql::Mapped> Sets<E> for Update<E> {
    fn put<T: ColumnType, U: ColumnType<Base = T::Base>>(self, column: Column<E, T>, value: Expr<U>) -> Self {
        self.set(column, value)
    }
}

impl<E: aludel_sql::Mapped> Sets<E> for aludel_sql::DoUpdate<E> {
    fn put<T: ColumnType, U: ColumnType<Base = T::Base>>(self, column: Column<E, T>, value: Expr<U>) -> Self {
        self.set(column, value)
    }
}
