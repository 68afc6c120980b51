//! Loaders against a model: random rows, random trees of loaders, and what plain lists say that they lead to.
//!
//! Each tree is loaded in a session that may have loaded another one before. Whatever the strategies, the objects are those of the lists, in
//! their order, and nothing that was loaded is taken for a change. `cargo xtask test --long` makes many more.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, random_cases};
use proptest::prelude::*;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::choices::Choices;

#[path = "model/entities.rs"]
mod entities;
#[path = "model/tables.rs"]
mod tables;
#[path = "model/trees.rs"]
mod trees;
#[path = "model/world.rs"]
mod world;

use entities::{Comment, Folder, Post, Profile, Tag, User, blog};
use tables::Table;
use trees::Root;
use world::{Kind, World};

on_each_database! {
    async fn loaders_lead_to_what_plain_lists_say(db: Db) {
        db.create(&blog()).await?;
        let mut runner = random_cases(40, 3_000, 3_000);
        // The rows, and the trees, one after the other in one session.
        let numbers = |most| proptest::collection::vec(any::<u16>(), 0..most);
        let input = (numbers(120), proptest::collection::vec(numbers(50), 1..4));
        let ran = runner.run(&input, |(rows, trees)| {
            let world = World::random(&mut Choices::new(&rows));
            let roots: Vec<Root> = trees.iter().map(|it| Root::random(&mut Choices::new(it))).collect();
            let compared = block_in_place(|| Handle::current().block_on(compare(&db, &world, &roots)));
            compared.map_err(|why| TestCaseError::fail(format!("{why}\n{:#?}\n{roots:?}", world.sql())))
        });
        if let Err(broken) = ran {
            panic!("{broken}");
        }
    }
}

async fn compare(db: &Db, world: &World, roots: &[Root]) -> Result<(), String> {
    world.store(db).await.map_err(|error| error.to_string())?;
    let mut session = db.session();
    for root in roots {
        let expected = world.shown(root);
        let found = match root.kind {
            Kind::User => shown::<User>(&mut session, root).await,
            Kind::Post => shown::<Post>(&mut session, root).await,
            Kind::Comment => shown::<Comment>(&mut session, root).await,
            Kind::Tag => shown::<Tag>(&mut session, root).await,
            Kind::Profile => shown::<Profile>(&mut session, root).await,
            Kind::Folder => shown::<Folder>(&mut session, root).await,
        };
        let found = found.map_err(|error| format!("{error:?}"))?;
        if expected != found {
            return Err(format!("expected {expected:#?}\nfound    {found:#?}"));
        }
    }
    let changed = session.dirty();
    if changed.is_empty() { Ok(()) } else { Err(format!("taken for changed: {changed:?}")) }
}

/// The objects of a tree, each with what it leads to.
async fn shown<E: Table>(session: &mut Session, root: &Root) -> aludel::Result<Vec<String>> {
    let mut statement = E::all();
    if let Some(order) = root.order {
        statement = statement.order_by(E::order(order));
    }
    statement = statement.order_by(E::by_key());
    if let Some(condition) = root.condition {
        statement = statement.filter(E::condition(condition));
    }
    if let Some(limit) = root.limit {
        statement = statement.limit(limit);
    }
    if root.distinct {
        statement = statement.distinct();
    }
    if root.with_deleted {
        statement = statement.with_deleted();
    }
    let statement = root.then.iter().fold(statement, E::follow);
    let objects = session.scalars(statement).all().await?;
    objects.into_iter().map(|it| E::shown(session, it, &root.then)).collect()
}
