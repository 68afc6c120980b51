//! The statements of `statements.py`, in Aludel; the names are the same, line for line.

use aludel::prelude::*;
use aludel::{Collation, Window};
use aludel_suite::{Db, on_each_database};
use chrono::NaiveDate;

use crate::answers::Answers;
use crate::models::*;

/// Asks each statement, and compares its rows with SQLAlchemy's.
macro_rules! ask {
    ($db:ident, $group:literal: $($name:literal => $statement:expr,)+) => {{
        let mut conn = shop(&$db).await?;
        let mut answers = Answers::of($group);
        $(answers.compare($name, conn.execute($statement).all().await);)+
        answers.finish();
    }};
}

/// Runs each change, compares the rows of its table with SQLAlchemy's, and takes it back.
macro_rules! change {
    ($db:ident, $group:literal: $($name:literal => $statement:expr, $table:expr;)+) => {{
        let mut conn = shop(&$db).await?;
        let mut answers = Answers::of($group);
        $({
            let mut tx = conn.begin().await?;
            let rows = match tx.execute($statement).await {
                Ok(_) => tx.execute($table).all().await,
                Err(error) => Err(error),
            };
            answers.compare($name, rows);
            tx.rollback().await?;
        })+
        answers.finish();
    }};
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn by_album() -> Window {
    window().partition_by(Track::ALBUM_ID).order_by(Track::ID)
}

fn milliseconds() -> Column<Track, i64> {
    Track::MILLISECONDS
}

on_each_database! {
    async fn select_(db: Db) {
        ask! { db, "select":
            "two columns" => select((Book::ID, Book::TITLE)).order_by(Book::ID),
            "all columns" => select((Book::ID, Book::TITLE, Book::YEAR, Book::RATING, Book::AUTHOR_ID)).order_by(Book::ID),
            "equal" => select(Book::ID).filter(Book::AUTHOR_ID.eq(3)).order_by(Book::ID),
            "not equal" => select(Book::ID).filter(Book::AUTHOR_ID.ne(3)).order_by(Book::ID),
            "less" => select(Book::ID).filter(Book::YEAR.lt(1900)).order_by(Book::ID),
            "at most" => select(Book::ID).filter(Book::RATING.le(5.5)).order_by(Book::ID),
            "between" => select(Book::ID).filter(Book::YEAR.between(1850, 1950)).order_by(Book::ID),
            "is null" => select(Book::ID).filter(Book::RATING.is_null()).order_by(Book::ID),
            "equal to none" => select(Track::ID).filter(Track::COMPOSER.eq(None)).order_by(Track::ID),
            "is not null" => select((Book::ID, Book::RATING)).filter(Book::RATING.is_not_null()).order_by(Book::ID),
            "and" => select(Track::ID).filter(Track::CENTS.eq(99)).filter(milliseconds().gt(200_000)).order_by(Track::ID),
            "or" => select(Track::ID).filter(Track::GENRE_ID.eq(1).or(Track::COMPOSER.is_null())).order_by(Track::ID),
            "and within or" => select(Track::ID).filter(Track::GENRE_ID.eq(1) & Track::CENTS.eq(99) | Track::ID.lt(5)).order_by(Track::ID),
            "or within and" => select(Track::ID).filter((Track::GENRE_ID.eq(1) | Track::GENRE_ID.eq(2)) & Track::CENTS.eq(199)).order_by(Track::ID),
            "not" => select(Track::ID).filter(not_(Track::GENRE_ID.eq(1) | Track::CENTS.eq(99))).order_by(Track::ID),
            "a truth value" => select(Customer::ID).filter(Customer::ACTIVE).order_by(Customer::ID),
            "no truth value" => select((Customer::ID, Customer::ACTIVE)).filter(!Customer::ACTIVE).order_by(Customer::ID),
            "in" => select(Track::NAME).filter(Track::ID.in_([3, 5, 500, 7])).order_by(Track::ID),
            "not in" => select(Genre::NAME).filter(Genre::ID.not_in([1, 2])).order_by(Genre::ID),
            "in nothing" => select(Genre::NAME).filter(Genre::ID.in_(Vec::<i64>::new())).order_by(Genre::ID),
            "not in nothing" => select(Genre::NAME).filter(Genre::ID.not_in(Vec::<i64>::new())).order_by(Genre::ID),
            "distinct from" => select(Track::ID).filter(Track::GENRE_ID.is_distinct_from(1)).order_by(Track::ID),
            "not distinct from" => select(Track::ID).filter(Track::GENRE_ID.is_not_distinct_from(Track::ALBUM_ID)).order_by(Track::ID),
            "two columns compared" => select(Track::ID).filter(Track::GENRE_ID.gt(Track::ALBUM_ID)).order_by(Track::ID),
            "descending" => select(Book::TITLE).order_by((Book::YEAR.desc(), Book::ID)),
            "several keys" => select(Track::ID).order_by((Track::CENTS, milliseconds().desc())),
            "null is least" => select(Book::ID).order_by((Book::RATING, Book::ID)),
            "null is least when descending" => select(Book::ID).order_by((Book::RATING.desc(), Book::ID)),
            "nulls last" => select(Book::ID).order_by((Book::RATING.asc().nulls_last(), Book::ID)),
            "nulls first" => select(Book::ID).order_by((Book::RATING.desc().nulls_first(), Book::ID)),
            "text by code point" => select(Track::NAME).order_by((Track::NAME, Track::ID)),
            "limit" => select(Track::ID).order_by(Track::ID).limit(7),
            "offset" => select(Track::ID).order_by(Track::ID).offset(110),
            "limit and offset" => select(Track::ID).order_by(Track::ID).limit(5).offset(20),
            "distinct" => select(Customer::COUNTRY).distinct().order_by(Customer::COUNTRY),
            "distinct pairs" => select((Track::GENRE_ID, Track::CENTS)).distinct().order_by((Track::GENRE_ID, Track::CENTS)),
            "order by label" => select((Book::ID, (Book::YEAR - 1800).label("age"))).order_by((desc("age"), Book::ID)),
        }
    }

    async fn expressions(db: Db) {
        ask! { db, "expressions":
            "sum" => select(Book::AUTHOR_ID + Book::YEAR.cast::<i64>()).order_by(Book::ID),
            "difference" => select(-(Book::YEAR - 2000)).order_by(Book::ID),
            "product" => select(Line::QUANTITY * Line::CENTS).order_by(Line::ID).limit(20),
            "remainder" => select((Book::YEAR % 7).nullable()).order_by(Book::ID),
            "negation" => select(-Book::YEAR).order_by(Book::ID),
            "nested" => select((Book::YEAR.cast::<i64>() - 1800_i64) * 2_i64 + Book::ID).order_by(Book::ID),
            "with null" => select(Track::GENRE_ID + 1_i64).order_by(Track::ID).limit(30),
            "concatenation" => select(Customer::FIRST_NAME.concat(" ").concat(Customer::LAST_NAME)).order_by(Customer::ID),
            "concatenation with null" => select(Customer::FIRST_NAME.concat(Customer::COMPANY).nullable()).order_by(Customer::ID),
            "like" => select(Track::NAME).filter(Track::NAME.like("%Night")).order_by(Track::ID),
            "like minds case" => select(Track::NAME).filter(Track::NAME.like("blue%")).order_by(Track::ID),
            "like one character" => select(Track::NAME).filter(Track::NAME.like("_lue %")).order_by(Track::ID),
            "ilike" => select(Track::NAME).filter(Track::NAME.ilike("BLUE%")).order_by(Track::ID),
            "contains a percent sign" => select(Track::NAME).filter(Track::NAME.contains("0%")).order_by(Track::ID),
            "starts with an underscore" => select(Track::NAME).filter(Track::NAME.contains("r_s")).order_by(Track::ID),
            "starts with" => select(Track::NAME).filter(Track::NAME.starts_with("O'N")).order_by(Track::ID),
            "ends with" => select(Track::NAME).filter(Track::NAME.ends_with("100%")).order_by(Track::ID),
            "length" => select(func::length(Track::NAME)).order_by(Track::ID).limit(20),
            "upper" => select(func::upper(Genre::NAME)).order_by(Genre::ID),
            "lower" => select(func::lower(Genre::NAME)).order_by(Genre::ID),
            "trim" => select(func::trim(literal(" ").concat(Genre::NAME).concat("  "))).order_by(Genre::ID),
            "substr" => select(func::substr(Track::NAME, 2, 4)).order_by(Track::ID).limit(20),
            "replace" => select(func::replace(Track::NAME, "e", "3")).order_by(Track::ID).limit(20),
            "coalesce" => select(func::coalesce(Track::COMPOSER, "nobody")).order_by(Track::ID),
            "nullif" => select(func::nullif(Track::CENTS, 99)).order_by(Track::ID).limit(20),
            "abs" => select(func::abs(Book::YEAR - 1900)).order_by(Book::ID),
            "case" => select(case().when(Book::YEAR.lt(1850), "old").when(Book::YEAR.lt(1950), "recent").else_("new")).order_by(Book::ID),
            "case without else" => select(case().when(Book::YEAR.lt(1850), Book::ID).end()).order_by(Book::ID),
            "case in order by" => select(Book::ID).order_by((case().when(Book::RATING.is_null(), 1).else_(0), Book::ID.desc())),
            "cast to text" => select(Book::YEAR.cast::<String>().concat("!")).order_by(Book::ID),
            "cast to float" => select((Book::YEAR.cast::<f64>() / 8.0).nullable()).order_by(Book::ID),
            "try a cast" => select(literal("42").try_cast_integer()),
            "year" => select(func::year(Invoice::DAY)).order_by(Invoice::ID),
            "month" => select(func::month(Invoice::DAY)).order_by(Invoice::ID),
            "day" => select(func::day(Invoice::DAY)).order_by(Invoice::ID),
            "a date" => select(Invoice::DAY.cast::<String>()).order_by((Invoice::DAY, Invoice::ID)).limit(10),
            "after a date" => select(Invoice::ID).filter(Invoice::DAY.ge(day("2021-06-01"))).order_by(Invoice::ID),
            "tuple in" => select(Track::ID).filter(tuple((Track::GENRE_ID, Track::CENTS)).in_([(1, 99), (2, 199)])).order_by(Track::ID),
            "tuple compared" => select(Track::ID).filter(tuple((Track::CENTS, Track::ID)).gt((99_i64, 100_i64))).order_by(Track::ID),
            "a truth value selected" => select(Book::YEAR.gt(1900)).order_by(Book::ID),
            "power" => select(func::pow(Book::RATING, 2.0)).order_by(Book::ID),
            "integer division" => select((-(Book::YEAR - 1900) / 7).nullable()).order_by(Book::ID),
            "left shift" => select(func::shift_left(Track::CENTS, 3)).order_by(Track::ID).limit(20),
            "right shift" => select(func::shift_right(-(Track::CENTS - 99), 2)).order_by(Track::ID).limit(20),
            "bits" => select((func::bit_and(Track::CENTS, 7), func::bit_or(Track::CENTS, 8), func::bit_not(Track::CENTS))).order_by(Track::ID).limit(20),
            "another operator" => select(Book::YEAR.op::<i32>("%", literal(100))).order_by(Book::ID),
            "contains, in any case" => select(Track::NAME).filter(Track::NAME.icontains("NIGHT")).order_by(Track::ID),
            "starts with, in any case" => select(Track::NAME).filter(Track::NAME.istarts_with("bLUE")).order_by(Track::ID),
            "ends with, in any case" => select(Track::NAME).filter(Track::NAME.iends_with("nIGHT")).order_by(Track::ID),
            "collated by code point" => select(Track::NAME).order_by((Track::NAME.collate(Collation::CodePoint).desc(), Track::ID)),
        }
    }

    async fn aggregates(db: Db) {
        let customers = || func::count_star().label("n");
        ask! { db, "aggregates":
            "count" => select(func::count_star()).select_from(Track),
            "count of a column" => select(func::count(Track::COMPOSER)),
            "count distinct" => select(func::count(Track::GENRE_ID).distinct()),
            "sum" => select(func::sum(milliseconds())),
            "sum of an expression" => select(func::sum(Line::QUANTITY * Line::CENTS)),
            "average" => select(func::avg(milliseconds())),
            "average of few" => select(func::avg(Book::RATING)),
            "least and greatest" => select((func::min(Book::YEAR), func::max(Book::TITLE))),
            "of no rows" => select((func::sum(Track::CENTS), func::max(Track::NAME), func::count_star())).filter(Track::ID.lt(0)),
            "grouped" => select((Track::GENRE_ID, func::count_star())).group_by(Track::GENRE_ID).order_by(Track::GENRE_ID),
            "grouped by two" => select((Track::GENRE_ID, Track::CENTS, func::count_star())).group_by((Track::GENRE_ID, Track::CENTS)).order_by((Track::GENRE_ID, Track::CENTS)),
            "grouped by an expression" => select(((Book::YEAR % 10).nullable(), func::count_star())).group_by(Book::YEAR % 10).order_by(Book::YEAR % 10),
            "having" => select((Track::ALBUM_ID, func::count_star())).group_by(Track::ALBUM_ID).having(func::count_star().gt(5_i64)).order_by(Track::ALBUM_ID),
            "having with a sum" => select(Invoice::CUSTOMER_ID).group_by(Invoice::CUSTOMER_ID).having(func::sum(Invoice::CENTS).gt(3000)).order_by(Invoice::CUSTOMER_ID),
            "ordered by an aggregate" => select((Customer::COUNTRY, customers())).group_by(Customer::COUNTRY).order_by((desc("n"), Customer::COUNTRY)),
            "ordered by the aggregate itself" => select(Track::ALBUM_ID).group_by(Track::ALBUM_ID).order_by(func::sum(milliseconds()).desc()).limit(3),
            "of some rows" => select((func::count_star().filter(Track::CENTS.eq(99)), func::sum(milliseconds()).filter(Track::GENRE_ID.eq(1)))),
            "of some rows per group" => select((Customer::COUNTRY, func::count_star().filter(Customer::ACTIVE))).group_by(Customer::COUNTRY).order_by(Customer::COUNTRY),
            "sum distinct" => select(func::sum(Track::CENTS).distinct()),
            "sum of a case" => select(func::sum(case().when(Track::CENTS.eq(99), 1).else_(0))),
            "text of a group" => select((Employee::TITLE, func::string_agg(Employee::NAME, ", ").aggregate_order_by(Employee::ID))).group_by(Employee::TITLE).order_by(Employee::TITLE),
            "year of dates grouped" => select((func::year(Invoice::DAY), func::sum(Invoice::CENTS))).group_by(func::year(Invoice::DAY)).order_by(func::year(Invoice::DAY)),
            "limited groups" => select((Track::GENRE_ID, func::max(milliseconds()))).filter(Track::GENRE_ID.is_not_null()).group_by(Track::GENRE_ID).order_by(Track::GENRE_ID.desc()).limit(2),
        }
    }

    async fn joins(db: Db) {
        let (boss, other) = (alias(Employee, "boss"), alias(Track, "other"));
        let (tracks, time) = (func::count_star().label("tracks"), func::sum(milliseconds()).label("time"));
        let per_album = select((Track::ALBUM_ID, tracks.clone(), time.clone())).group_by(Track::ALBUM_ID).subquery("per_album");
        let of_album = || per_album.col(Track::ALBUM_ID).eq(Album::ID);
        ask! { db, "joins":
            "to one" => select((Album::TITLE, Artist::NAME)).join(Album::ARTIST).order_by(Album::ID),
            "to many" => select((Artist::NAME, Album::TITLE)).join(Artist::ALBUMS).order_by(Album::ID),
            "three tables" => select((Track::NAME, Album::TITLE, Artist::NAME)).join(Track::ALBUM).join(Album::ARTIST).order_by(Track::ID).limit(15),
            "on a condition" => select((Track::NAME, Genre::NAME)).join_on(Genre, Track::GENRE_ID.eq(Genre::ID)).order_by(Track::ID),
            "on two conditions" => select((Track::ID, Line::ID)).join_on(Line, Line::TRACK_ID.eq(Track::ID) & Line::CENTS.ne(Track::CENTS)).order_by(Line::ID),
            "outer to many" => select((Artist::NAME, Album::TITLE.nullable())).outer_join(Artist::ALBUMS).order_by((Artist::ID, Album::ID)),
            "outer to one" => select((Track::ID, Genre::NAME.nullable())).outer_join(Track::GENRE).order_by(Track::ID),
            "without a partner" => select(Artist::NAME).outer_join(Artist::ALBUMS).filter(Album::ID.is_null()).order_by(Artist::ID),
            "outer with a condition" => select((Genre::NAME, Track::ID.nullable())).outer_join_on(Track, Track::GENRE_ID.eq(Genre::ID) & milliseconds().gt(400_000)).order_by((Genre::ID, Track::ID)),
            "many to many" => select((Playlist::NAME, Track::ID)).join(Playlist::TRACKS).order_by((Playlist::ID, Track::ID)),
            "many to many from the other side" => select((Track::ID, Playlist::ID)).join(Track::PLAYLISTS).filter(Track::CENTS.eq(199)).order_by((Track::ID, Playlist::ID)),
            "many to many, outer" => select((Playlist::NAME, Track::ID.nullable())).outer_join(Playlist::TRACKS).filter(Playlist::ID.gt(3)).order_by((Playlist::ID, Track::ID)),
            "with itself" => select((Employee::NAME, boss.col(Employee::NAME))).join(Employee::MANAGER.to(boss)).order_by(Employee::ID),
            "with itself, outer" => select((Employee::NAME, boss.col(Employee::NAME).nullable())).outer_join(Employee::MANAGER.to(boss)).order_by(Employee::ID),
            "with itself by a condition" => select((Track::ID, other.col(Track::ID))).join_on(other, other.col(Track::NAME).eq(Track::NAME) & other.col(Track::ID).gt(Track::ID)).order_by((Track::ID, other.col(Track::ID))),
            "filtered by the other table" => select(Invoice::ID).join(Invoice::CUSTOMER).filter(Customer::COUNTRY.eq("Norway")).order_by(Invoice::ID),
            "counted per parent" => select((Artist::NAME, func::count(Album::ID))).outer_join(Artist::ALBUMS).group_by((Artist::ID, Artist::NAME)).order_by(Artist::ID),
            "summed over four tables" => select((Artist::NAME, func::sum(Line::QUANTITY))).join(Artist::ALBUMS).join(Album::TRACKS).join(Track::LINES).group_by((Artist::ID, Artist::NAME)).order_by(Artist::ID),
            "sales of an employee" => select((Employee::NAME, func::sum(Invoice::CENTS))).join(Employee::CUSTOMERS).join(Customer::INVOICES).group_by((Employee::ID, Employee::NAME)).order_by(Employee::ID),
            "with a subquery" => select((Album::TITLE, per_album.col(&tracks))).join_on(&per_album, of_album()).order_by(Album::ID),
            "outer with a subquery" => select((Album::ID, per_album.col(&tracks).nullable())).outer_join_on(&per_album, of_album()).order_by(Album::ID),
            "from a subquery" => select((func::max(per_album.col(&tracks)), func::min(per_album.col(&time)))),
            "filtered subquery" => select(per_album.col(Track::ALBUM_ID)).filter(per_album.col(&tracks).gt(6)).order_by(per_album.col(Track::ALBUM_ID)),
            "average of sums" => select(func::avg(per_album.col(&time))),
        }
    }

    async fn subqueries(db: Db) {
        let other = alias(Track, "other");
        let oldest = select(func::min(Book::YEAR)).scalar_subquery();
        let average = select(func::avg(other.col(milliseconds()))).scalar_subquery();
        let longest = select(func::max(other.col(milliseconds())));
        let sum = func::sum(Invoice::CENTS).label("spent");
        let spent = select((Invoice::CUSTOMER_ID, sum.clone())).group_by(Invoice::CUSTOMER_ID).cte("spent");
        let mean = select(func::avg(spent.col(&sum))).scalar_subquery();
        let invoices = || select(Invoice::ID).filter(Invoice::CUSTOMER_ID.eq(Customer::ID));
        let longest_of_each = select((other.col(Track::ALBUM_ID), func::coalesce(func::max(other.col(milliseconds())), 0_i64))).group_by(other.col(Track::ALBUM_ID));
        ask! { db, "subqueries":
            "a value compared" => select(Book::TITLE).filter(Book::YEAR.eq(oldest)).order_by(Book::ID),
            "a value selected" => select((Artist::NAME, select(func::count(Album::ID)).filter(Album::ARTIST_ID.eq(Artist::ID)).scalar_subquery())).order_by(Artist::ID),
            "a value that may be missing" => select((Genre::NAME, select(func::max(milliseconds())).filter(Track::GENRE_ID.eq(Genre::ID)).scalar_subquery())).order_by(Genre::ID),
            "above the average" => select(Track::ID).filter(milliseconds().cast::<f64>().gt(average)).order_by(Track::ID),
            "longest of its album" => select(Track::ID).filter(milliseconds().eq(longest.filter(other.col(Track::ALBUM_ID).eq(Track::ALBUM_ID)).scalar_subquery())).order_by(Track::ID),
            "in" => select(Artist::NAME).filter(Artist::ID.in_(select(Album::ARTIST_ID).filter(Album::TITLE.like("Blue%")))).order_by(Artist::ID),
            "not in" => select(Track::ID).filter(Track::ID.not_in(select(Line::TRACK_ID))).order_by(Track::ID),
            "in with a limit" => select(Track::NAME).filter(Track::ID.in_(select(other.col(Track::ID)).order_by(other.col(milliseconds()).desc()).limit(5))).order_by(Track::ID),
            "exists" => select(Customer::ID).filter(exists(invoices().filter(Invoice::CENTS.gt(1900)))).order_by(Customer::ID),
            "not exists" => select(Customer::ID).filter(!exists(invoices())).order_by(Customer::ID),
            "any" => select(Artist::NAME).filter(Artist::ALBUMS.any(Album::TITLE.contains("Night"))).order_by(Artist::ID),
            "not any" => select(Artist::NAME).filter(!Artist::ALBUMS.exists()).order_by(Artist::ID),
            "has" => select(Track::ID).filter(Track::GENRE.has(Genre::NAME.eq("Jazz"))).order_by(Track::ID),
            "any within any" => select(Artist::ID).filter(Artist::ALBUMS.any(Album::TRACKS.any(Track::CENTS.eq(199)))).order_by(Artist::ID),
            "any, many to many" => select(Playlist::NAME).filter(Playlist::TRACKS.any(milliseconds().lt(90_000))).order_by(Playlist::ID),
            "none of many to many" => select(Playlist::NAME).filter(!Playlist::TRACKS.exists()).order_by(Playlist::ID),
            "tuple in" => select(Track::ID).filter(tuple((Track::ALBUM_ID, milliseconds())).in_(longest_of_each)).order_by(Track::ID),
            "cte" => select((Customer::LAST_NAME, spent.col(&sum))).join_on(&spent, spent.col(Invoice::CUSTOMER_ID).eq(Customer::ID)).order_by(Customer::ID),
            "cte used twice" => select(spent.col(Invoice::CUSTOMER_ID)).filter(spent.col(&sum).cast::<Option<f64>>().gt(mean)).order_by(spent.col(Invoice::CUSTOMER_ID)),
            "case with exists" => select((Genre::NAME, case().when(Genre::TRACKS.exists(), "used").else_("unused"))).order_by(Genre::ID),
        }
    }

    async fn sets(db: Db) {
        let genres = || select(func::coalesce(Track::GENRE_ID, 0_i64)).filter(Track::GENRE_ID.is_not_null());
        ask! { db, "sets":
            "union" => select(Track::GENRE_ID).filter(Track::GENRE_ID.lt(3)).union(select(Genre::ID.nullable())).order_by(Track::GENRE_ID),
            "union all" => select(Genre::ID).filter(Genre::ID.lt(4)).union_all(select(Genre::ID).filter(Genre::ID.gt(2))).order_by(Genre::ID),
            "intersect" => select(Genre::ID).intersect(genres()).order_by(Genre::ID),
            "except" => select(Genre::ID).except(genres()).order_by(Genre::ID),
            "of two columns" => select((Customer::FIRST_NAME, Customer::ID)).union(select((Employee::NAME, Employee::ID))).order_by((Customer::ID, Customer::FIRST_NAME)),
            "with a limit" => select(Artist::NAME).union(select(Genre::NAME)).order_by(Artist::NAME).limit(4),
            "with an offset" => select(Artist::ID).union_all(select(Genre::ID)).order_by(Artist::ID.desc()).limit(5).offset(3),
            "of three" => select(Artist::ID).filter(Artist::ID.lt(3)).union(select(Genre::ID).filter(Genre::ID.gt(5))).union(select(Playlist::ID).filter(Playlist::ID.eq(4))).order_by(Artist::ID),
        }
    }

    async fn windows(db: Db) {
        let by_id = || window().order_by(Invoice::ID);
        ask! { db, "windows":
            "numbered" => select((Track::ID, func::row_number().over(by_album()))).order_by(Track::ID),
            "ranked" => select((Track::ID, func::rank().over(window().order_by(Track::CENTS)))).order_by(Track::ID),
            "densely ranked" => select((Track::ID, func::dense_rank().over(window().order_by((Track::GENRE_ID, Track::CENTS))))).order_by(Track::ID),
            "in four parts" => select((Track::ID, func::ntile(4).over(window().order_by(Track::ID)))).order_by(Track::ID),
            "share of rows" => select((Book::ID, func::percent_rank().over(window().order_by(Book::YEAR)), func::cume_dist().over(window().order_by(Book::YEAR)))).order_by(Book::ID),
            "the one before" => select((Track::ID, func::lag(Track::NAME, 1).over(by_album()))).order_by(Track::ID),
            "the second next" => select((Track::ID, func::lead(milliseconds(), 2).over(by_album()))).order_by(Track::ID),
            "the one before or zero" => select((Track::ID, func::lag_or(milliseconds(), 1, 0).over(by_album()))).order_by(Track::ID),
            "the next or zero" => select((Track::ID, func::lead_or(milliseconds(), 1, 0).over(by_album()))).order_by(Track::ID),
            "first" => select((Track::ID, func::first_value(Track::ID).over(by_album()))).order_by(Track::ID),
            "last" => select((Track::ID, func::last_value(Track::ID).over(by_album().rows(..)))).order_by(Track::ID),
            "third" => select((Track::ID, func::nth_value(Track::ID, 3).over(by_album()))).order_by(Track::ID),
            "running sum" => select((Invoice::ID, func::sum(Invoice::CENTS).over(by_id()))).order_by(Invoice::ID),
            "sum of a partition" => select((Track::ID, func::sum(milliseconds()).over(window().partition_by(Track::ALBUM_ID)))).order_by(Track::ID),
            "count of all" => select((Genre::ID, func::count_star().over(window()))).order_by(Genre::ID),
            "moving average" => select((Invoice::ID, func::avg(Invoice::CENTS).over(by_id().rows(-2..=2)))).order_by(Invoice::ID),
            "rows before" => select((Invoice::ID, func::sum(Invoice::CENTS).over(by_id().rows(..=-1)))).order_by(Invoice::ID),
            "range of values" => select((Book::ID, func::count_star().over(window().order_by(Book::YEAR).range(-20..=20)))).order_by(Book::ID),
            "equal rows together" => select((Track::ID, func::count_star().over(window().order_by(Track::CENTS)))).order_by(Track::ID),
            "of some rows" => select((Track::ID, func::count_star().filter(Track::CENTS.eq(99)).over(window().partition_by(Track::ALBUM_ID)))).order_by(Track::ID),
            "of groups" => select((Track::GENRE_ID, func::rank().over(window().order_by(func::count_star().desc())))).group_by(Track::GENRE_ID).order_by(Track::GENRE_ID),
        }
    }

    async fn changes(db: Db) {
        let genres = || select((Genre::ID, Genre::NAME)).order_by(Genre::ID);
        let books = || select((Book::ID, Book::TITLE, Book::YEAR, Book::RATING, Book::AUTHOR_ID)).order_by(Book::ID);
        let tracks = || select((Track::ID, Track::NAME, Track::ALBUM_ID, Track::GENRE_ID, Track::COMPOSER, Track::MILLISECONDS, Track::CENTS)).order_by(Track::ID);
        let albums = || select((Album::ID, Album::TITLE, Album::ARTIST_ID)).order_by(Album::ID);
        let customers = || select((Customer::ID, Customer::FIRST_NAME, Customer::LAST_NAME, Customer::COUNTRY, Customer::COMPANY, Customer::ACTIVE, Customer::SUPPORT_ID)).order_by(Customer::ID);
        let lines = || select((Line::ID, Line::QUANTITY, Line::CENTS, Line::INVOICE_ID, Line::TRACK_ID)).order_by(Line::ID);
        let best = select(func::max(Author::ID).cast::<Option<f64>>() * 1.5).filter(Author::ID.eq(Book::AUTHOR_ID)).scalar_subquery();
        change! { db, "changes":
            "update" => update(Genre).filter(Genre::ID.gt(4)).set(Genre::NAME, "Other"), genres();
            "update by an expression" => update(Book).set(Book::YEAR, Book::YEAR + 1).filter(Book::RATING.is_null()), books();
            "update from a statement" => update(Book).set(Book::RATING, best), books();
            "update by a case" => update(Track).set(Track::CENTS, case().when(Track::GENRE_ID.eq(1), 49_i64).else_(Track::CENTS)), tracks();
            "update with another table" => update(Album).join(Album::ARTIST).set(Album::TITLE, Artist::NAME).filter(Artist::ID.lt(4)), albums();
            "update several columns" => update(Customer).set(Customer::ACTIVE, false).set(Customer::COMPANY, None).filter(Customer::COUNTRY.eq("USA")), customers();
            "delete" => delete(Line).filter(Line::QUANTITY.eq(1)), lines();
            "delete by a statement" => delete(Line).filter(Line::INVOICE_ID.in_(select(Invoice::ID).filter(Invoice::CENTS.lt(500)))), lines();
            "delete by a relation" => delete(Line).filter(Line::TRACK.has(Track::CENTS.eq(199))), lines();
            "insert a statement" => insert(Genre).from_select((Genre::ID, Genre::NAME), select((Genre::ID + 100, Genre::NAME.concat("!"))).filter(Genre::ID.lt(3))), genres();
        }
    }
}
