//! The ways in which a statement can be run: all give the rows that it gives alone.

use aludel::prelude::*;
use aludel::{ColumnType, Operand, Placeholder, SchemaMap, prepared};
use aludel_suite::{Database, Place};

use crate::expressions::Scope;
use crate::models::Thing;
use crate::queries::{fill, is_a_fault, lines};
use crate::statements::{Holes, Maker, Query, Row};

/// An engine that finds the tables, with the same rows, in another schema.
pub async fn elsewhere(database: Database, place: &Place) -> aludel::Result<Engine> {
    let builder = Engine::builder(&place.url);
    let (builder, schema) = match database {
        Database::Sqlite => {
            let file = format!("ATTACH '{}-else' AS elsewhere", place.url.trim_start_matches("sqlite:///"));
            let builder = builder.on_connect(move |conn| {
                let file = file.clone();
                Box::pin(async move { conn.run_plain(&[&file]).await })
            });
            (builder, "elsewhere".to_owned())
        }
        Database::MariaDb => {
            let name = place.url.rsplit_once('/').expect("the URL names a database").1;
            let name = name.split('?').next().expect("a name");
            (builder, format!("{name}_else"))
        }
        _ => (builder, "else".to_owned()),
    };
    let engine = builder.build()?.translate_schemas(SchemaMap::new().default_to(&schema));
    fill(&engine).await?;
    Ok(engine)
}

/// Runs the statement that these numbers make in each way; tells of the first that gives other rows than it gives alone.
pub async fn compare(
    engine: &Engine,
    elsewhere: &Engine,
    numbers: &[u16],
    depth: usize,
) -> aludel::Result<Result<(), String>> {
    let (int, text) = ([3_i64, -1, 0, 12][numbers.len() % 4], ["a", "", "é", "%"][numbers.len() / 4 % 4]);
    let known = Holes { int: value(int), text: value(text.to_owned()) };
    let query = Maker::new(numbers).with_holes(known).query_of_any_kind(&Scope::default(), depth);
    let mut conn = engine.connect().await?;
    let expected = lines(&conn.execute(query.clone()).all().await?);

    let sql = || query.to_sql(engine.dialect()).map_or_else(|it| it.to_string(), |it| format!("{it:?}"));
    // Each with what it ran over: a way that fails is no other way.
    let tell = |way: &'static str, rows: aludel::Result<Vec<Row>>| match rows.map(|rows| lines(&rows)) {
        Ok(rows) if rows == expected => Ok(()),
        Ok(rows) => Err(format!("{way}: {rows:#?}\nalone: {expected:#?}\n{}", sql())),
        Err(error) if is_a_fault(&error) => Ok(()),
        Err(error) => Err(format!("{way}: {error}\n{}", sql())),
    };
    let told = async {
        tell("again", conn.execute(query.clone()).all().await)?;
        tell("streamed", streamed(conn.execute(query.clone()).stream()).await)?;
        let asked = (query.clone(), select(func::count_star()).select_from(Thing).scalar(), query.clone());
        let (one, _, other) = conn.together(asked).await.map_err(|error| format!("together: {error}"))?;
        tell("together", Ok(one))?;
        tell("together, later", Ok(other))?;
        match conn.scalar(query.clone().count_rows()).await {
            Ok(count) if count as usize == expected.len() => {}
            Ok(count) => return Err(format!("{count} rows are counted, of {}", expected.len())),
            Err(error) if is_a_fault(&error) => {}
            Err(error) => return Err(format!("counted: {error}")),
        }
        tell("shared", engine.shared().ask(query.clone()).await)?;
        tell("in a session", engine.session().execute(query.clone()).all().await)?;
        let mut other = elsewhere.connect().await.map_err(|error| error.to_string())?;
        tell("elsewhere", other.execute(query.clone()).all().await)?;

        let again = numbers.to_vec();
        let waiting = prepared(move |(int, text): (Placeholder<i64>, Placeholder<String>)| -> Query {
            let holes = Holes { int: value(int), text: value(text) };
            Maker::new(&again).with_holes(holes).query_of_any_kind(&Scope::default(), depth)
        });
        // Whatever other values give: it may be too large.
        let _ = conn.execute(waiting.with((1_000_000_007, "bound before"))).all().await;
        tell("prepared", conn.execute(waiting.with((int, text))).all().await)?;
        tell("prepared, together", conn.together((waiting.with((int, text)),)).await.map(|it| it.0))?;
        tell("prepared, shared", engine.shared().ask(waiting.with((int, text))).await)?;
        tell("prepared, elsewhere", other.execute(waiting.with((int, text))).all().await)
    };
    Ok(told.await)
}

async fn streamed(mut stream: aludel::RowStream<'_, Row>) -> aludel::Result<Vec<Row>> {
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await? {
        rows.push(row);
    }
    Ok(rows)
}

fn value<T: ColumnType<Base = T>, O: Operand<T, Type = T>>(place: O) -> Expr<Option<T>> {
    func::coalesce(literal::<Option<T>>(None), place).nullable()
}
