//! Many rows are found by the index of their key, whatever its type: a comparison that converts the column would read the whole table
//! for each of them.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

const ROWS: u32 = 400;

/// How many rows the session's connection has read so far, one behind the other.
async fn rows_read(session: &mut Session) -> aludel::Result<i64> {
    let status = "SELECT cast(sum(variable_value) AS SIGNED) AS rows_read FROM information_schema.session_status \
         WHERE variable_name IN ('HANDLER_READ_RND_NEXT', 'HANDLER_READ_NEXT')";
    session.execute(text_unchecked(status.to_owned())).one().await?.get("rows_read")
}

macro_rules! key_types {
    ($($name:ident: $key:ty { $($attribute:tt)* } = $value:expr;)*) => {$(
        mod $name {
            use super::*;

            #[derive(Entity, Debug)]
            #[entity(table = "owners")]
            pub struct Owner {
                #[column(primary_key, $($attribute)*)]
                pub key: $key,
                pub rank: i32,
                #[relation(back_populates = Item::OWNER, passive_deletes)]
                pub items: HasMany<Item>,
            }

            #[derive(Entity, Debug)]
            #[entity(table = "items")]
            pub struct Item {
                #[column(primary_key)]
                pub id: i64,
                #[column(foreign_key = Owner::KEY, on_delete = "cascade", index, $($attribute)*)]
                pub owner_key: $key,
                #[relation(back_populates = Owner::ITEMS)]
                pub owner: BelongsTo<Owner>,
            }

            async fn filled(db: &Db) -> aludel::Result<Vec<$key>> {
                db.create(&Metadata::of((Owner, Item))).await?;
                let key: fn(u32) -> $key = $value;
                let mut session = db.session();
                for number in 0..ROWS {
                    session.add(Owner::builder().key(key(number)).rank(0).items([Item::builder()]));
                }
                session.commit().await?;
                Ok((0..ROWS).map(key).collect())
            }

            on_each_database! {
                #[only(mariadb, "it alone counts what it reads for one connection")]
                async fn changes_loads_and_deletes_read_each_row_once(db: Db) {
                    filled(&db).await?;
                    let mut session = db.session();
                    session.execute(text!("ANALYZE TABLE owners, items")).all().await?;
                    let owners = session.scalars(select(Owner)).all().await?;
                    let before = rows_read(&mut session).await?;
                    for owner in &owners {
                        session[*owner].rank += 1;
                    }
                    session.flush().await?;
                    session.load_all(owners.iter().copied(), Owner::ITEMS).await?;
                    for owner in &owners {
                        session.delete(*owner);
                    }
                    session.flush().await?;
                    let read = rows_read(&mut session).await? - before;
                    // A table is read as a whole where that takes less than to look for all of its rows.
                    assert!(read < 10 * i64::from(ROWS), "{read} rows were read");
                }

                async fn a_list_of_keys_is_looked_for_by_the_index(db: Db) {
                    let keys = filled(&db).await?;
                    let mut session = db.session();
                    let update = db.pick("ANALYZE", "ANALYZE", "ANALYZE TABLE owners, items");
                    session.execute(text_unchecked(update.to_owned())).all().await?;
                    if let Some(setting) = db.pick(None, Some("SET enable_seqscan = off"), None) {
                        session.execute(text_unchecked(setting.to_owned())).all().await?;
                    }
                    let few = keys.into_iter().take(3);
                    let plan = session.explain(&select(Item).filter(Item::OWNER_KEY.in_(few))).await?;
                    let by_index = db.pick("SEARCH items USING", "Index Cond", "range");
                    assert!(plan.contains(by_index), "{plan}");
                }
            }
        }
    )*};
}

key_types! {
    integers: i32 { } = |it| it as i32 + 1;
    texts: String { length = 40 } = |it| format!("key {it}");
    uuids: Uuid { } = |it| Uuid::from_u128(u128::from(it) << 64);
    dates: NaiveDate { } = |it| NaiveDate::from_num_days_from_ce_opt(730_000 + it as i32).expect("a date");
    timestamps: DateTime<Utc> { } = |it| DateTime::from_timestamp(i64::from(it), 0).expect("a time");
    decimals: Decimal { precision = 12, scale = 3 } = |it| Decimal::new(i64::from(it), 3);
}
