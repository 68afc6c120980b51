//! Keys within keys: a district has the key of its region in its own, and that has the key of its country. Codes change, are swapped and pass on in
//! all three generations at once, and what is not sent follows; the session knows some of the rows only.

use std::collections::BTreeSet;
use std::fmt;

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, random_cases};
use proptest::prelude::*;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "countries")]
pub struct Country {
    #[column(primary_key, length = 8)]
    pub code: String,
}

#[derive(Entity, Debug)]
#[entity(table = "regions")]
pub struct Region {
    #[column(primary_key, foreign_key = Country::CODE, on_update = "cascade", length = 8)]
    pub country_code: String,
    #[column(primary_key, length = 8)]
    pub code: String,
    pub area: i32,
}

#[derive(Entity, Debug)]
#[entity(
    table = "districts",
    foreign_key((country_code, region_code) => (Region::COUNTRY_CODE, Region::CODE), on_update = "cascade")
)]
pub struct District {
    #[column(primary_key, length = 8)]
    pub country_code: String,
    #[column(primary_key, length = 8)]
    pub region_code: String,
    #[column(primary_key, length = 8)]
    pub code: String,
    pub people: i32,
}

const COUNTRIES: usize = 3;
const REGIONS: usize = 2 * COUNTRIES;
const DISTRICTS: usize = 2 * REGIONS;

/// What becomes of a district.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Stays,
    Grows,
    Goes,
    IsMadeAnew,
}

/// What is flushed at once: siblings get these codes, of four that there are.
#[derive(Clone)]
struct Round {
    /// The session that flushes it knows nothing of those before.
    fresh: bool,
    countries: Option<[u8; COUNTRIES]>,
    regions: [Option<[u8; 2]>; COUNTRIES],
    /// To which countries regions move.
    moves: [Option<usize>; REGIONS],
    measured: [bool; REGIONS],
    districts: [Option<[u8; 2]>; REGIONS],
    fates: [Fate; DISTRICTS],
    /// Rows that are read though nothing changes in them.
    read: [bool; COUNTRIES + REGIONS + DISTRICTS],
}

impl fmt::Debug for Round {
    /// In one line, though it is asked for in many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fresh, countries, regions, moves, measured, districts, fates, read } = self;
        let line = format!(
            "fresh {fresh} countries {countries:?} regions {regions:?} moves {moves:?} measured {measured:?} districts {districts:?} fates {fates:?} read {read:?}"
        );
        f.write_str(&line)
    }
}

fn round() -> impl Strategy<Value = Round> {
    fn codes<const N: usize>() -> impl Strategy<Value = Option<[u8; N]>> {
        let shuffled = Just([0, 1, 2, 3]).prop_shuffle().prop_map(|all| std::array::from_fn(|at| all[at]));
        prop::option::of(shuffled)
    }
    let fate = prop_oneof![
        4 => Just(Fate::Stays), 2 => Just(Fate::Grows), 1 => Just(Fate::Goes), 1 => Just(Fate::IsMadeAnew),
    ];
    let moves = prop::array::uniform6(prop::option::weighted(0.15, 0..COUNTRIES));
    let parents = (any::<bool>(), codes(), prop::array::uniform3(codes()), moves, any::<[bool; REGIONS]>());
    let children = (prop::array::uniform6(codes()), prop::array::uniform12(fate), any::<[bool; 21]>());
    (parents, children).prop_map(
        |((fresh, countries, regions, moves, measured), (districts, fates, read))| Round {
            fresh,
            countries,
            regions,
            moves,
            measured,
            districts,
            fates,
            read,
        },
    )
}

/// What is in the tables.
#[derive(Clone, Debug)]
struct World {
    countries: [u8; COUNTRIES],
    /// The country, the code and the area.
    regions: [(usize, u8, i32); REGIONS],
    /// The code and the people of those that there are.
    districts: [Option<(u8, i32)>; DISTRICTS],
}

fn code(number: u8) -> String {
    ["north", "east", "south", "west"][usize::from(number)].into()
}

impl World {
    fn first() -> Self {
        Self {
            countries: [0, 1, 2],
            regions: std::array::from_fn(|at| (at / 2, (at % 2) as u8, 0)),
            districts: std::array::from_fn(|at| Some(((at % 2) as u8, 0))),
        }
    }

    fn country(&self, at: usize) -> String {
        code(self.countries[at])
    }

    fn region(&self, at: usize) -> (String, String) {
        let (country, number, _) = self.regions[at];
        (self.country(country), code(number))
    }

    fn district(&self, at: usize) -> Option<(String, String, String)> {
        let (country, region) = self.region(at / 2);
        Some((country, region, code(self.districts[at]?.0)))
    }

