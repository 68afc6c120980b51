use drills::prelude::*;

use super::exercise::Document;

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Document,))).await?;
    let schema = db.engine.inspect().await?;
    let columns = schema.columns("documents")?;
    let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    expect("the table has a key, a title and a body", names, ["id", "title", "body"])?;
    expect("a title has at most 200 characters", columns[1].sql_type.to_string(), "varchar(200)")?;
    expect("title and body are required", (columns[1].nullable, columns[2].nullable), (false, false))?;

    for title in ["first", "second"] {
        db.run(&format!("INSERT INTO documents (title, body) VALUES ('{title}', '…')")).await?;
    }
    let keys = db.column::<i64>("SELECT id FROM documents ORDER BY title").await?;
    expect("the database counts the key up", keys, [1, 2])
}
