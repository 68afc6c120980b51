//! What well-known courses ask of queries, each by the number of its row: the sentence is in `PARITY.md`.

use aludel::Value;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub email: String,
    #[column(length = 50)]
    pub username: String,
    #[column(length = 100, server_default = "none")]
    pub hashed_password: String,
    #[column(server_default = true)]
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    #[relation(back_populates = Post::AUTHOR)]
    pub posts: HasMany<Post>,
}

#[derive(Entity, Debug)]
#[entity(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub content: Option<String>,
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[column(foreign_key = User::ID)]
    pub author_id: i64,
    #[relation(back_populates = User::POSTS)]
    pub author: BelongsTo<User>,
}

#[derive(Entity, Debug)]
#[entity(table = "authors")]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Book::AUTHOR)]
    pub books: HasMany<Book>,
}

#[derive(Entity, Debug)]
#[entity(table = "books")]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    pub year: i32,
    #[column(foreign_key = Author::ID)]
    pub author_id: i64,
    #[relation(back_populates = Author::BOOKS)]
    pub author: BelongsTo<Author>,
}

#[derive(Insertable, Deserialize)]
#[insertable(User)]
#[serde(deny_unknown_fields)]
struct UserCreate {
    email: String,
    username: String,
    #[serde(rename = "password")]
    hashed_password: String,
    #[serde(default)]
    created_at: DateTime<Utc>,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(User)]
struct UserResponse {
    id: i64,
    email: String,
    username: String,
    is_active: bool,
    created_at: DateTime<Utc>,
}

#[derive(Insertable, Deserialize)]
#[insertable(Post)]
#[serde(deny_unknown_fields)]
struct PostCreate {
    title: String,
    content: Option<String>,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(Post)]
struct PostOut {
    title: String,
    content: Option<String>,
    #[projection(path = author.email)]
    author_email: String,
}

const NAMES: [&str; 5] = ["ann", "Bob", "cleo", "dan", "Eve"];

/// Five users, each created a day after the one before; the n-th has n posts, the last one is not active.
async fn users(db: &Db) -> aludel::Result<Session> {
    db.create(&Metadata::of((User, Post))).await?;
    let mut session = db.session();
    for (n, name) in NAMES.into_iter().enumerate() {
        session.add(
            User::builder()
                .email(format!("{name}@example.com"))
                .username(name)
                .is_active(n != 4)
                .created_at(DateTime::UNIX_EPOCH + TimeDelta::days(n as i64))
                .posts((0..n).map(|at| {
                    let at_hour = DateTime::UNIX_EPOCH + TimeDelta::hours(at as i64);
                    Post::builder().title(format!("{name} {at}")).created_at(at_hour)
                })),
        );
    }
    session.commit().await?;
    Ok(db.session())
}

/// Three authors of two, three and two books, in the order in which a course inserts them.
async fn books(db: &Db) -> aludel::Result<Session> {
    db.create(&Metadata::of((Author, Book))).await?;
    let mut session = db.session();
    for (name, books) in [
        ("David Thomas", &[("The Pragmatic Programmer", 1999), ("Programming Pearls", 2000)][..]),
        (
            "Robert C. Martin",
            &[("Clean Code", 2008), ("Clean Architecture", 2017), ("The Clean Coder", 2011)],
        ),
        ("Luciano Ramalho", &[("Fluent Python", 2015), ("Fluent Python, 2nd Ed", 2022)]),
    ] {
        let books = books.iter().map(|(title, year)| Book::builder().title(*title).year(*year));
        session.add(Author::builder().name(name).books(books));
        session.flush().await?;
    }
    session.commit().await?;
    Ok(db.session())
}

/// The posts of a user, the newest first, sorted by the database.
async fn posts_of(session: &mut Session, user: i64) -> aludel::Result<Vec<Obj<Post>>> {
    session
        .scalars(select(Post).filter(Post::AUTHOR_ID.eq(user)).order_by(Post::CREATED_AT.desc()))
        .all()
        .await
}

fn titles(session: &Session, posts: &[Obj<Post>]) -> Vec<String> {
    posts.iter().map(|it| session[*it].title.clone()).collect()
}