    /// As it is behind a round.
    fn behind(&self, round: &Round) -> Self {
        let mut next = self.clone();
        next.countries = round.countries.unwrap_or(self.countries);
        for (at, (country, number, area)) in next.regions.iter_mut().enumerate() {
            *country = round.moves[at].unwrap_or(*country);
            *number = round.regions[at / 2].map_or(*number, |codes| codes[at % 2]);
            *area += i32::from(round.measured[at]);
        }
        for (at, district) in next.districts.iter_mut().enumerate() {
            let renamed = round.districts[at / 2].map(|codes| codes[at % 2]);
            *district = match (round.fates[at], *district) {
                (Fate::Goes, _) => None,
                (Fate::IsMadeAnew, old) => {
                    // Where its sibling keeps its code, it has the one that is left to it.
                    Some((renamed.or(old.map(|it| it.0)).unwrap_or((at % 2) as u8 + 2), 100))
                }
                (_, None) => None,
                (fate, Some((number, people))) => {
                    Some((renamed.unwrap_or(number), people + i32::from(matches!(fate, Fate::Grows))))
                }
            };
        }
        next
    }

    /// Whether no two siblings have one code.
    fn is_possible(&self) -> bool {
        let regions: BTreeSet<_> =
            self.regions.iter().map(|(country, number, _)| (country, number)).collect();
        let mut pairs = self.districts.chunks(2);
        regions.len() == REGIONS && pairs.all(|it| !matches!(it, [Some((a, _)), Some((b, _))] if a == b))
    }

    /// Whether a region moves to a country that gets the code of the one it was in: set by hand, that is no change.
    fn is_ambiguous(&self, next: &Self) -> bool {
        let moves = |at: &usize| self.regions[*at].0 != next.regions[*at].0;
        (0..REGIONS).filter(moves).any(|at| self.region(at).0 == next.region(at).0)
    }

    fn add(&self, session: &mut Session) {
        for at in 0..COUNTRIES {
            session.add(Country::builder().code(self.country(at)));
        }
        for at in 0..REGIONS {
            let (country, region) = self.region(at);
            session.add(Region::builder().country_code(country).code(region).area(0));
        }
        for at in 0..DISTRICTS {
            self.add_district(session, at);
        }
    }

    fn add_district(&self, session: &mut Session, at: usize) -> Option<Obj<District>> {
        let (country, region, district) = self.district(at)?;
        let (_, people) = self.districts[at]?;
        let new = District::builder().country_code(country).region_code(region).code(district);
        Some(session.add(new.people(people)))
    }

    fn lines(&self) -> BTreeSet<String> {
        let countries = (0..COUNTRIES).map(|at| self.country(at));
        let regions = (0..REGIONS).map(|at| {
            let (country, region) = self.region(at);
            format!("{country}/{region} {}", self.regions[at].2)
        });
        let districts = (0..DISTRICTS).filter_map(|at| {
            let (country, region, district) = self.district(at)?;
            Some(format!("{country}/{region}/{district} {}", self.districts[at]?.1))
        });
        countries.chain(regions).chain(districts).collect()
    }
}

/// The rows, as a session reads them that knows nothing.
async fn lines(session: &mut Session) -> aludel::Result<BTreeSet<String>> {
    let countries = session.scalars(select(Country)).all().await?;
    let regions = session.scalars(select(Region)).all().await?;
    let districts = session.scalars(select(District)).all().await?;
    let countries = countries.into_iter().map(|it| session[it].code.clone());
    let regions = regions.into_iter().map(|it| {
        let Region { country_code, code, area, .. } = &session[it];
        format!("{country_code}/{code} {area}")
    });
    let districts = districts.into_iter().map(|it| {
        let District { country_code, region_code, code, people, .. } = &session[it];
        format!("{country_code}/{region_code}/{code} {people}")
    });
    Ok(countries.chain(regions).chain(districts).collect())
}

async fn play(db: &Db, rounds: &[Round]) -> aludel::Result<()> {
    for table in ["districts", "regions", "countries"] {
        db.run(&format!("DELETE FROM {table}")).await?;
    }
    let mut session = db.session();
    let mut world = World::first();
    world.add(&mut session);
    session.commit().await?;
    for round in rounds {
        let next = world.behind(round);
        if !next.is_possible() || world.is_ambiguous(&next) {
            continue;
        }
        if round.fresh {
            session = db.session();
        }
        match flush(&mut session, &world, &next, round).await {
            Ok(()) => world = next,
            // Who moves from one country to another while they change codes may have no place in between.
            Err(error) if error.kind() == ErrorKind::State && round.moves.iter().any(Option::is_some) => {
                session.rollback().await?;
            }
            Err(error) => return Err(error),
        }
        assert_eq!(lines(&mut db.session()).await?, world.lines(), "what is stored, after {round:?}");
        assert_eq!(lines(&mut session).await?, world.lines(), "what the session has, after {round:?}");
    }
    Ok(())
}

