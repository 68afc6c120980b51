//! Any cell, read as any type: a value that is sent as it was read, or an error that says what was expected.

use aludel::{ColumnType, DbEnum, Deferred, Json, Sensitive, Value};
use bigdecimal::BigDecimal;
use proptest::prelude::*;
use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, DbEnum)]
enum Genre {
    Poetry,
    Prose,
}

/// Texts as databases and other programs write them, and what comes near.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?Z?",
        "[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,9})?",
        "[-+]?[0-9]{0,30}(\\.[0-9]{0,30})?(e-?[0-9]{1,9})?",
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "[\\[\\]{}\":,0-9a-z. ]{0,12}",
        Just("[".repeat(10_000)),
        Just("poetry".to_owned()),
        any::<String>(),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let edges = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(i64::MAX - 1), Just(1 << 53), -2..3_i64];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        edges.clone().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Real),
        prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(f64::MAX)].prop_map(Value::Real),
        text().prop_map(Value::Decimal),
        text().prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::Blob),
        any::<i64>().prop_map(Value::Timestamp),
        edges.clone().prop_map(Value::Timestamp),
        any::<i32>().prop_map(Value::Date),
        any::<i64>().prop_map(Value::Time),
        (-1..86_400_000_001_i64).prop_map(Value::Time),
        any::<[u8; 16]>().prop_map(Value::Uuid),
    ]
}

fn cell() -> impl Strategy<Value = Value> {
    prop_oneof![8 => scalar(), 1 => proptest::collection::vec(scalar(), 0..4).prop_map(Value::List)]
}

fn reads<T: ColumnType>(cell: &Value) -> Result<(), TestCaseError> {
    let name = std::any::type_name::<T>();
    match T::decode(cell.as_ref()) {
        Ok(read) => {
            let sent = read.encode().into_value();
            let again = T::decode(sent.as_ref());
            let same = again.as_ref().is_ok_and(|again| again.same(&read));
            prop_assert!(
                same || matches!(sent, Value::Refused(_)),
                "{}: {:?} is sent as {:?}",
                name,
                cell,
                sent
            );
        }
        Err(mismatch) => prop_assert!(!mismatch.reason().is_empty(), "{}: {:?}", name, cell),
    }
    Ok(())
}

macro_rules! every_type {
    ($cell:expr, $($type:ty),* $(,)?) => {
        $(
            reads::<$type>($cell)?;
            reads::<Option<$type>>($cell)?;
        )*
    };
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if aludel_testing::long() { 200_000 } else { 3_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_cell_is_read_as_what_is_sent_back_the_same_or_is_an_error(cell in cell()) {
        every_type!(
            &cell, bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, String, Vec<u8>, Genre,
            BigDecimal, Decimal, uuid::Uuid, std::time::Duration,
            chrono::DateTime<chrono::Utc>, chrono::NaiveDate, chrono::NaiveTime, chrono::TimeDelta,
            time::OffsetDateTime, time::Date, time::Time, time::Duration,
            Json<serde_json::Value>, Json<Vec<i64>>,
            Vec<bool>, Vec<i64>, Vec<f64>, Vec<String>, Vec<Vec<u8>>, Vec<Option<Decimal>>, Vec<uuid::Uuid>,
        );
        reads::<Sensitive<String>>(&cell)?;
        reads::<Deferred<String>>(&cell)?;
    }
}
