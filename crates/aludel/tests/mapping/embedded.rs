//! `#[embedded]`: groups of columns, as mixins and as values of several columns.

use std::sync::atomic::{AtomicI64, Ordering};

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

/// Another number at each call.
fn tick() -> i64 {
    static TICKS: AtomicI64 = AtomicI64::new(1);
    TICKS.fetch_add(1, Ordering::Relaxed)
}

fn is_a_place(city: &str) -> Result<(), &'static str> {
    if city.is_empty() { Err("it is empty") } else { Ok(()) }
}

#[derive(Columns, Clone, Debug, PartialEq)]
pub struct Stamps {
    #[column(default = 7)]
    pub made: i64,
    #[column(onupdate = tick())]
    pub changed: Option<i64>,
    #[column(server_default = 5)]
    pub rank: i32,
    #[column(version)]
    pub version: i32,
}

#[derive(Columns, Clone, Debug, PartialEq)]
pub struct Address {
    #[column(length = 50)]
    pub street: String,
    #[column(length = 50, validate = is_a_place)]
    pub city: String,
}

#[derive(Entity, Debug)]
#[entity(table = "shops")]
pub struct Shop {
    #[embedded]
    pub stamps: Stamps,
    #[column(primary_key)]
    pub id: i64,
    #[embedded]
    pub address: Address,
    #[embedded(prefix = "billing_")]
    pub billing: Address,
    #[column(length = 50)]
    pub name: String,
}

fn address(street: &str, city: &str) -> Address {
    Address { street: street.into(), city: city.into() }
}

async fn shop(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Shop,))).await?;
    let mut session = db.session();
    let (address, billing) = (address("Mill Lane", "York"), address("Quay", "Hull"));
    session.add(Shop::builder().name("Books").address(address).billing(billing));
    session.commit().await
}

on_each_database! {
    async fn the_columns_of_a_group_are_columns_of_the_table(db: Db) {
        shop(&db).await?;
        let names = Shop::table().columns.into_iter().map(|it| it.name).collect::<Vec<_>>();
        let of_groups = ["made", "changed", "rank", "version", "street", "city", "billing_street", "billing_city"];
        assert_eq!(names, ["id", "name"].into_iter().chain(of_groups).collect::<Vec<_>>());
        let mut session = db.session();
        let of_hull = select(Shop).filter(Shop::BILLING.city.eq("Hull") & Shop::STAMPS.rank.eq(5)).order_by(Shop::ADDRESS.street);
        let shop = session.scalars(of_hull).one().await?;
        assert_eq!(session[shop].stamps, Stamps { made: 7, changed: None, rank: 5, version: 1 });
        assert_eq!((&session[shop].address, &session[shop].billing), (&address("Mill Lane", "York"), &address("Quay", "Hull")));
        assert!(format!("{:?}", session[shop]).contains("billing: Address { street: \"Quay\""));
        let mut conn = db.engine.connect().await?;
        assert_eq!(conn.scalars(select(Shop::ADDRESS.city)).all().await?, ["York"]);
        assert_eq!(conn.scalars(select(Shop)).one().await?.billing.city, "Hull");
        let rows = conn.scalars(select_as::<ShopOut>()).all().await?;
        assert_eq!((rows[0].name.as_str(), rows[0].city.as_str()), ("Books", "Hull"));
    }

    async fn only_the_changed_columns_of_a_group_are_sent(db: Db) {
        shop(&db).await?;
        let mut session = db.session();
        let shop = session.get_one::<Shop>(1).await?;
        session[shop].billing.city = "Leeds".into();
        let city = session.history(shop, Shop::BILLING.city);
        assert_eq!((city.added, city.deleted), (vec!["Leeds".to_owned()], vec!["Hull".to_owned()]));
        assert!(!session.history(shop, Shop::BILLING.street).has_changes());
        let sent = log(async { session.commit().await });
        assert_eq!(sent.await?, ["UPDATE shops SET changed, version, billing_city"]);
        assert_eq!(session[shop].stamps.version, 2);
        assert!(session[shop].stamps.changed.is_some());
        session[shop].address.city.clear();
        refused(session.commit().await, ErrorKind::Validation);
        session.rollback().await?;
        assert_eq!(session[shop].address.city, "York");
    }

    async fn a_group_can_be_given_and_replaced_as_a_whole(db: Db) {
        shop(&db).await?;
        let mut session = db.session();
        let stamps = Stamps { made: 1, changed: Some(2), rank: 0, version: 3 };
        let new = Shop::builder().stamps(stamps).name("Tea").address(address("a", "b")).billing(address("c", "d"));
        let shop = session.insert(new).await?;
        assert_eq!(session[shop].stamps, Stamps { made: 1, changed: Some(2), rank: 5, version: 3 });
        session[shop].address = address("a", "e");
        let sent = log(async { session.commit().await });
        assert_eq!(sent.await?, ["UPDATE shops SET changed, version, city"]);
        let mut conn = db.engine.connect().await?;
        conn.execute(update(Shop).filter(Shop::ADDRESS.city.eq("e")).set(Shop::ADDRESS.city, "f")).await?;
        assert_eq!(conn.scalars(select(Shop::STAMPS.version).order_by(Shop::ID)).all().await?, [1, 5]);
    }

    async fn a_group_is_taken_back_and_read_anew_column_by_column(db: Db) {
        shop(&db).await?;
        let mut session = db.session();
        let shop = session.get_one::<Shop>(1).await?;
        session[shop].billing.city = "Leeds".into();
        let mut nested = session.begin_nested().await?;
        nested[shop].billing = address("Pier", "Goole");
        nested[shop].address.city = "Ripon".into();
        nested.flush().await?;
        nested.rollback().await?;
        assert_eq!((&session[shop].address, &session[shop].billing), (&address("Mill Lane", "York"), &address("Quay", "Leeds")));
        session.commit().await?;
        session[shop].billing = address("Pier", "Goole");
        session.no_autoflush().refresh(shop).only(Shop::BILLING.city).await?;
        assert_eq!(session[shop].billing, address("Pier", "Leeds"));
    }
}

#[derive(Projection)]
#[projection(Shop)]
struct ShopOut {
    name: String,
    #[projection(expr = Shop::BILLING.city)]
    city: String,
}