/// Brings the rows from one state to the next in one flush, and looks for them where they are then.
async fn flush(session: &mut Session, world: &World, next: &World, round: &Round) -> aludel::Result<()> {
    let mut countries = Vec::new();
    for at in 0..COUNTRIES {
        if round.read[at] || world.countries[at] != next.countries[at] {
            countries.push((at, session.get_one::<Country>(world.country(at)).await?));
        }
    }
    let mut regions = Vec::new();
    for at in 0..REGIONS {
        if round.read[COUNTRIES + at] || world.regions[at] != next.regions[at] {
            regions.push((at, session.get_one::<Region>(world.region(at)).await?));
        }
    }
    let mut districts = Vec::new();
    for at in 0..DISTRICTS {
        let changes =
            world.districts[at] != next.districts[at] || matches!(round.fates[at], Fate::IsMadeAnew);
        if let Some(key) = world.district(at).filter(|_| changes || round.read[COUNTRIES + REGIONS + at]) {
            districts.push((at, session.get_one::<District>(key).await?));
        }
    }
    for (at, country) in &countries {
        session[*country].code = next.country(*at);
    }
    for (at, region) in &regions {
        let (country, number, area) = next.regions[*at];
        if country != world.regions[*at].0 {
            session[*region].country_code = next.country(country);
        }
        session[*region].code = code(number);
        session[*region].area = area;
    }
    districts.retain(|(at, district)| match (round.fates[*at], next.districts[*at]) {
        (Fate::Goes | Fate::IsMadeAnew, _) | (_, None) => {
            session.delete(*district);
            false
        }
        (_, Some((number, people))) => {
            session[*district].code = code(number);
            session[*district].people = people;
            true
        }
    });
    for at in (0..DISTRICTS).filter(|at| matches!(round.fates[*at], Fate::IsMadeAnew)) {
        districts.extend(next.add_district(session, at).map(|new| (at, new)));
    }
    session.commit().await?;
    for (at, country) in countries {
        assert_eq!(session.get::<Country>(next.country(at)).await?, Some(country));
    }
    for (at, region) in regions {
        assert_eq!(session.get::<Region>(next.region(at)).await?, Some(region));
    }
    for (at, district) in districts {
        let key = next.district(at).expect("it is there");
        assert_eq!(session.get::<District>(key).await?, Some(district));
    }
    Ok(())
}

/// The world as it is first, and a session that knows nothing of it.
async fn first(db: &Db) -> aludel::Result<Session> {
    db.create(&Metadata::of((Country, Region, District))).await?;
    let mut session = db.session();
    World::first().add(&mut session);
    session.commit().await?;
    Ok(db.session())
}

on_each_database! {
    async fn a_row_is_found_whose_key_follows_through_one_that_nobody_read(db: Db) {
        let mut session = first(&db).await?;
        let country = session.get_one::<Country>("north").await?;
        let district = session.get_one::<District>(("north", "east", "east")).await?;
        session[country].code = "west".into();
        session[district].people = 7;
        let sent = log(session.commit()).await?;
        assert_eq!(sent, ["UPDATE districts SET people", "UPDATE countries SET code"]);
        assert_eq!(session[district].country_code, "west");
        assert_eq!(session.get::<District>(("west", "east", "east")).await?, Some(district));
        assert_eq!(db.value::<i32>("SELECT people FROM districts WHERE country_code = 'west' AND people > 0").await?, 7);
    }

    async fn what_nobody_sends_follows_a_swap_two_generations_above(db: Db) {
        let mut session = first(&db).await?;
        let [north, south] = [session.get_one::<Country>("north").await?, session.get_one::<Country>("south").await?];
        let district = session.get_one::<District>(("north", "east", "east")).await?;
        session[north].code = "south".into();
        session[south].code = "north".into();
        assert_eq!(log(session.flush()).await?, ["UPDATE countries SET code"; 3]);
        assert_eq!(session[district].country_code, "south");
        session.rollback().await?;
        assert_eq!(session[district].country_code, "north");
    }

    async fn a_new_row_takes_the_key_of_one_that_is_about_to_follow(db: Db) {
        let mut session = first(&db).await?;
        let [north, east] = [session.get_one::<Country>("north").await?, session.get_one::<Country>("east").await?];
        let [old, other] = [session.get_one::<Region>(("north", "north")).await?, session.get_one::<Region>(("east", "north")).await?];
        session[north].code = "west".into();
        session[east].code = "north".into();
        session[other].code = "south".into();
        let new = session.add(Region::builder().country_code("north").code("north").area(1));
        session.commit().await?;
        let countries = [old, other, new].map(|it| session[it].country_code.clone());
        assert_eq!(countries, ["west", "north", "north"]);
        assert_eq!(session.get::<Region>(("north", "north")).await?, Some(new));
    }

    async fn keys_within_keys_follow_through_generations(db: Db) {
        db.create(&Metadata::of((Country, Region, District))).await?;
        let played = random_cases(60, 1_000, 4_000).run(&prop::collection::vec(round(), 1..4), |rounds| {
            block_in_place(|| Handle::current().block_on(play(&db, &rounds)))
                .map_err(|error| TestCaseError::fail(format!("{error:?}")))
        });
        if let Err(broken) = played {
            panic!("{broken}");
        }
    }
}
