//! Columns that are never shown, and columns that are loaded only when asked for.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

#[derive(Entity, Debug)]
#[entity(table = "accounts")]
pub struct Account {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub token: Sensitive<String>,
    pub pin: Option<Sensitive<i32>>,
    #[relation(back_populates = Paper::ACCOUNT)]
    pub papers: HasMany<Paper>,
}

#[derive(Entity, Debug)]
#[entity(table = "papers")]
pub struct Paper {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    pub body: Deferred<String>,
    pub score: Deferred<Option<i32>>,
    #[column(default = true)]
    pub read: Deferred<bool>,
    #[column(foreign_key = Account::ID)]
    pub account_id: Option<i64>,
    #[relation(back_populates = Account::PAPERS)]
    pub account: BelongsTo<Account>,
}

/// An account with two papers.
async fn papers(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Account, Paper))).await?;
    let mut session = db.session();
    session.add(Account::builder().token("canary").papers([
        Paper::builder().title("first").body("").score(7),
        Paper::builder().title("second").body("Long.").read(false),
    ]));
    session.commit().await
}

on_each_database! {
    async fn a_sensitive_value_is_stored_and_found_like_any_other(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let account = session.scalars(select(Account).filter(Account::TOKEN.eq(Sensitive::new("canary".to_owned())))).one().await?;
        assert_eq!(session[account].token.reveal(), "canary");
        session[account].pin = Some(Sensitive::new(1234));
        session.commit().await?;
        assert_eq!(db.value::<i32>("SELECT pin FROM accounts").await?, 1234);
        let pins = select(Account::ID).filter(Account::PIN.in_([Sensitive::new(1234), Sensitive::new(1)]));
        assert_eq!(db.engine.connect().await?.scalars(pins).all().await?, [1]);
    }

    async fn a_sensitive_value_is_shown_by_nothing(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let account = session.get_one::<Account>(1).await?;
        assert_eq!(format!("{:?}", session[account].token), "Sensitive(…)");
        assert!(!format!("{:?}", session[account]).contains("canary"));
        let stmt = select(Account).filter(Account::TOKEN.eq(Sensitive::new("canary".to_owned())) & Account::TOKEN.in_(["canary"]));
        assert!(!format!("{stmt:?}").contains("canary"), "{stmt:?}");
        session.add(Account::builder().token("canary"));
        let error = refused(session.commit().await, ErrorKind::UniqueViolation);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        // What cannot be read is not told either.
        let row = db.rows("SELECT 'hunter2' AS pin").await?;
        let error = row[0].get::<Sensitive<i32>>("pin").unwrap_err();
        assert!(error.to_string().contains("which is sensitive, is no `i32`"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    async fn a_deferred_column_is_left_out_until_it_is_asked_for(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Paper).order_by(Paper::ID)).all().await?;
        assert!(refused(session[found[0]].body.get(), ErrorKind::NotLoaded).advice().is_some());
        assert!(!session[found[0]].score.is_loaded() && !session[found[0]].read.is_loaded());
        assert!(format!("{:?}", session[found[0]]).contains("body: not loaded"));

        session.refresh(found[1]).only((Paper::BODY, Paper::READ)).await?;
        assert_eq!((session[found[1]].body.get()?.as_str(), session[found[1]].read.get()?), ("Long.", &false));

        let mut other = db.session();
        let stmt = select(Paper).options(undefer(Paper::BODY)).options(undefer(Paper::SCORE)).order_by(Paper::ID);
        let found = other.scalars(stmt).all().await?;
        assert_eq!((other[found[0]].body.get()?.as_str(), other[found[0]].score.get()?), ("", &Some(7)));
        assert_eq!(other[found[1]].score.get()?, &None, "NULL is a value");
        let mut conn = db.engine.connect().await?;
        assert!(!conn.scalars(select(Paper)).first().await?.unwrap().body.is_loaded());
        assert!(conn.scalars(select(Paper).undefer(Paper::BODY)).first().await?.unwrap().body.is_loaded());
        let bodies: Vec<String> = conn.scalars(select(Paper::BODY).order_by(Paper::ID)).all().await?;
        assert_eq!(bodies, ["", "Long."]);
    }

    async fn a_query_that_asks_for_it_fills_it_in_for_an_object_that_is_here(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let mut session = session.begin_nested().await?;
        let paper = session.get_one::<Paper>(2).await?;
        session[paper].title = "changed".into();
        session.scalars(select(Paper).options(undefer(Paper::BODY))).all().await?;
        assert_eq!(session[paper].body.get()?, "Long.");
        assert_eq!(session[paper].title, "changed");
        session[paper].body.get_mut()?.push('!');
        session.scalars(select(Paper).options(undefer(Paper::BODY))).all().await?;
        assert_eq!(session[paper].body.get()?, "Long.!", "what was changed stays changed");
        session.rollback().await?;
    }

    async fn relations_load_deferred_columns_when_told_to(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let plain = session.scalars(select(Account).options(selectinload(Account::PAPERS))).one().await?;
        assert!(session.view(plain).papers()?.all(|it| !it.body.is_loaded()));
        for joined in [false, true] {
            let mut session = db.session();
            let stmt = select(Account);
            let stmt = if joined {
                stmt.options(joinedload(Account::PAPERS).undefer(Paper::BODY))
            } else {
                stmt.options(selectinload(Account::PAPERS).undefer(Paper::BODY))
            };
            let account = session.scalars(stmt).one().await?;
            assert!(session.view(account).papers()?.all(|it| it.body.is_loaded() && !it.score.is_loaded()));
        }
    }

    async fn a_deferred_column_is_written_only_where_it_was_set(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let paper = session.get_one::<Paper>(2).await?;
        session[paper].title = "renamed".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT body FROM papers WHERE id = 2").await?, "Long.");
        // Without having been read.
        session[paper].body.set("Short.");
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT body FROM papers WHERE id = 2").await?, "Short.");
        assert_eq!(db.value::<String>("SELECT title FROM papers WHERE id = 2").await?, "renamed");
    }

    async fn a_statement_within_another_has_its_deferred_columns(db: Db) {
        papers(&db).await?;
        let mut conn = db.engine.connect().await?;
        let all = select(Paper).subquery("all_papers");
        let stmt = select(all.col(Paper::BODY)).filter(all.col(Paper::SCORE).is_null());
        assert_eq!(conn.scalars(stmt).all().await?, ["Long."]);
        let both = select(Paper).union_all(select(Paper));
        assert_eq!(conn.scalars(both).all().await?.iter().filter(|it| it.body.is_loaded()).count(), 4);
    }

    async fn a_deferred_column_that_was_read_inside_a_savepoint_is_not_what_was_rolled_back(db: Db) {
        papers(&db).await?;
        let mut session = db.session();
        let paper = session.get_one::<Paper>(2).await?;
        let with_body = || select(Paper).options(undefer(Paper::BODY));
        let mut nested = session.begin_nested().await?;
        nested.execute(text!("UPDATE papers SET body = 'Rolled back.'")).await?;
        nested.scalars(with_body()).all().await?;
        assert_eq!(nested[paper].body.get()?, "Rolled back.");
        nested.rollback().await?;
        assert!(!session[paper].body.is_loaded());
        session.scalars(with_body()).all().await?;
        assert_eq!(session[paper].body.get()?, "Long.");
        assert!(session.dirty().is_empty());
    }
}
