//! Decimals: the digits that are stored come back, and databases calculate with them exactly.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use bigdecimal::BigDecimal;
use rust_decimal::Decimal;

#[derive(Entity, Debug)]
#[entity(table = "items")]
pub struct Item {
    #[column(primary_key)]
    pub id: i64,
    #[column(precision = 10, scale = 2)]
    pub price: Decimal,
    #[column(precision = 18, scale = 4)]
    pub weight: Option<Decimal>,
    #[column(precision = 18, scale = 6)]
    pub exact: Option<BigDecimal>,
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Items with these prices; the weight of each is its price with four digits.
async fn items(db: &Db, prices: &[&str]) -> aludel::Result<()> {
    db.create(&Metadata::of((Item,))).await?;
    let mut session = db.session();
    for price in prices {
        session.add(Item::builder().price(decimal(price)).weight(decimal(price) / Decimal::from(4)));
    }
    session.commit().await
}

async fn matching(db: &Db, condition: Expr<bool>) -> aludel::Result<Vec<String>> {
    let mut conn = db.engine.connect().await?;
    let prices: Vec<Decimal> =
        conn.scalars(select(Item::PRICE).filter(condition).order_by(Item::PRICE)).all().await?;
    Ok(prices.iter().map(ToString::to_string).collect())
}

on_each_database! {
    async fn every_digit_comes_back(db: Db) {
        let prices = ["99999999.99", "-99999999.99", "0.01", "-0.01", "0", "12.5"];
        items(&db, &prices).await?;
        let mut session = db.session();
        let found = session.scalars(select(Item).order_by(Item::ID)).all().await?;
        for (item, price) in found.into_iter().zip(prices) {
            assert_eq!(session[item].price, decimal(price));
            assert_eq!(session[item].price.scale(), 2, "with all the digits of the column");
            session[item].price += Decimal::ONE_HUNDRED / Decimal::from(1000);
        }
        let refused = refused(session.commit().await, ErrorKind::Encode);
        assert!(refused.to_string().contains("9 digits before the point"), "{refused}");
    }

    async fn changed_decimals_are_written_one_by_one_and_together(db: Db) {
        items(&db, &["1.10", "2.20", "3.30"]).await?;
        let mut session = db.session();
        for item in session.scalars(select(Item)).all_mut().await? {
            item.price = -item.price;
            item.weight = None;
        }
        session.commit().await?;
        assert_eq!(matching(&db, Item::WEIGHT.is_null()).await?, ["-3.30", "-2.20", "-1.10"]);
    }

    async fn comparisons_see_every_digit(db: Db) {
        items(&db, &["0.10", "0.30", "1.55", "1.56"]).await?;
        // As floating point numbers 0.1 + 0.2 is not 0.3.
        assert_eq!(matching(&db, (Item::PRICE + decimal("0.2")).eq(decimal("0.3"))).await?, ["0.10"]);
        assert_eq!(matching(&db, Item::PRICE.eq(decimal("1.550"))).await?, ["1.55"]);
        assert_eq!(matching(&db, Item::PRICE.eq(decimal("1.555"))).await?, [""; 0]);
        assert_eq!(matching(&db, Item::PRICE.gt(decimal("1.555"))).await?, ["1.56"]);
        assert_eq!(matching(&db, Item::PRICE.in_([decimal("0.3"), decimal("1.555"), decimal("1.56")])).await?, ["0.30", "1.56"]);
        // A column of two digits beside one of four.
        assert_eq!(matching(&db, Item::PRICE.gt(Item::WEIGHT) & Item::PRICE.lt(decimal("1"))).await?, ["0.10", "0.30"]);
        assert_eq!(matching(&db, (Item::WEIGHT * decimal("4")).eq(Item::PRICE)).await?.len(), 4);
    }

    async fn sums_and_differences_are_exact(db: Db) {
        items(&db, &["0.10", "0.20", "-0.30", "92233720.36"]).await?;
        let mut conn = db.engine.connect().await?;
        let (sum, least, greatest, average) = conn
            .execute(select((func::sum(Item::PRICE), func::min(Item::PRICE), func::max(Item::WEIGHT), func::avg(Item::PRICE))))
            .one()
            .await?;
        assert_eq!(sum.unwrap().to_string(), "92233720.36");
        assert_eq!(least, Some(decimal("-0.3")));
        assert_eq!(greatest, Some(decimal("23058430.09")));
        assert!((average.unwrap() - 23_058_430.09).abs() < 1e-6);
        let differences: Vec<Decimal> = conn
            .scalars(select(Item::PRICE - func::coalesce(Item::WEIGHT, Decimal::ZERO)).order_by(Item::ID))
            .all()
            .await?;
        assert_eq!(differences[0].to_string(), "0.0750");
        let products: Vec<Decimal> =
            conn.scalars(select(Item::PRICE * Item::PRICE * decimal("0.1")).order_by(Item::ID).limit(3)).all().await?;
        assert_eq!(products[1].to_string(), "0.00400");
        assert_eq!(products[2], decimal("0.009"));
    }

    async fn statements_within_statements_give_decimals(db: Db) {
        items(&db, &["1.50", "2.50", "3.50"]).await?;
        let heaviest = select(func::max(Item::WEIGHT)).scalar_subquery();
        assert_eq!(matching(&db, Item::PRICE.gt(heaviest * decimal("4") - decimal("1.5"))).await?, ["2.50", "3.50"]);
        let weights = select(Item::WEIGHT * decimal("4.0"));
        assert_eq!(matching(&db, Item::WEIGHT.is_not_null() & func::coalesce(Item::PRICE, Decimal::ZERO).in_(select(Item::PRICE))).await?.len(), 3);
        assert_eq!(matching(&db, Item::PRICE.nullable().in_(weights)).await?.len(), 3);

        let tenth = (Item::PRICE * decimal("0.1")).label("tenth");
        let tenths = select(tenth.clone()).subquery("tenths");
        let mut conn = db.engine.connect().await?;
        let stmt = select(tenths.col(&tenth)).select_from(&tenths).filter(tenths.col(&tenth).gt(decimal("0.2")));
        let found: Vec<Decimal> = conn.scalars(stmt).all().await?;
        assert_eq!(found.len(), 2);
        assert!(found.contains(&decimal("0.25")), "{found:?}");
    }

    async fn decimals_are_streamed(db: Db) {
        items(&db, &["1.50", "2.50", "3.50"]).await?;
        let mut conn = db.engine.connect().await?;
        let mut stream = conn.scalars(select(Item::PRICE).order_by(Item::ID)).stream();
        let mut found = Vec::new();
        while let Some(price) = stream.next().await? {
            found.push(price.to_string());
        }
        assert_eq!(found, ["1.50", "2.50", "3.50"]);
    }

    async fn what_is_assigned_is_rounded_half_away_from_zero(db: Db) {
        items(&db, &["0.05", "-0.05", "0.04"]).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(update(Item).set(Item::PRICE, Item::PRICE * decimal("0.1"))).await?;
        assert_eq!(matching(&db, Item::ID.gt(0)).await?, ["-0.01", "0.00", "0.01"]);
        conn.execute(update(Item).set(Item::PRICE, decimal("7.5"))).await?;
        assert_eq!(matching(&db, Item::PRICE.eq(decimal("7.5"))).await?.len(), 3);
    }

    async fn a_branch_of_a_case_may_have_more_digits_than_another(db: Db) {
        items(&db, &["1.25", "3.00"]).await?;
        let mut conn = db.engine.connect().await?;
        let dear = case().when(Item::PRICE.gt(decimal("2")), Item::PRICE).else_(decimal("0.125"));
        let values: Vec<Decimal> = conn.scalars(select(dear).order_by(Item::ID)).all().await?;
        assert_eq!(values, [decimal("0.125"), decimal("3")]);
    }

    async fn a_decimal_that_its_column_would_round_is_refused_before_it_is_sent(db: Db) {
        items(&db, &[]).await?;
        let mut session = db.session();
        session.add(Item::builder().price(decimal("0.005")));
        let error = refused(session.commit().await, ErrorKind::Encode);
        assert!(error.to_string().contains("3 digits behind the point, its column keeps 2"), "{error}");
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.execute(update(Item).set(Item::PRICE, decimal("0.005"))).await, ErrorKind::Encode);
        assert!(error.to_string().contains("its column keeps 2"), "{error}");
    }

