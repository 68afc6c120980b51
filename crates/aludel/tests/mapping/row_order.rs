//! Rows that wait for each other: circles, values that change hands, keys that others refer to.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

/// Employees and teams refer to each other, and either can do without.
#[derive(Entity, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = Team::ID)]
    pub team_id: Option<i64>,
    #[relation(back_populates = Team::MEMBERS)]
    pub team: BelongsTo<Team>,
    #[column(foreign_key = Employee::ID)]
    pub mentor_id: Option<i64>,
    #[relation]
    pub mentor: BelongsTo<Employee>,
}

#[derive(Entity, Debug)]
#[entity(table = "teams")]
pub struct Team {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Employee::ID)]
    pub lead_id: Option<i64>,
    #[relation(post_update)]
    pub lead: BelongsTo<Employee>,
    #[relation(back_populates = Employee::TEAM)]
    pub members: HasMany<Employee>,
}

/// A left glove needs its right one, and the other way round.
#[derive(Entity, Debug)]
#[entity(table = "lefts")]
pub struct Left {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Right::ID)]
    pub right_id: i64,
    #[relation]
    pub right: BelongsTo<Right>,
}

#[derive(Entity, Debug)]
#[entity(table = "rights")]
pub struct Right {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Left::ID)]
    pub left_id: i64,
    #[relation]
    pub left: BelongsTo<Left>,
}

/// Users share neither email nor seat; seats may be given up.
#[derive(Entity, Debug)]
#[entity(table = "users", unique(room, place))]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub email: String,
    #[column(unique)]
    pub number: i32,
    #[column(length = 20)]
    pub room: Option<String>,
    pub place: Option<i32>,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

/// A lamp hangs over one shelf only.
#[derive(Entity, Debug)]
#[entity(table = "lamps")]
pub struct Lamp {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, foreign_key = Shelf::ID)]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Shelf::LAMP)]
    pub shelf: BelongsTo<Shelf>,
}

#[derive(Entity, Debug)]
#[entity(table = "shelves")]
pub struct Shelf {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Lamp::SHELF)]
    pub lamp: HasOne<Lamp>,
    #[relation(back_populates = Sign::SHELF, cascade = "all, delete-orphan")]
    pub sign: HasOne<Sign>,
}

#[derive(Entity, Debug)]
#[entity(table = "signs")]
pub struct Sign {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, foreign_key = Shelf::ID)]
    pub shelf_id: i64,
    #[relation(back_populates = Shelf::SIGN)]
    pub shelf: BelongsTo<Shelf>,
}

/// Keys that people give, and that others follow: regions and towns those of countries.
#[derive(Entity, Debug)]
#[entity(table = "countries")]
pub struct Country {
    #[column(primary_key, length = 8)]
    pub code: String,
    #[relation(back_populates = Region::COUNTRY)]
    pub regions: HasMany<Region>,
}

#[derive(Entity, Debug)]
#[entity(table = "regions")]
pub struct Region {
    #[column(primary_key, foreign_key = Country::CODE, on_update = "cascade", length = 8)]
    pub country_code: String,
    #[column(primary_key, length = 8)]
    pub code: String,
    #[column(length = 50)]
    pub name: Option<String>,
    #[relation(back_populates = Country::REGIONS)]
    pub country: BelongsTo<Country>,
}

#[derive(Entity, Debug)]
#[entity(table = "towns")]
pub struct Town {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Country::CODE, on_update = "cascade", length = 8)]
    pub country_code: String,
}

/// Refers to regions by both columns of their key.
#[derive(Entity, Debug)]
#[entity(table = "lakes", foreign_key((country_code, region_code) => (Region::COUNTRY_CODE, Region::CODE), on_update = "cascade"))]
pub struct Lake {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 8)]
    pub country_code: String,
    #[column(length = 8)]
    pub region_code: String,
}

/// Refuses to follow.
#[derive(Entity, Debug)]
#[entity(table = "embassies")]
pub struct Embassy {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Country::CODE, length = 8)]
    pub country_code: String,
    #[relation]
    pub country: BelongsTo<Country>,
}

fn people() -> Metadata {
    Metadata::of((Employee, Team))
}

fn users() -> Metadata {
    Metadata::of((User, Document))
}

fn world() -> Metadata {
    Metadata::of((Country, Region, Town, Lake, Embassy))
}

