//! What tutorials and drills ask a program to write: the first models, and the functions around them.

use aludel::ObjectState;
use aludel::prelude::*;
use aludel::schema::{ReferentialAction, ServerDefault};
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, Utc};

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

#[hybrid]
impl Document {
    pub fn is_long(&self) -> bool {
        length(&self.body) > 5000
    }
}

/// The user of a service with accounts.
#[derive(Entity, Debug)]
#[entity(table = "accounts")]
pub struct Account {
    #[column(primary_key, index)]
    pub id: i64,
    #[column(length = 255, unique, index)]
    pub email: String,
    #[column(length = 50, unique)]
    pub username: String,
    #[column(length = 255)]
    pub hashed_password: Sensitive<String>,
    #[column(default = true)]
    pub is_active: bool,
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[column(server_default = now(), onupdate = Utc::now())]
    pub updated_at: DateTime<Utc>,
}

#[derive(Changeset, serde::Deserialize)]
#[changeset(Account)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct AccountUpdate {
    email: Option<String>,
    username: Option<String>,
    is_active: Option<bool>,
}

fn tables() -> Metadata {
    Metadata::of((User, Document))
}

fn new_account(name: &str) -> impl aludel::Related<Account> {
    let email = format!("{name}@example.org");
    Account::builder().email(email).username(name).hashed_password(Sensitive::new("$2b$12$…".to_owned()))
}

/// Adds, flushes, reads back what the database made, and returns it.
async fn create_user(session: &mut Session, name: &str) -> aludel::Result<Obj<Account>> {
    let account = session.add(new_account(name));
    session.flush().await?;
    session.refresh(account).await?;
    Ok(account)
}

/// Sets what the document names; `None` where there is no such user.
async fn update_user(
    session: &mut Session,
    id: i64,
    changes: serde_json::Value,
) -> aludel::Result<Option<Obj<Account>>> {
    let Some(account) = session.get::<Account>(id).await? else { return Ok(None) };
    let changes: AccountUpdate = serde_json::from_value(changes).expect("the document names columns");
    session.apply(account, changes);
    session.flush().await?;
    session.refresh(account).await?;
    Ok(Some(account))
}

/// Tells whether there was one.
async fn delete_user(session: &mut Session, id: i64) -> aludel::Result<bool> {
    let Some(account) = session.get::<Account>(id).await? else { return Ok(false) };
    session.delete(account);
    session.flush().await?;
    Ok(true)
}

/// The type of a column as the inspector reads it, and whether it may be NULL.
fn column(table: &aludel::schema::Table, name: &str) -> (String, bool) {
    let column = table.column(name).expect("it was created");
    (column.sql_type.to_string(), column.nullable)
}