    async fn numbers_of_any_length_keep_their_digits_or_are_refused(db: Db) {
        items(&db, &[]).await?;
        let number: BigDecimal = "-123456789012.000001".parse().unwrap();
        let mut session = db.session();
        session.add(Item::builder().price(Decimal::ONE).exact(number.clone()));
        session.commit().await?;
        let mut other = db.session();
        let item = other.get_one::<Item>(1).await?;
        assert_eq!(other[item].exact, Some(number));
        other[item].exact = Some("1e1000000000".parse().unwrap());
        refused(other.commit().await, ErrorKind::Encode);
    }

    #[only(postgres, "only it has decimals of any length")]
    async fn a_decimal_without_precision_keeps_a_thousand_digits(db: Db) {
        let digits = format!("{}.{}", "7".repeat(500), "3".repeat(500));
        let mut conn = db.engine.connect().await?;
        let number: BigDecimal = digits.parse().unwrap();
        let row = conn.execute(text!("SELECT :number AS it, 'NaN'::numeric = 'NaN' AS same", number = number.clone())).one().await?;
        assert_eq!(row.get::<BigDecimal>("it")?, number);
        let error = row.get::<Decimal>("it").unwrap_err().to_string();
        assert!(error.contains("more digits than"), "{error}");
        let error = refused(conn.execute(text!("SELECT 'NaN'::numeric")).all().await, ErrorKind::Decode);
        assert!(error.to_string().contains("NaN or infinite"), "{error}");
    }

    #[only(sqlite, "the others have room for more than 18 digits")]
    async fn a_product_of_too_many_digits_is_an_error_and_never_a_rounded_number(db: Db) {
        items(&db, &["99999999.99"]).await?;
        let mut conn = db.engine.connect().await?;
        let product = select(Item::PRICE * Item::PRICE * decimal("0.1"));
        refused(conn.scalars(product).all().await, ErrorKind::Decode);
    }

    #[only(sqlite, "only there a decimal is an integer")]
    async fn an_integer_of_unknown_scale_is_never_taken_for_a_decimal(db: Db) {
        items(&db, &["12.50"]).await?;
        let mut conn = db.engine.connect().await?;
        let row = conn.execute(text!("SELECT price FROM items")).one().await?;
        assert_eq!(row.get::<i64>("price")?, 1250);
        let error = row.get::<Decimal>("price").unwrap_err();
        assert!(error.to_string().contains("expected a decimal number, found an integer"), "{error}");
        let by_hand = text!("SELECT id FROM items WHERE price = :price", price = decimal("12.5"));
        let error = refused(conn.execute(by_hand).all().await, ErrorKind::Encode);
        assert!(error.to_string().contains("the digits behind its point are not known"), "{error}");
        let unknown = func::call::<Decimal>("abs", [Item::PRICE.into_node()]);
        refused(conn.scalars(select(Item).filter(Item::PRICE.gt(unknown))).all().await, ErrorKind::Unsupported);
    }
}
