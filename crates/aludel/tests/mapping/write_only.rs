//! Collections that are written and never read: what SQLAlchemy's write-only and dynamic collections promise, and what they send.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "ships")]
pub struct Ship {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Sailor::SHIP, write_only, passive_deletes)]
    pub crew: HasMany<Sailor>,
    #[relation(secondary = CALLS, back_populates = Port::SHIPS, write_only)]
    pub ports: HasMany<Port>,
}

#[derive(Entity, Debug)]
#[entity(table = "sailors")]
pub struct Sailor {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[column(foreign_key = Ship::ID, on_delete = "set null")]
    pub ship_id: Option<i64>,
    #[relation(back_populates = Ship::CREW)]
    pub ship: BelongsTo<Ship>,
}

#[derive(Entity, Debug)]
#[entity(table = "ports")]
pub struct Port {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(secondary = CALLS, back_populates = Ship::PORTS)]
    pub ships: HasMany<Ship>,
}

aludel::association_table! {
    pub CALLS = "calls" { ship_id => Ship::ID, port_id => Port::ID }
}

#[derive(Entity, Debug)]
#[entity(table = "nodes")]
pub struct Node {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Node::ID, on_delete = "cascade")]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Node::PARENT, write_only, passive_deletes)]
    pub children: HasMany<Node>,
    #[relation(back_populates = Node::CHILDREN)]
    pub parent: BelongsTo<Node>,
}

async fn tables(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Ship, Sailor, Port, Node, CALLS))).await
}

/// A ship with two sailors that calls at one port.
fn beagle() -> impl Related<Ship> {
    Ship::builder()
        .name("Beagle")
        .crew(["Ann", "Bob"].map(|name| Sailor::builder().name(name)))
        .ports([Port::builder().name("Bahia")])
}

/// The names of a ship's crew, as the database has them.
async fn crew(session: &mut Session, ship: Obj<Ship>) -> aludel::Result<Vec<String>> {
    let theirs = session.with_parent(ship, Ship::CREW)?;
    session.scalars(select(Sailor::NAME).filter(theirs).order_by(Sailor::NAME)).all().await
}