on_each_database! {
    async fn s13_create_read_update_and_delete(db: Db) {
        let mut session = users(&db).await?;
        let fred = session.add(
            User::builder().email("fred@example.com").username("fred").created_at(DateTime::UNIX_EPOCH + TimeDelta::days(9)),
        );
        session.commit().await?;
        let newest = select(User).filter(User::IS_ACTIVE.eq(true)).order_by(User::CREATED_AT.desc());
        assert_eq!(session.scalars(newest).first().await?, Some(fred));
        session[fred].username = "Fred".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT username FROM users WHERE email = 'fred@example.com'").await?, "Fred");
        session.delete(fred);
        session.commit().await?;
        assert_eq!(db.count("users").await?, 5);
    }

    async fn s14_scalars_are_a_clean_list_and_rows_are_tuples(db: Db) {
        let mut session = users(&db).await?;
        let names: Vec<String> = session.scalars(select(User::USERNAME).order_by(User::ID)).all().await?;
        assert_eq!(names, NAMES);
        let rows: Vec<(String,)> = session.execute(select(User::USERNAME).order_by(User::ID)).all().await?;
        assert_eq!(rows.into_iter().map(|(name,)| name).collect::<Vec<_>>(), NAMES);
        let first = session.scalars(select(User).order_by(User::ID)).first().await?;
        assert_eq!(first.map(|it| session[it].username.clone()).as_deref(), Some("ann"));
        assert_eq!(session.scalars(select(User).filter(User::ID.eq(99))).first().await?, None);
    }

    async fn s20_the_posts_as_json_the_newest_first(db: Db) {
        let mut session = users(&db).await?;
        let newest = select_as::<PostOut>().filter(Post::AUTHOR_ID.eq(3)).order_by(Post::CREATED_AT.desc());
        let json = serde_json::to_value(session.scalars(newest).all().await?)?;
        let post = |title: &str| serde_json::json!({ "title": title, "content": null, "author_email": "cleo@example.com" });
        assert_eq!(json, serde_json::json!([post("cleo 1"), post("cleo 0")]));
    }

    async fn s44_all_posts_of_one_owner_the_newest_first_as_objects(db: Db) {
        let mut session = users(&db).await?;
        let found: Vec<Obj<Post>> =
            session.scalars(select(Post).filter(Post::AUTHOR_ID.eq(4)).order_by(Post::CREATED_AT.desc())).all().await?;
        assert_eq!(titles(&session, &found), ["dan 2", "dan 1", "dan 0"]);
        assert!(found.iter().all(|it| session[*it].author_id == 4));
    }

    async fn s48_the_posts_of_a_user_are_sorted_by_the_database(db: Db) {
        let mut session = users(&db).await?;
        let found = posts_of(&mut session, 4).await?;
        assert_eq!((titles(&session, &found), session.query_count()), (vec!["dan 2".into(), "dan 1".into(), "dan 0".into()], 1));
        assert_eq!(posts_of(&mut session, 1).await?, []);
    }

    async fn s49_the_same_through_the_relation_sorted_in_memory_in_two_statements_for_all_users(db: Db) {
        let mut session = users(&db).await?;
        let all = session.scalars(select(User).order_by(User::ID).options(selectinload(User::POSTS))).all().await?;
        let mut sorted = Vec::new();
        for user in all {
            let mut posts: Vec<_> = session.view(user).posts()?.collect();
            posts.sort_by_key(|it| std::cmp::Reverse(it.created_at));
            sorted.push(posts.iter().map(|it| it.title.clone()).collect::<Vec<_>>());
        }
        assert_eq!(session.query_count(), 2, "whatever the number of users");
        for (user, sorted) in (1..).zip(sorted) {
            let by_query = posts_of(&mut session, user).await?;
            assert_eq!(titles(&session, &by_query), sorted);
        }
    }

    async fn s55_books_after_2010_in_the_order_in_which_they_were_inserted(db: Db) {
        let mut session = books(&db).await?;
        let late = select((Book::TITLE, Book::YEAR, Author::NAME)).join(Book::AUTHOR).filter(Book::YEAR.gt(2010)).order_by(Book::ID);
        let lines: Vec<String> = session.execute(late).all().await?.into_iter().map(|(title, year, author)| format!("{title} ({year}) by {author}")).collect();
        assert_eq!(
            lines,
            [
                "Clean Architecture (2017) by Robert C. Martin",
                "The Clean Coder (2011) by Robert C. Martin",
                "Fluent Python (2015) by Luciano Ramalho",
                "Fluent Python, 2nd Ed (2022) by Luciano Ramalho",
            ]
        );
    }

    async fn s56_authors_with_more_than_two_books(db: Db) {
        let mut session = books(&db).await?;
        let busy = select((Author::NAME, func::count(Book::ID)))
            .join(Author::BOOKS)
            .group_by((Author::ID, Author::NAME))
            .having(func::count(Book::ID).gt(2));
        assert_eq!(session.execute(busy).all().await?, [("Robert C. Martin".to_owned(), 3)]);
    }

    async fn s57_a_query_and_sql_by_hand_give_the_same_rows(db: Db) {
        let mut session = books(&db).await?;
        let query = select((Book::TITLE, Book::YEAR)).filter(Book::YEAR.gt(2010)).order_by(Book::ID);
        let found = session.execute(query).all().await?;
        let raw = session.execute(text!("SELECT title, year FROM books WHERE year > :year ORDER BY id", year = 2010)).all().await?;
        let raw = raw.iter().map(|row| Ok((row.get::<String>("title")?, row.get::<i32>("year")?)));
        assert_eq!(raw.collect::<aludel::Result<Vec<_>>>()?, found);
        assert_eq!(found.len(), 4);
    }

    async fn s69_a_statement_shows_its_sql_and_its_values_and_gives_the_rows(db: Db) {
        let mut session = users(&db).await?;
        let stmt = select(Post::TITLE).filter(Post::ID.gt(8)).order_by(Post::ID);
        let (text, values) = stmt.to_sql(db.engine.dialect())?;
        let mark = db.pick("?1", "$1", "?");
        assert_eq!(text, format!("SELECT posts.title FROM posts WHERE posts.id > {mark} ORDER BY posts.id"));
        assert_eq!(values, [Value::Int(8)]);
        let inline = stmt.inline_sql(db.engine.dialect())?;
        assert_eq!(inline, "SELECT posts.title FROM posts WHERE posts.id > 8 ORDER BY posts.id");
        let found = session.scalars(stmt).all().await?;
        assert_eq!(found.len(), 2);
        // What is shown is what means these rows.
        let shown = db.rows(&inline).await?;
        assert_eq!(shown.iter().map(|it| it.at::<String>(0)).collect::<aludel::Result<Vec<_>>>()?, found);
    }

    async fn s78_inputs_and_outputs_are_types_of_their_own_and_no_password_goes_out(db: Db) {
        let mut session = users(&db).await?;
        let input = r#"{"email": "kim@example.com", "username": "kim", "password": "secret"}"#;
        let kim = session.insert(serde_json::from_str::<UserCreate>(input)?).await?;
        let post = session.add(serde_json::from_str::<PostCreate>(r#"{"title": "Hello", "content": "there"}"#)?);
        session[post].author.set(kim);
        session.commit().await?;
        let users = session.scalars(select_as::<UserResponse>().filter(User::USERNAME.eq("kim"))).all().await?;
        let posts = session.scalars(select_as::<PostOut>().filter(Post::AUTHOR_ID.eq(users[0].id))).all().await?;
        let out = serde_json::to_string(&(users, posts))?;
        assert!(!out.contains("secret") && out.contains(r#""author_email":"kim@example.com""#), "{out}");
        assert_eq!(db.value::<String>("SELECT hashed_password FROM users WHERE username = 'kim'").await?, "secret");
        assert!(serde_json::from_str::<PostCreate>(r#"{"title": "x", "content": null, "author_id": 1}"#).is_err());
    }

    async fn s88_the_posts_of_a_user_are_the_rows_with_the_key_of_the_user(db: Db) {
        let mut session = users(&db).await?;
        let user = session.scalars(select(User).filter(User::USERNAME.eq("dan"))).one().await?;
        session.load(user, User::POSTS).await?;
        let mut through: Vec<String> = session.view(user).posts()?.map(|it| it.title.clone()).collect();
        through.sort();
        let id = session[user].id;
        let by_key = session.scalars(select(Post::TITLE).filter(Post::AUTHOR_ID.eq(id)).order_by(Post::TITLE)).all().await?;
        assert_eq!((&through, through.len()), (&by_key, 3));
    }

    async fn s90_what_was_not_loaded_is_an_error_and_no_query(db: Db) {
        let mut session = users(&db).await?;
        let user = session.scalars(select(User).filter(User::USERNAME.eq("dan"))).one().await?;
        let before = session.query_count();
        let error = refused(session.view(user).posts().map(|_| ()), ErrorKind::NotLoaded);
        assert!(error.to_string().contains("User") && error.to_string().contains("selectinload(User::POSTS)"), "{error}");
        assert_eq!(session.query_count(), before);
    }

    async fn s91_the_output_reads_the_object_directly(db: Db) {
        let mut session = users(&db).await?;
        let user = session.get_one::<User>(2).await?;
        let before = session.query_count();
        let response = UserResponse::from_view(session.view(user))?;
        assert_eq!(session.query_count(), before);
        assert_eq!(
            serde_json::to_value(&response)?,
            serde_json::json!({
                "id": 2, "email": "Bob@example.com", "username": "Bob", "is_active": true, "created_at": "1970-01-02T00:00:00Z",
            })
        );
        assert_eq!(session.scalars(select_as::<UserResponse>().filter(User::ID.eq(2))).one().await?, response);
    }

    async fn s96_a_user_with_posts_or_none(db: Db) {
        let mut session = users(&db).await?;
        let get = |id: i64| select(User).filter(User::ID.eq(id)).options(selectinload(User::POSTS));
        let user = session.scalars(get(4)).one_or_none().await?.expect("there is one");
        assert_eq!(session.query_count(), 2);
        assert_eq!(session.view(user).posts()?.count(), 3);
        assert_eq!(session.scalars(get(99)).one_or_none().await?, None);
        let several = select(User).filter(User::IS_ACTIVE.eq(true));
        refused(session.scalars(several).one_or_none().await, ErrorKind::MultipleFound);
    }

    async fn s97_a_page_of_users_the_newest_first(db: Db) {
        let mut session = users(&db).await?;
        let page = |skip: u64, limit: u32| {
            select(User::USERNAME).order_by(User::CREATED_AT.desc()).offset(skip).limit(limit)
        };
        assert_eq!(session.scalars(page(0, 20)).all().await?, ["Eve", "dan", "cleo", "Bob", "ann"]);
        assert_eq!(session.scalars(page(1, 2)).all().await?, ["dan", "cleo"]);
        assert_eq!(session.scalars(page(4, 20)).all().await?, ["ann"]);
        assert_eq!(session.scalars(page(5, 20)).all().await?, [""; 0]);
    }

    async fn s100_conditions_are_joined_by_and_and_or(db: Db) {
        let mut session = users(&db).await?;
        let names = |condition| select(User::USERNAME).filter(condition).order_by(User::ID);
        let both = and_([User::IS_ACTIVE.eq(true), User::ID.gt(2)]);
        assert_eq!(session.scalars(names(both)).all().await?, ["cleo", "dan"]);
        let either = or_([User::USERNAME.eq("ann"), User::USERNAME.eq("Eve")]);
        assert_eq!(session.scalars(names(either)).all().await?, ["ann", "Eve"]);
        let mixed = or_([and_([User::IS_ACTIVE.eq(true), User::ID.lt(2)]), User::EMAIL.eq("Eve@example.com")]);
        assert_eq!(session.scalars(names(mixed)).all().await?, ["ann", "Eve"]);
        let chained = User::IS_ACTIVE.eq(true).and(User::ID.eq(1).or(User::ID.eq(5)));
        assert_eq!(session.scalars(names(chained)).all().await?, ["ann"]);
    }

    async fn s101_a_search_does_not_mind_case(db: Db) {
        let mut session = users(&db).await?;
        let search = |pattern: &str| select(User::USERNAME).filter(User::USERNAME.ilike(pattern)).order_by(User::ID);
        assert_eq!(session.scalars(search("%E%")).all().await?, ["cleo", "Eve"]);
        assert_eq!(session.scalars(search("%b%")).all().await?, ["Bob"]);
        assert_eq!(session.scalars(search("BOB")).all().await?, ["Bob"]);
        assert_eq!(session.scalars(search("%x%")).all().await?, [""; 0]);
    }

    async fn s102_posts_are_counted_per_user_the_most_first(db: Db) {
        let mut session = users(&db).await?;
        let counted = select((User::USERNAME, func::count(Post::ID).label("post_count")))
            .join_on(Post, Post::AUTHOR_ID.eq(User::ID))
            .group_by((User::ID, User::USERNAME))
            .order_by(desc("post_count"));
        let expected = [("Eve", 4), ("dan", 3), ("cleo", 2), ("Bob", 1)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(session.execute(counted).all().await?, expected);
    }

    async fn s103_a_total_is_counted(db: Db) {
        let mut session = users(&db).await?;
        let active = select(func::count_star()).select_from(User).filter(User::IS_ACTIVE.eq(true));
        assert_eq!(session.scalar(active).await?, 4);
        assert_eq!(session.scalar(select(func::count_star()).select_from(Post).filter(Post::ID.lt(0))).await?, 0);
    }

    async fn s104_many_rows_are_inserted_by_one_call(db: Db) {
        let mut session = users(&db).await?;
        let rows = (0..250).map(|n| {
            User::builder().email(format!("{n}@example.com")).username(format!("n{n}")).created_at(DateTime::UNIX_EPOCH)
        });
        let done = session.execute(insert(User).values(rows)).await?;
        assert_eq!(done.rows_affected, 250);
        session.commit().await?;
        assert_eq!(db.count("users").await?, 255);
        assert_eq!(db.count("users WHERE is_active").await?, 254, "what is not given is the default of the server");
    }
}
