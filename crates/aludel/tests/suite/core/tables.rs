//! Tables.

use aludel::prelude::*;
use aludel_testing::Database;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn create_all_may_run_again(db: Db) {
        db.create(&library()).await?;
        db.run("INSERT INTO authors (name) VALUES ('Ursula')").await?;
        db.create(&library()).await?;
        assert_eq!(db.count("authors").await?, 1);
        db.engine.drop_all(&library()).await?;
        db.engine.drop_all(&library()).await?;
        db.create(&library()).await?;
        assert_eq!(db.count("authors").await?, 0);
    }

    async fn create_all_adds_the_tables_that_are_missing(db: Db) {
        db.create(&Metadata::of((Author, Shelf))).await?;
        db.create(&library()).await?;
        assert_eq!(db.count("books").await?, 0);
    }

    async fn the_order_of_the_entities_does_not_matter(db: Db) {
        db.create(&Metadata::of((Chapter, Portrait, Book, Shelf, Author))).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula").books([
            Book::builder().title("Earthsea").year(1968).chapters([Chapter::builder().title("1")]),
        ]));
        session.commit().await?;
        db.engine.drop_all(&Metadata::of((Author, Book, Shelf, Chapter, Portrait))).await?;
    }

    async fn a_foreign_key_to_a_table_that_is_not_in_the_metadata_is_an_error(db: Db) {
        let error = refused(db.create(&Metadata::of((Author, Book))).await, ErrorKind::Schema);
        assert!(error.what().contains("`books` refers to `shelves`, which is not in the metadata"), "{error}");
    }

    async fn tables_that_refer_to_each_other_are_created_and_dropped(db: Db) {
        let tables = Metadata::of((Employee, Team));
        db.create(&tables).await?;
        db.create(&tables).await?;
        let mut session = db.session();
        let ada = session.add(Employee::builder().name("Ada"));
        let team = session.add(Team::builder().name("drivers").lead(ada));
        session.flush().await?;
        session[ada].team.set(team);
        session.commit().await?;
        let mut other = db.session();
        other.add(Employee::builder().name("nobody's").team_id(4_711));
        refused(other.commit().await, ErrorKind::ForeignKeyViolation);
        drop(other);
        db.engine.drop_all(&tables).await?;
        db.create(&tables).await?;
        assert_eq!(db.count("employees").await?, 0);
    }

    async fn words_that_sql_reserves_are_quoted(db: Db) {
        #[derive(Entity, Debug)]
        #[entity(table = "order")]
        pub struct Order {
            #[column(primary_key)]
            pub id: i64,
            #[column(length = 20, unique, index)]
            pub group: String,
            #[column(name = "Mixed Case", check = "\"Mixed Case\" > 0")]
            pub select: i64,
            #[column(foreign_key = Order::ID)]
            pub user: Option<i64>,
        }
        if db.database == Database::MariaDb {
            // The text of a CHECK is the program's own; here it is quoted for the others.
            db.run("CREATE TABLE `order` (id BIGINT AUTO_INCREMENT PRIMARY KEY, `group` VARCHAR(20) UNIQUE, `Mixed Case` BIGINT, `user` BIGINT)").await?;
        } else {
            db.create(&Metadata::of(Order)).await?;
        }
        let mut session = db.session();
        let order = session.add(Order::builder().group("by").select(1));
        session.flush().await?;
        session[order].select = 2;
        session[order].user = Some(session[order].id);
        session.commit().await?;
        let stmt = select((Order::GROUP, func::sum(Order::SELECT).label("limit"))).group_by(Order::GROUP).order_by(desc("limit"));
        assert_eq!(session.execute(stmt).all().await?, [("by".to_owned(), Some(2))]);
        session.delete(order);
        session.commit().await?;
    }
}