on_each_database! {
    async fn the_first_models_become_the_tables_that_they_describe(db: Db) {
        db.create(&tables()).await?;
        let reflected = db.engine.inspect().await?.reflect();
        let [users, documents] = ["users", "documents"].map(|it| reflected.table(None, it).expect("it was created"));
        assert_eq!(column(users, "email"), ("varchar(255)".into(), false));
        assert_eq!(column(users, "name"), ("varchar(100)".into(), true));
        assert_eq!(users.uniques[0].columns, ["email"]);
        assert!(users.column("id").expect("it was created").identity.is_some());
        assert_eq!(column(documents, "title"), ("varchar(200)".into(), false));
        assert_eq!(column(documents, "body"), ("text".into(), false));
        assert_eq!(column(documents, "created_at"), ("timestamp".into(), false));
        let created_at = documents.column("created_at").expect("it was created");
        assert_eq!(created_at.server_default, Some(ServerDefault::Now));
        let key = &documents.foreign_keys[0];
        assert_eq!((&*key.columns[0], &*key.parent, &*key.parent_columns[0]), ("owner_id", "users", "id"));
        assert_eq!(key.on_delete, ReferentialAction::NoAction);
    }

    async fn a_hybrid_is_a_method_of_an_object_and_a_condition_of_a_query(db: Db) {
        db.create(&tables()).await?;
        let mut session = db.session();
        let sam = session.add(User::builder().email("sam@example.org"));
        let of = |body: String| Document::builder().title("A document").body(body).owner(sam);
        // Characters count, not bytes.
        let documents = session.add_all(["a".repeat(5000), "ü".repeat(5001), "ü".repeat(5000)].map(of));
        session.commit().await?;
        let loaded: Vec<bool> = documents.iter().map(|it| session[*it].is_long()).collect();
        assert_eq!(loaded, [false, true, false]);
        assert_eq!(session.scalars(select(Document).filter(Document::IS_LONG)).all().await?, [documents[1]]);
        let short = select(Document).filter(!Document::IS_LONG).order_by(Document::ID);
        assert_eq!(session.scalars(short).all().await?, [documents[0], documents[2]]);
        let all = select(Document::IS_LONG).order_by(Document::ID);
        assert_eq!(session.scalars(all).all().await?, loaded);
    }

    async fn a_document_has_a_generated_key_and_a_title_of_at_most_200_characters(db: Db) {
        db.create(&tables()).await?;
        let mut session = db.session();
        let sam = session.insert(User::builder().email("sam@example.org")).await?;
        let of = |title: String| Document::builder().title(title).body("").owner(sam);
        let documents = session.add_all(["ü".repeat(200), String::new()].map(of));
        session.flush().await?;
        assert_eq!(documents.iter().map(|it| session[*it].id).collect::<Vec<_>>(), [1, 2]);
        session.commit().await?;
        session.add(of("ü".repeat(201)));
        assert!(session.flush().await.is_err());
        session.rollback().await?;
        assert_eq!(db.count("documents").await?, 2);
    }

    async fn a_document_leads_to_its_owner_and_the_owner_to_the_document(db: Db) {
        db.create(&tables()).await?;
        let mut session = db.session();
        let sam = session.add(User::builder().email("sam@example.org").name("Sam"));
        let report = session.add(Document::builder().title("Q2 Report").body("…").owner(sam));
        let plan = session.add(Document::builder().title("Plan").body("…"));
        session[sam].documents.push(plan);
        session.commit().await?;
        session.load(sam, User::DOCUMENTS).await?;
        let mut titles: Vec<&str> = session.view(sam).documents()?.map(|it| it.entity().title.as_str()).collect();
        titles.sort_unstable();
        assert_eq!(titles, ["Plan", "Q2 Report"]);
        assert_eq!(session.view(plan).owner()?.email, "sam@example.org");
        assert_eq!((session[report].owner_id, session[plan].owner_id), (session[sam].id, session[sam].id));
        // The same when read by another program.
        let mut other = db.session();
        let stmt = select(Document).options(joinedload(Document::OWNER)).order_by(Document::TITLE);
        let found = other.scalars(stmt).all().await?;
        let owners: Vec<&str> = found.iter().map(|it| Ok(other.view(*it).owner()?.entity().email.as_str())).collect::<aludel::Result<_>>()?;
        assert_eq!(owners, ["sam@example.org"; 2]);
    }

    async fn an_account_has_the_columns_that_a_service_asks_for(db: Db) {
        let tables = Metadata::of(Account);
        db.create(&tables).await?;
        let reflected = db.engine.inspect().await?.reflect();
        let accounts = reflected.table(None, "accounts").expect("it was created");
        let mut unique: Vec<&str> = accounts.uniques.iter().map(|it| &*it.columns[0]).collect();
        unique.extend(accounts.indexes.iter().filter(|it| it.unique).filter_map(|it| it.columns().next()));
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique, ["email", "username"]);
        assert_eq!(column(accounts, "created_at"), ("timestamp".into(), false));
        let mut session = db.session();
        let sam = create_user(&mut session, "sam").await?;
        session.commit().await?;
        let (before, created) = (session[sam].updated_at, session[sam].created_at);
        assert!(session[sam].is_active);
        assert!((Utc::now() - created).num_minutes().abs() < 5, "{created}");
        assert_eq!(before, created);
        session[sam].username = "samuel".into();
        session.commit().await?;
        assert!(session[sam].updated_at > before);
        assert_eq!(session[sam].created_at, created);
        session.add(new_account("samuel"));
        refused(session.commit().await, ErrorKind::UniqueViolation);
    }

    async fn flush_for_a_value_commit_for_good_rollback_for_nothing_refresh_for_what_the_database_made(db: Db) {
        db.create(&tables()).await?;
        let mut session = db.session();
        // A value back to go on with: flush, then one commit.
        let sam = session.add(User::builder().email("sam@example.org"));
        session.flush().await?;
        let id = session[sam].id;
        let report = session.add(Document::builder().title("Report").body("").owner_id(id));
        assert_eq!((db.count("users").await?, db.count("documents").await?), (0, 0));
        session.commit().await?;
        assert_eq!((db.count("users").await?, db.count("documents").await?), (1, 1));
        // Failure: rollback.
        session[sam].name = Some("Samuel".into());
        session.add(User::builder().email("sam@example.org"));
        refused(session.flush().await, ErrorKind::UniqueViolation);
        session.rollback().await?;
        assert_eq!(session[sam].name, None);
        // What the database has made, or another program: refresh.
        db.run("UPDATE documents SET title = 'Final'").await?;
        assert_eq!(session[report].title, "Report");
        session.refresh(report).await?;
        assert_eq!(session[report].title, "Final");
    }

    async fn a_created_user_is_returned_with_all_that_the_database_made(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        let sam = create_user(&mut session, "sam").await?;
        assert_eq!((session[sam].id, session.state(sam)), (1, ObjectState::Persistent));
        assert!((Utc::now() - session[sam].created_at).num_minutes().abs() < 5);
        assert_eq!(db.count("accounts").await?, 0, "whoever called it commits");
        session.commit().await?;
        assert_eq!(db.count("accounts").await?, 1);
    }

    async fn a_user_is_updated_by_a_document_that_names_columns(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        let sam = create_user(&mut session, "sam").await?;
        session.commit().await?;
        assert!(update_user(&mut session, 99, serde_json::json!({})).await?.is_none());
        let changes = serde_json::json!({"username": "samuel", "is_active": false});
        assert_eq!(update_user(&mut session, 1, changes).await?, Some(sam));
        session.commit().await?;
        let row = &db.rows("SELECT username, email FROM accounts").await?[0];
        assert_eq!((row.at::<String>(0)?, row.at::<String>(1)?), ("samuel".into(), "sam@example.org".into()));
        assert!(!session[sam].is_active);
        // What is no column is refused where the document is read.
        assert!(serde_json::from_value::<AccountUpdate>(serde_json::json!({"id": 7})).is_err());
    }

    async fn deleting_a_user_says_whether_there_was_one(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        create_user(&mut session, "sam").await?;
        session.commit().await?;
        assert!(delete_user(&mut session, 1).await?);
        assert!(!delete_user(&mut session, 1).await?);
        session.commit().await?;
        assert_eq!(db.count("accounts").await?, 0);
    }
}
