//! Authors and books on SeaORM and SQLite: the program of `examples/library`, and the same transcript.

use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, ExprTrait, JoinType, LoaderTrait, QueryOrder, QuerySelect,
    Schema, Set, Statement, TransactionTrait,
};

mod author {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "String(StringLen::N(100))")]
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::book::Entity")]
        Book,
    }

    impl Related<super::book::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Book.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "String(StringLen::N(200))")]
        pub title: String,
        pub year: i32,
        pub author_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::AuthorId",
            to = "super::author::Column::Id"
        )]
        Author,
    }

    impl Related<super::author::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const LIBRARY: &[(&str, &[(&str, i32)])] = &[
    ("David Thomas", &[("The Pragmatic Programmer", 1999), ("Programming Pearls", 2000)]),
    ("Robert C. Martin", &[("Clean Code", 2008), ("Clean Architecture", 2017), ("The Clean Coder", 2011)]),
    ("Luciano Ramalho", &[("Fluent Python", 2015), ("Fluent Python, 2nd Ed", 2022)]),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    // Every connection to `:memory:` has a database of its own: there must be one.
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await?;

    println!("--- Creating tables ---");
    create_tables(&db).await?;
    println!("Tables created: authors, books");

    println!("\n--- Inserting authors and books ---");
    let (authors, books) = insert(&db).await?;
    println!("Added {authors} authors with {books} books total.");

    println!("\n--- All authors ---");
    let authors = author::Entity::find().order_by_asc(author::Column::Id).all(&db).await?;
    let their_books = authors.load_many(book::Entity::find().order_by_asc(book::Column::Id), &db).await?;
    for (author, books) in authors.iter().zip(&their_books) {
        println!("Author: {}", author.name);
        for book in books {
            println!("  - {} ({})", book.title, book.year);
        }
    }

    println!("\n--- Query: books after 2010 ---");
    let recent = book::Entity::find()
        .filter(book::Column::Year.gt(2010))
        .order_by_asc(book::Column::Id)
        .find_also_related(author::Entity)
        .all(&db)
        .await?;
    for (book, author) in &recent {
        let author = author.as_ref().map_or("nobody", |author| &author.name);
        println!("{} ({}) by {author}", book.title, book.year);
    }

    println!("\n--- Query: authors with more than 2 books ---");
    let busy: Vec<(String, i64)> = author::Entity::find()
        .select_only()
        .column(author::Column::Name)
        .column_as(book::Column::Id.count(), "books")
        .join(JoinType::InnerJoin, author::Relation::Book.def())
        .group_by(author::Column::Id)
        .group_by(author::Column::Name)
        .having(book::Column::Id.count().gt(2))
        .into_tuple()
        .all(&db)
        .await?;
    for (name, books) in &busy {
        println!("{name} ({books} books)");
    }

    println!("\n--- ORM vs raw SQL comparison ---");
    let raw = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT title, year FROM books WHERE year > ? ORDER BY id",
        [2010.into()],
    );
    let rows = db.query_all_raw(raw).await?;
    let raw: Vec<(String, i32)> = rows
        .iter()
        .map(|row| Ok((row.try_get("", "title")?, row.try_get("", "year")?)))
        .collect::<Result<_, DbErr>>()?;
    let orm: Vec<(String, i32)> = recent.into_iter().map(|(book, _)| (book.title, book.year)).collect();
    assert_eq!(orm, raw);
    println!("ORM query returned the same results as raw SQL.");
    Ok(())
}

async fn create_tables(db: &DatabaseConnection) -> Result<(), DbErr> {
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(author::Entity)).await?;
    db.execute(&schema.create_table_from_entity(book::Entity)).await?;
    Ok(())
}

/// Inserts everything in one transaction; returns how many authors and books there were.
async fn insert(db: &DatabaseConnection) -> Result<(usize, usize), DbErr> {
    let transaction = db.begin().await?;
    let mut count = 0;
    for (name, books) in LIBRARY {
        let author = author::ActiveModel { name: Set((*name).to_owned()), ..Default::default() };
        let author = author.insert(&transaction).await?;
        let books = books.iter().map(|(title, year)| book::ActiveModel {
            title: Set((*title).to_owned()),
            year: Set(*year),
            author_id: Set(author.id),
            ..Default::default()
        });
        count += books.len();
        book::Entity::insert_many(books).exec(&transaction).await?;
    }
    transaction.commit().await?;
    Ok((LIBRARY.len(), count))
}