fn user(name: &str, number: i32) -> impl Related<User> {
    User::builder().email(format!("{name}@example.org")).number(number).room("A").place(number)
}

/// Three users: a, b and c, with numbers and places 1, 2 and 3.
async fn three(db: &Db) -> aludel::Result<(Session, [Obj<User>; 3])> {
    db.create(&users()).await?;
    let mut session = db.session();
    let users = [("a", 1), ("b", 2), ("c", 3)].map(|(name, number)| session.add(user(name, number)));
    session.commit().await?;
    Ok((session, users))
}

/// The first letters of the emails, the numbers and the places, by key.
async fn seats(db: &Db) -> aludel::Result<String> {
    let rows = db.rows("SELECT email, number, place FROM users ORDER BY id").await?;
    let seat = |row: &Row| {
        let email: String = row.get("email")?;
        let place: Option<i32> = row.get("place")?;
        Ok(format!(
            "{}{}{}",
            &email[..1],
            row.get::<i32>("number")?,
            place.map_or("-".into(), |it| it.to_string())
        ))
    };
    Ok(rows.iter().map(seat).collect::<aludel::Result<Vec<_>>>()?.join(" "))
}

on_each_database! {
    async fn new_rows_that_refer_to_each_other_are_inserted_and_then_updated(db: Db) {
        db.create(&people()).await?;
        let mut session = db.session();
        let [ada, ben] = ["Ada", "Ben"].map(|name| session.add(Employee::builder().name(name)));
        let team = session.add(Team::builder().lead(ada).members([ada, ben]));
        let mut sent = log(session.commit()).await?;
        sent.dedup();
        assert_eq!(sent, ["INSERT INTO teams", "INSERT INTO employees", "UPDATE teams SET lead_id"]);
        assert_eq!((session[team].lead_id, session[ada].team_id), (Some(session[ada].id), Some(session[team].id)));
        let found = db.value::<i64>("SELECT count(*) FROM teams t JOIN employees e ON e.id = t.lead_id AND e.team_id = t.id").await?;
        assert_eq!(found, 1);
    }

    async fn rows_that_refer_to_each_other_are_deleted_too(db: Db) {
        db.create(&people()).await?;
        let mut session = db.session();
        let ada = session.add(Employee::builder().name("Ada"));
        let team = session.add(Team::builder().lead(ada).members([ada]));
        session.commit().await?;
        session.load(team, Team::MEMBERS).await?;
        session.delete(ada);
        session.delete(team);
        session.commit().await?;
        assert_eq!((db.count("employees").await?, db.count("teams").await?), (0, 0));
    }

    async fn a_new_row_may_refer_to_itself(db: Db) {
        db.create(&people()).await?;
        let mut session = db.session();
        let ada = session.add(Employee::builder().name("Ada"));
        session[ada].mentor.set(ada);
        let [x, y] = ["X", "Y"].map(|name| session.add(Employee::builder().name(name)));
        session[x].mentor.set(y);
        session[y].mentor.set(x);
        session.commit().await?;
        assert_eq!(session[ada].mentor_id, Some(session[ada].id));
        let pairs = db.rows("SELECT id, mentor_id FROM employees ORDER BY name").await?;
        let mentor = |at: usize| pairs[at].get::<i64>("mentor_id");
        assert_eq!([mentor(0)?, mentor(1)?, mentor(2)?], [session[ada].id, session[y].id, session[x].id]);
        for object in [ada, x, y] {
            session.delete(object);
        }
        session.commit().await?;
        assert_eq!(db.count("employees").await?, 0);
    }

    async fn a_circle_that_nothing_cuts_is_an_error_that_tells_it(db: Db) {
        db.create(&Metadata::of((Left, Right))).await?;
        let mut session = db.session();
        let left = session.add(Left::builder());
        let right = session.add(Right::builder().left(left));
        session[left].right.set(right);
        let error = refused(session.flush().await, ErrorKind::State);
        let what = error.what();
        assert!(what.contains("a new Left needs a new Right for its `lefts.right_id`"), "{what}");
        assert!(what.contains("a new Right needs a new Left for its `rights.left_id`"), "{what}");
        // Nothing was sent: without the circle the same session goes on.
        session.delete(left);
        session.delete(right);
        session.commit().await?;
    }

    async fn two_rows_swap_unique_values(db: Db) {
        let (mut session, [a, b, _]) = three(&db).await?;
        let (x, y) = session.pair_mut(a, b);
        std::mem::swap(&mut x.email, &mut y.email);
        std::mem::swap(&mut x.number, &mut y.number);
        std::mem::swap(&mut x.place, &mut y.place);
        session.commit().await?;
        assert_eq!(seats(&db).await?, "b22 a11 c33");
        assert_eq!(session[a].email, "b@example.org");
    }

    async fn rows_pass_unique_values_round(db: Db) {
        let (mut session, users) = three(&db).await?;
        let emails = users.map(|it| session[it].email.clone());
        for (at, user) in users.into_iter().enumerate() {
            session[user].email = emails[(at + 1) % 3].clone();
        }
        let sent = log(session.commit()).await?;
        assert_eq!(sent.len(), 4, "one of them parks, and then each takes its turn: {sent:?}");
        assert_eq!(seats(&db).await?, "b11 c22 a33");
    }

    async fn a_swap_through_null_needs_nothing_unheard_of(db: Db) {
        let (mut session, [a, b, _]) = three(&db).await?;
        let (x, y) = session.pair_mut(a, b);
        std::mem::swap(&mut x.place, &mut y.place);
        assert_eq!(log(session.commit()).await?, ["UPDATE users SET place"; 3]);
        assert_eq!(seats(&db).await?, "a12 b21 c33");
    }

    async fn values_move_up_without_parking(db: Db) {
        let (mut session, [a, b, c]) = three(&db).await?;
        session[a].number = 2;
        session[b].number = 3;
        session[c].number = 4;
        assert_eq!(log(session.commit()).await?, ["UPDATE users SET number"; 3]);
        assert_eq!(seats(&db).await?, "a21 b32 c43");
    }

    async fn a_deleted_row_hands_its_unique_value_to_a_new_one(db: Db) {
        let (mut session, [a, b, _]) = three(&db).await?;
        session.delete(a);
        let new = session.add(User::builder().email("a@example.org").number(2).place(2).room("A"));
        session[b].number = 20;
        session[b].place = None;
        let sent = log(session.commit()).await?;
        assert_eq!(sent.last().map(String::as_str), Some("INSERT INTO users"), "{sent:?}");
        assert_eq!(session.try_get(new).map(|it| it.number), Some(2));
        assert_eq!(db.count("users").await?, 3);
    }

    async fn what_a_deleted_row_owned_moves_to_the_new_one_of_its_name(db: Db) {
        let (mut session, [a, ..]) = three(&db).await?;
        let document = session.add(Document::builder().owner(a));
        session.commit().await?;
        let new = session.add(User::builder().email("a@example.org").number(9));
        session[document].owner.set(new);
        session.delete(a);
        session.commit().await?;
        assert_eq!(session[document].owner_id, session[new].id);
        assert_eq!(db.value::<i64>("SELECT owner_id FROM documents").await?, session[new].id);
    }

    async fn one_that_is_replaced_makes_room_first(db: Db) {
        db.create(&Metadata::of((Shelf, Lamp, Sign))).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().lamp(Lamp::builder()).sign(Sign::builder()));
        session.commit().await?;
        let (lamp, sign) = (session.add(Lamp::builder()), session.add(Sign::builder()));
        session[shelf].lamp.set(lamp);
        session[shelf].sign.set(sign);
        let sent = log(session.commit()).await?;
        let expected = [
            "SELECT FROM lamps", "SELECT FROM signs", "UPDATE lamps SET shelf_id", "DELETE FROM signs", "INSERT INTO lamps", "INSERT INTO signs",
        ];
        let mut sorted = sent.clone();
        sorted.sort_by_key(|it| expected.iter().position(|expected| expected == it));
        assert_eq!(sorted, expected, "{sent:?}");
        let other = session.add(Shelf::builder());
        session[other].lamp.set(lamp);
        session.commit().await?;
        assert_eq!(session[lamp].shelf_id, Some(session[other].id));
        assert_eq!((db.count("lamps").await?, db.count("signs").await?), (2, 1));
    }

    async fn rows_swap_primary_keys_and_their_children_follow(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        let [de, fr] = ["de", "fr"].map(|code| session.add(Country::builder().code(code)));
        let region = session.add(Region::builder().code("by").country(de));
        session.flush().await?;
        let town = session.add(Town::builder().country_code("de"));
        session.commit().await?;
        session[de].code = "fr".into();
        session[fr].code = "de".into();
        session.commit().await?;
        assert_eq!(session[region].country_code, "fr");
        assert_eq!(session[town].country_code, "fr");
        assert_eq!(db.value::<String>("SELECT country_code FROM towns").await?, "fr");
        assert_eq!(session.get::<Country>("fr").await?, Some(de));
        assert_eq!(session.get::<Region>(("fr", "by")).await?, Some(region));
        session.commit().await?;
    }

    async fn a_changed_key_is_followed_by_what_is_in_memory_and_back_again(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        let de = session.add(Country::builder().code("de"));
        let [by, be] = ["by", "be"].map(|code| session.add(Region::builder().code(code).country(de)));
        session.commit().await?;
        session[de].code = "ddr".into();
        session[be].name = Some("Berlin".into());
        session[by].country_code = "ddr".into(); // as it would be anyway
        let new = session.add(Region::builder().code("sn").country(de));
        session.flush().await?;
        assert!([by, be, new].iter().all(|it| session[*it].country_code == "ddr"));
        assert_eq!(session.get::<Region>(("ddr", "be")).await?, Some(be));
        session.rollback().await?;
        assert!([by, be].iter().all(|it| session[*it].country_code == "de"));
        assert_eq!(session.get::<Region>(("de", "be")).await?, Some(be));
    }

    async fn a_changed_key_that_nobody_follows_is_refused(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        let de = session.add(Country::builder().code("de"));
        session.add(Embassy::builder().country(de));
        session.commit().await?;
        session[de].code = "ddr".into();
        refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        session.rollback().await?;
        assert_eq!(session[de].code, "de");
    }

    async fn rows_with_keys_of_several_columns_come_after_what_they_refer_to(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        // Added the wrong way round, children first.
        let lake = session.add(Lake::builder().country_code("de").region_code("by"));
        let town = session.add(Town::builder().country_code("de"));
        let region = session.add(Region::builder().country_code("de").code("by"));
        let country = session.add(Country::builder().code("de"));
        session.commit().await?;
        session[region].code = "bay".into();
        session[country].code = "ddr".into();
        session.flush().await?;
        assert_eq!((session[lake].country_code.as_str(), session[lake].region_code.as_str()), ("ddr", "bay"));
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT region_code FROM lakes WHERE country_code = 'ddr'").await?, "bay");
        session.delete(country);
        session.delete(region);
        session.delete(lake);
        session.delete(town);
        let sent = log(session.commit()).await?;
        let place = |table: &str| sent.iter().position(|it| it.ends_with(table));
        assert!(place("lakes") < place("regions") && place("regions") < place("countries"), "{sent:?}");
    }

    async fn two_objects_with_one_key_are_refused_before_anything_is_sent(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        session.add(Country::builder().code("de"));
        let twice = session.add(Country::builder().code("de"));
        let error = refused(session.flush().await, ErrorKind::UniqueViolation);
        assert!(error.what().contains("two new objects have one key: Country#\"de\""), "{error}");
        session.delete(twice);
        session.commit().await?;

        let de = session.get_one::<Country>("de").await?;
        session.add(Country::builder().code("de"));
        let error = refused(session.flush().await, ErrorKind::UniqueViolation);
        assert!(error.what().contains("a new object has the key of one that is here: Country#\"de\""), "{error}");
        // A key that is given up in the same flush can be taken.
        session[de].code = "ddr".into();
        session.commit().await?;
        assert_eq!(db.count("countries").await?, 2);
    }

    async fn a_deleted_row_can_be_added_again(db: Db) {
        db.create(&world()).await?;
        let mut session = db.session();
        let old = session.add(Country::builder().code("de"));
        session.commit().await?;
        session.delete(old);
        let new = session.add(Country::builder().code("de"));
        assert_eq!(log(session.flush()).await?, ["DELETE FROM countries", "INSERT INTO countries"]);
        assert_eq!(session.get::<Country>("de").await?, Some(new));
        session.rollback().await?;
        assert_eq!(session.get::<Country>("de").await?, Some(old));
    }
}
