//! The session.

use aludel::prelude::*;
use aludel::{Hooks, Isolation, ObjectState};

use super::models::{Document, DocumentOut, DocumentUpdate, Order, Share, Tag, User, UserCreate, Visit};

pub async fn objects(engine: &Engine) -> aludel::Result<()> {
    let mut session = engine.session();
    let user = session.add(User::builder().email("sam@uae.dev").name("Sam"));
    session.add_all([User::builder().email("ann@uae.dev"), User::builder().email("kim@uae.dev").name("Sam")]);
    session.flush().await?;
    session.commit().await?;
    session.refresh(user).await?;
    session.refresh(user).only(User::NAME).await?;
    println!("{}", session[user].id);

    let ann = session.get::<User>(2).await?;
    let kim = session.get_one::<User>(3).await?;
    println!("{} {}", ann.is_some(), session[kim].email);
    session[user].name = Some("Ann".into());
    session.set(user, User::SCORE, User::SCORE + 1);
    println!("{:?} {}", session.history(user, User::NAME), session.is_modified(user));
    println!("{:?} {:?} {:?}", session.new(), session.dirty(), session.deleted());
    assert_eq!(session.state(user), ObjectState::Persistent);
    session.commit().await?;

    let lisa = session.insert(UserCreate { email: "lisa@uae.dev".into(), name: None }).await?;
    session.delete(lisa);
    session.expire(user);
    session.expire_all();
    session.rollback().await?;
    let merged = session.merge(User::builder().id(2).email("ann@uae.dev").name("Ann")).await?;
    session.merge_all([User::builder().id(3).email("kim@uae.dev")]).await?;
    let struct_of_ann: User = session.expunge(merged);
    println!("{:?}", struct_of_ann.name);
    session.expunge_all();
    session.reset().await?;
    session.close().await
}

pub async fn related(engine: &Engine) -> aludel::Result<()> {
    let mut session = engine.session();
    let user = session.get_one::<User>(1).options(selectinload(User::DOCUMENTS)).await?;
    let document = session.add(Document::builder().title("Q2 Report").body(""));
    session[user].documents.push(document);
    session.flush().await?;
    println!("{}", session.view(document).owner()?.email);
    let tag = session.add(Tag::builder().name("finance"));
    session[document].tags.push(tag);
    session.add(Share::builder().document(document).reader(user));
    session.commit().await?;

    let other = session.add(Document::builder().title("Q3 Report").body(""));
    session.link(user, User::DOCUMENTS, other);
    session.commit().await?;
    session[user].documents.remove(other);
    session.commit().await?;

    session.load(user, User::PROFILE).await?;
    let users = session.scalars(select(User).order_by(User::ID)).all().await?;
    session.load_all(users, User::DOCUMENTS).await?;
    for document in session.view(user).documents()? {
        println!("{}", document.title);
    }
    let visits = select(Visit).filter(session.with_parent(user, User::VISITS)?);
    println!("{}", session.scalars(visits.limit(10)).all().await?.len());
    println!("{}", document_is_long(&mut session, document));
    let long = session.scalars(select(Document).filter(Document::IS_LONG)).all().await?;
    assert_eq!(long.len(), 0);

    session.apply(document, DocumentUpdate { title: Some("Final".into()), body: None });
    session.commit().await?;
    let stmt = select_as::<DocumentOut>().order_by(Document::ID);
    let outputs: Vec<DocumentOut> = session.scalars(stmt).all().await?;
    println!("{outputs:?}");
    session.close().await
}

fn document_is_long(session: &mut Session, document: Obj<Document>) -> bool {
    session[document].is_long()
}

pub async fn work(engine: &Engine) -> aludel::Result<()> {
    let mut session = engine.session_with(|o| o.autoflush(false));
    println!("{}", session.scalars(select(User)).all().await?.len());
    session.rollback().await?;
    let mut session = engine.session_with(|o| o.isolation(Isolation::Serializable));
    println!("{:?}", session.get::<User>(1).await?);
    let mut nested = session.begin_nested().await?;
    nested.add(Tag::builder().name("law"));
    nested.rollback().await?;
    session.rollback().await?;
    let mut quiet = session.no_autoflush();
    quiet.scalars(select(Tag)).all().await?;
    drop(quiet);

    session.close().await?;
    let mut session = engine.session();
    session.insert_all((1..=3).map(|it| Tag::builder().name(format!("tag {it}")))).await?;
    let rows = [(1, DocumentUpdate { title: Some("First".into()), body: None })];
    session.bulk_update::<Document, _, _>(rows).await?;
    let stmt = update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::BODY, "");
    session.execute(stmt).synchronize_session(false).await?;
    session.commit().await?;
    session.close().await?;

    let hooks = Hooks::new()
        .before_flush(|session| {
            println!("{} new", session.new().len());
            Ok(())
        })
        .before_insert(|tag: &mut Tag| {
            tag.name.make_ascii_lowercase();
            Ok(())
        })
        .after_commit(|_| println!("kept"));
    let mut session = engine.with_hooks(hooks).session();
    session.add(Tag::builder().name("LAW"));
    session.commit().await?;
    session.close().await?;

    let scoped = engine.scope(Document, Document::OWNER_ID.eq(1));
    scoped.session().scalars(select(Document)).all().await?;
    let mut test = engine.session_with(|o| o.rollback_only(true).max_queries(10));
    test.add(Tag::builder().name("tax"));
    test.commit().await?;
    test.close().await?;

    let users = engine.transact(|mut session| async move {
        let users = session.scalar(select(func::count(User::ID))).await?;
        session.commit().await?;
        Ok(users)
    });
    println!("{}", users.await?);

    let mut session = engine.session();
    let (users, tags) =
        session.together((select(User).scalars(), select(func::count(Tag::ID)).scalar())).await?;
    println!("{} {tags}", users.len());
    let orders = session.scalars(select(Order).with_deleted()).all().await?;
    for order in orders {
        session.restore(order);
    }
    session.close().await
}
