//! Dates and times of the `time` crate, beside those of chrono.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

#[derive(Entity, Debug)]
#[entity(table = "meetings")]
pub struct Meeting {
    #[column(primary_key)]
    pub id: i64,
    pub at: OffsetDateTime,
    pub day: Date,
    pub clock: Option<Time>,
    pub length: Duration,
}

/// The same rows with the types of the other crate.
#[derive(Entity, Debug)]
#[entity(table = "meetings")]
pub struct Again {
    #[column(primary_key)]
    pub id: i64,
    pub at: chrono::DateTime<chrono::Utc>,
    pub day: chrono::NaiveDate,
    pub clock: Option<chrono::NaiveTime>,
    pub length: chrono::TimeDelta,
}

fn day(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day).unwrap()
}

on_each_database! {
    async fn an_instant_is_the_same_whatever_the_offset_and_the_crate(db: Db) {
        db.create(&Metadata::of((Meeting,))).await?;
        let mut session = db.session();
        let instants = [
            OffsetDateTime::UNIX_EPOCH,
            day(1, Month::January, 1).with_time(Time::MIDNIGHT).assume_utc(),
            day(9999, Month::December, 31).with_time(Time::from_hms_micro(23, 59, 59, 999_999).unwrap()).assume_utc(),
            // Before 1970, and a part of a microsecond: the microsecond that it lies in.
            OffsetDateTime::from_unix_timestamp_nanos(-1).unwrap().to_offset(UtcOffset::from_hms(5, 30, 0).unwrap()),
        ];
        for at in instants {
            session.add(
                Meeting::builder()
                    .at(at)
                    .day(at.to_offset(UtcOffset::UTC).date())
                    .clock(at.to_offset(UtcOffset::UTC).time())
                    .length(Duration::microseconds(-1)),
            );
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let found = conn.scalars(select(Meeting).order_by(Meeting::ID)).all().await?;
        let again = conn.scalars(select(Again).order_by(Again::ID)).all().await?;
        for ((found, again), sent) in found.iter().zip(&again).zip(instants) {
            let micros = sent.unix_timestamp_nanos().div_euclid(1_000);
            assert_eq!(found.at.unix_timestamp_nanos(), micros * 1_000);
            assert_eq!(i128::from(again.at.timestamp_micros()), micros);
            assert_eq!((found.day, found.length), (sent.to_offset(UtcOffset::UTC).date(), Duration::microseconds(-1)));
            assert_eq!(again.day.to_string()[..4], format!("{:04}", found.day.year()));
            assert_eq!(again.clock.unwrap().to_string().len() > 7, found.clock.is_some());
        }
        let late = select(Meeting::ID).filter(Meeting::AT.gt(instants[0])).order_by(Meeting::ID);
        assert_eq!(conn.scalars(late).all().await?, [3]);
    }

    #[except(postgres, "it has years before Christ")]
    async fn a_year_that_the_database_cannot_keep_is_refused(db: Db) {
        db.create(&Metadata::of((Meeting,))).await?;
        let mut session = db.session();
        let early = day(-1, Month::January, 1);
        session.add(
            Meeting::builder().at(OffsetDateTime::UNIX_EPOCH).day(early).length(Duration::ZERO),
        );
        refused(session.commit().await, ErrorKind::Encode);
    }
}
