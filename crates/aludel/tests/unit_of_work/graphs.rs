//! Random graphs: trees, circles and ties, stored in one session and read in another; then a few columns change, and only those are sent.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;
use aludel_suite::{Db, long, on_each_database};
use aludel_testing::Random;

use crate::log::log;

/// A person has a boss (a tree), a friend (anybody, oneself too), and follows others.
#[derive(Entity, Debug)]
#[entity(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub name: String,
    #[column(length = 20)]
    pub town: Option<String>,
    #[column(foreign_key = Person::ID)]
    pub boss_id: Option<i64>,
    #[relation(foreign_key = boss_id, back_populates = Person::REPORTS)]
    pub boss: BelongsTo<Person>,
    #[relation(foreign_key = Person::BOSS_ID, back_populates = Person::BOSS)]
    pub reports: HasMany<Person>,
    #[column(foreign_key = Person::ID)]
    pub friend_id: Option<i64>,
    #[relation(foreign_key = friend_id)]
    pub friend: BelongsTo<Person>,
    #[relation(secondary = FOLLOWS, foreign_key = follower, back_populates = Person::FOLLOWERS)]
    pub following: HasMany<Person>,
    #[relation(secondary = FOLLOWS, foreign_key = followed, back_populates = Person::FOLLOWING)]
    pub followers: HasMany<Person>,
}

aludel::association_table! {
    /// Who follows whom.
    pub FOLLOWS = "follows" { follower => Person::ID, followed => Person::ID }
}

/// A graph of people, by their numbers.
#[derive(Debug, PartialEq)]
struct Graph {
    boss: Vec<Option<usize>>,
    friend: Vec<Option<usize>>,
    following: BTreeSet<(usize, usize)>,
}

impl Graph {
    fn random(random: &mut Random) -> Self {
        let people = 1 + random.below(25);
        let boss = (0..people).map(|at| (at > 0 && random.below(4) > 0).then(|| random.below(at))).collect();
        let friend = (0..people).map(|_| (random.below(2) == 0).then(|| random.below(people))).collect();
        let following = (0..random.below(3 * people)).map(|_| (random.below(people), random.below(people)));
        Self { boss, friend, following: following.collect() }
    }

    /// Adds it in a random order, each tie told from one of its sides.
    fn add(&self, session: &mut Session, random: &mut Random) -> Vec<Obj<Person>> {
        let mut order: Vec<usize> = (0..self.boss.len()).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        let mut objects = vec![None; order.len()];
        for at in order {
            objects[at] = Some(session.add(Person::builder().name(format!("person {at}"))));
        }
        let objects: Vec<Obj<Person>> = objects.into_iter().flatten().collect();
        for (at, boss) in self.boss.iter().enumerate() {
            match boss.map(|boss| objects[boss]) {
                Some(boss) if random.below(2) == 0 => session[boss].reports.push(objects[at]),
                Some(boss) => session[objects[at]].boss.set(boss),
                None => {}
            }
        }
        for (at, friend) in self.friend.iter().enumerate() {
            if let Some(friend) = friend {
                session[objects[at]].friend.set(objects[*friend]);
            }
        }
        for (follower, followed) in &self.following {
            if random.below(2) == 0 {
                session[objects[*follower]].following.push(objects[*followed]);
            } else {
                session[objects[*followed]].followers.push(objects[*follower]);
            }
        }
        objects
    }

    /// Reads it in a session that knows nothing yet.
    async fn read(db: &Db) -> aludel::Result<Self> {
        let mut session = db.session();
        let all = select(Person).options(selectinload(Person::FOLLOWING)).order_by(Person::ID);
        let people = session.scalars(all).all().await?;
        let number = |it: Obj<Person>| -> usize {
            session[it]
                .name
                .strip_prefix("person ")
                .and_then(|it| it.parse().ok())
                .expect("the name has a number")
        };
        let by_key: BTreeMap<i64, usize> = people.iter().map(|it| (session[*it].id, number(*it))).collect();
        let mut graph = Self {
            boss: vec![None; people.len()],
            friend: vec![None; people.len()],
            following: BTreeSet::new(),
        };
        for person in people {
            let at = number(person);
            graph.boss[at] = session[person].boss_id.map(|it| by_key[&it]);
            graph.friend[at] = session[person].friend_id.map(|it| by_key[&it]);
            let followed = session[person].following.handles().expect("they were loaded");
            graph.following.extend(followed.into_iter().map(|it| (at, number(it))));
        }
        Ok(graph)
    }
}

/// Changes names or towns of some; returns the columns that a flush may send.
fn change(session: &mut Session, objects: &[Obj<Person>], random: &mut Random) -> BTreeSet<&'static str> {
    let mut columns = BTreeSet::new();
    for object in objects {
        match random.below(6) {
            0 => {
                session[*object].town = Some(format!("town {}", random.below(3)));
                columns.insert("town");
            }
            // Written, and the same as before.
            1 => {
                let boss = session[*object].boss_id;
                session[*object].boss_id = None;
                session[*object].boss_id = boss;
            }
            2 => {
                let name = session[*object].name.clone();
                session[*object].name = "another".into();
                session[*object].name = name;
            }
            _ => {}
        }
    }
    columns
}

on_each_database! {
    async fn a_random_graph_comes_back_as_it_was(db: Db) {
        db.create(&Metadata::of((Person, FOLLOWS))).await?;
        for seed in 1..=(if long() { 500 } else { 25 }) {
            let mut random = Random(seed);
            let graph = Graph::random(&mut random);
            let mut session = db.session();
            let objects = graph.add(&mut session, &mut random);
            let sent = log(session.commit()).await?;
            // Nothing is read, ties come last, and a circle takes one UPDATE more.
            assert!(sent.iter().all(|it| !it.starts_with("SELECT")), "seed {seed}: {sent:?}");
            let first_tie = sent.iter().position(|it| it == "INSERT INTO follows").unwrap_or(sent.len());
            assert!(sent[first_tie..].iter().all(|it| it == "INSERT INTO follows"), "seed {seed}: {sent:?}");
            assert_eq!(Graph::read(&db).await?, graph, "seed {seed}");

            // What did not change is not sent.
            let columns = change(&mut session, &objects, &mut random);
            let sent = log(session.commit()).await?;
            for statement in &sent {
                let set = statement.strip_prefix("UPDATE people SET ").unwrap_or_else(|| panic!("seed {seed}: {statement}"));
                assert!(set.split(", ").all(|it| columns.contains(it)), "seed {seed}: {statement}, expected {columns:?}");
            }
            assert_eq!(sent.is_empty(), columns.is_empty(), "seed {seed}");
            assert_eq!(Graph::read(&db).await?, graph, "seed {seed}");

            // Half of them go, in any order. Reports and followers are told by the relations; friends have no relation back, so whoever
            // stays is told by hand.
            let goes: Vec<bool> = objects.iter().map(|_| random.below(2) == 0).collect();
            for (at, object) in objects.iter().enumerate() {
                if goes[at] {
                    session.delete(*object);
                } else if graph.friend[at].is_some_and(|friend| goes[friend]) {
                    session[*object].friend.clear();
                }
            }
            let left = goes.iter().filter(|it| !**it).count();
            session.commit().await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert_eq!(db.count("people").await?, left as i64, "seed {seed}");
            for sql in ["DELETE FROM follows", "UPDATE people SET boss_id = NULL, friend_id = NULL", "DELETE FROM people"] {
                db.run(sql).await?;
            }
        }
    }
}