/// The names of a ship's ports, as the database has them.
async fn ports(session: &mut Session, ship: Obj<Ship>) -> aludel::Result<Vec<String>> {
    let theirs = session.with_parent(ship, Ship::PORTS)?;
    session.scalars(select(Port::NAME).filter(theirs).order_by(Port::NAME)).all().await
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

on_each_database! {
    async fn what_is_added_and_removed_is_what_the_next_flush_sends(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle"));
        let [ann, bob] = ["Ann", "Bob"].map(|name| session.add(Sailor::builder().name(name)));
        session.flush().await?;
        session[ship].crew.push(ann);
        assert_eq!(log(session.flush()).await?, ["UPDATE sailors SET ship_id"]);
        assert_eq!((crew(&mut session, ship).await?, session[ann].ship_id), (names(&["Ann"]), Some(session[ship].id)));
        session[ship].crew.remove(ann);
        session.flush().await?;
        assert_eq!((crew(&mut session, ship).await?, session[ann].ship_id), (names(&[]), None));
        session[ship].crew.push(ann);
        session.flush().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Ann"]);
        // One leaves and one comes.
        session[ship].crew.remove(ann);
        session[ship].crew.push(bob);
        session.flush().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Bob"]);
        // Who is there already is not sent.
        session[ship].crew.push(bob);
        assert!(log(session.flush()).await?.is_empty());
        // Who was never there stays where he is.
        session[ship].crew.remove(ann);
        assert!(log(session.flush()).await?.is_empty());
        session.commit().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Bob"]);
    }

    async fn added_and_removed_again_is_nothing(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle"));
        let ann = session.add(Sailor::builder().name("Ann"));
        let port = session.add(Port::builder().name("Bahia"));
        session.commit().await?;
        session[ship].crew.push(ann);
        session[ship].ports.push(port);
        session[ship].crew.remove(ann);
        session[ship].ports.remove(port);
        assert!(log(session.commit()).await?.is_empty());
        assert_eq!((session[ann].ship_id, ports(&mut session, ship).await?), (None, names(&[])));
    }

    async fn nothing_is_read_to_write(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(beagle());
        session.commit().await?;
        let id = session[ship].id;
        let mut session = db.session();
        let ship = session.get_one::<Ship>(id).await?;
        let cat = session.add(Sailor::builder().name("Cat"));
        session[ship].crew.push(cat);
        assert_eq!(log(session.commit()).await?, ["INSERT INTO sailors"]);
        let bob = session.scalars(select(Sailor).filter(Sailor::NAME.eq("Bob"))).one().await?;
        session[ship].crew.remove(bob);
        assert_eq!(log(session.commit()).await?, ["UPDATE sailors SET ship_id"]);
        let bahia = session.scalars(select(Port)).one().await?;
        session[ship].ports.remove(bahia);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM calls"]);
        assert_eq!((crew(&mut session, ship).await?, ports(&mut session, ship).await?), (names(&["Ann", "Cat"]), names(&[])));
    }

    async fn a_rollback_forgets_what_was_added(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle").crew([Sailor::builder().name("Ann")]));
        session.commit().await?;
        let bob = session.add(Sailor::builder().name("Bob"));
        session[ship].crew.push(bob);
        assert_eq!(crew(&mut session, ship).await?, ["Ann", "Bob"]);
        session.rollback().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Ann"]);
        assert!(log(session.commit()).await?.is_empty());
        // And so does the one of a savepoint.
        let bob = session.add(Sailor::builder().name("Bob"));
        session.flush().await?;
        let mut nested = session.begin_nested().await?;
        nested[ship].crew.push(bob);
        nested.flush().await?;
        nested.rollback().await?;
        assert_eq!((crew(&mut session, ship).await?, session[bob].ship_id), (names(&["Ann"]), None));
        session.commit().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Ann"]);
    }

    async fn the_other_side_writes_into_it(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle"));
        let ann = session.add(Sailor::builder().name("Ann").ship(ship));
        let port = session.add(Port::builder().name("Bahia").ships([ship]));
        session.flush().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Ann"]);
        assert_eq!(ports(&mut session, ship).await?, ["Bahia"]);
        session[ann].ship.clear();
        session[port].ships.remove(ship);
        assert_eq!(crew(&mut session, ship).await?, names(&[]));
        assert_eq!(ports(&mut session, ship).await?, names(&[]));
        session.commit().await?;
    }

    async fn it_writes_into_the_other_side(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let [beagle, fram] = ["Beagle", "Fram"].map(|name| session.add(Ship::builder().name(name)));
        let ann = session.add(Sailor::builder().name("Ann"));
        let port = session.add(Port::builder().name("Bahia"));
        session[beagle].crew.push(ann);
        session[beagle].ports.push(port);
        session.commit().await?;
        session.load(ann, Sailor::SHIP).await?;
        session.load(port, Port::SHIPS).await?;
        // Who signs on elsewhere signs off here.
        session[fram].crew.push(ann);
        session[fram].ports.push(port);
        session.commit().await?;
        session.load(ann, Sailor::SHIP).await?;
        session.load(port, Port::SHIPS).await?;
        assert_eq!(session.view(ann).ship()?.map(|it| it.name.clone()).as_deref(), Some("Fram"));
        assert_eq!(session.view(port).ships()?.count(), 2);
        assert_eq!((crew(&mut session, beagle).await?, crew(&mut session, fram).await?), (names(&[]), names(&["Ann"])));
    }

    async fn who_is_new_comes_with_the_parent(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let leaf = |_| Node::builder();
        let root = session.add(Node::builder().children((0..3).map(leaf)));
        session.commit().await?;
        let below = session.with_parent(root, Node::CHILDREN)?;
        let children = session.scalars(select(Node).filter(below).order_by(Node::ID)).all().await?;
        assert_eq!(children.len(), 3);
        let grandchild = session.add(Node::builder());
        session[children[0]].children.push(grandchild);
        session.commit().await?;
        assert_eq!(session[grandchild].parent_id, Some(session[children[0]].id));
        session.delete(root);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM nodes"]);
        assert_eq!(db.count("nodes").await?, 0);
    }

    async fn a_parent_goes_without_a_look_at_it(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(beagle());
        session.commit().await?;
        session.delete(ship);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM calls", "DELETE FROM ships"]);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM sailors WHERE ship_id IS NULL").await?, 2);
        assert_eq!((db.count("calls").await?, db.count("ports").await?), (0, 1));
    }

    // A merge makes a collection what it is given, and would have to know what is in it.
    async fn a_merge_leaves_it_and_takes_nothing_for_it(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle").crew([Sailor::builder().name("Ann")]));
        session.commit().await?;
        let id = session[ship].id;
        let merged = session.merge(Ship::builder().id(id).name("Beagle II")).await?;
        assert_eq!(merged, ship);
        session.commit().await?;
        assert_eq!((crew(&mut session, ship).await?, session[ship].name.as_str()), (names(&["Ann"]), "Beagle II"));
        let with_crew = Ship::builder().id(id).name("Beagle III").crew([Sailor::builder().name("Bob")]);
        let error = refused(session.merge(with_crew).await, ErrorKind::State);
        assert!(error.to_string().contains("`Ship.crew` is write-only: what is not given of it cannot be taken out"), "{error}");
        session.commit().await?;
        assert_eq!((crew(&mut session, ship).await?, session[ship].name.as_str()), (names(&["Ann"]), "Beagle II"));
    }

    async fn a_merge_of_what_is_new_fills_it(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let given = Ship::builder().id(7).name("Fram").crew(["Ann", "Bob"].map(|name| Sailor::builder().name(name)));
        let ship = session.merge(given).await?;
        session.commit().await?;
        assert_eq!((crew(&mut session, ship).await?, session[ship].id), (names(&["Ann", "Bob"]), 7));
    }

    async fn an_expired_parent_keeps_what_was_added(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let ship = session.add(Ship::builder().name("Beagle"));
        session.commit().await?;
        let ann = session.add(Sailor::builder().name("Ann"));
        session[ship].crew.push(ann);
        session.flush().await?;
        session.expire_all();
        let bob = session.add(Sailor::builder().name("Bob"));
        session[ship].crew.push(bob);
        session.commit().await?;
        assert_eq!(crew(&mut session, ship).await?, ["Ann", "Bob"]);
    }
}
