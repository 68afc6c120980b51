//! Rules of engines that translate schemas: one declaration, the tables of many tenants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aludel::events::{Listener, StatementEvent};
use aludel::prelude::*;
use aludel::schema::Sequence;
use aludel::{Placeholder, SchemaMap, association_table, prepared};
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::schema::people;

/// Has volumes.
#[derive(Entity, Debug)]
#[entity(table = "cases")]
pub struct Case {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub label: String,
    #[relation(back_populates = Volume::CASE, cascade = "all, delete-orphan")]
    pub volumes: HasMany<Volume>,
}

/// Stands in a case.
#[derive(Entity, Debug)]
#[entity(table = "volumes")]
pub struct Volume {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    #[column(foreign_key = Case::ID)]
    pub case_id: i64,
    #[column(version)]
    pub version: i64,
    #[relation(back_populates = Case::VOLUMES)]
    pub case: BelongsTo<Case>,
    #[relation(secondary = VOLUME_TOPIC, back_populates = Topic::VOLUMES)]
    pub topics: HasMany<Topic>,
}

/// What volumes are about.
#[derive(Entity, Debug)]
#[entity(table = "topics")]
pub struct Topic {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub word: String,
    #[relation(secondary = VOLUME_TOPIC, back_populates = Volume::TOPICS)]
    pub volumes: HasMany<Volume>,
}

association_table! {
    pub VOLUME_TOPIC = "volume_topic" { volume_id => Volume::ID, topic_id => Topic::ID }
}

/// Is declared in a schema.
#[derive(Entity, Debug)]
#[entity(table = "receipts", schema = "shop")]
pub struct Receipt {
    #[column(primary_key)]
    pub id: i64,
    pub cents: i64,
}

#[derive(Changeset)]
#[changeset(Topic)]
struct TopicUpdate {
    word: Option<String>,
}

fn tables() -> Metadata {
    Metadata::of((Case, Volume, Topic, VOLUME_TOPIC))
}

/// Several places with the same tables, and the same keys in them: that of the engine itself, and those of two tenants.
struct Places {
    /// Of no tenant.
    engine: Engine,
    /// The names of the schemas, by the names of the tenants.
    schemas: BTreeMap<&'static str, String>,
}

impl Places {
    /// An engine whose connections know the schemas of the tenants.
    fn builder(db: &Db, schemas: &[String]) -> aludel::EngineBuilder<Engine> {
        let builder = db.builder();
        if db.database != Database::Sqlite {
            return builder;
        }
        let folder = db.url.trim_start_matches("sqlite:///").rsplit_once('/').unwrap().0.to_owned();
        let quoted = |it: &String| it.replace('"', "\"\"");
        let attach: Vec<String> = schemas
            .iter()
            .enumerate()
            .flat_map(|(at, it)| {
                let file = format!("ATTACH '{folder}/schema {at}.db' AS \"{}\"", quoted(it));
                [file, format!("PRAGMA \"{}\".journal_mode = WAL", quoted(it))]
            })
            .collect();
        builder.on_connect(move |conn| {
            let attach = attach.clone();
            Box::pin(
                async move { conn.run_plain(&attach.iter().map(String::as_str).collect::<Vec<_>>()).await },
            )
        })
    }

    /// A name for a schema that no other test has: on MariaDB it is a database.
    fn schema(db: &Db, name: &str) -> String {
        match db.database {
            Database::MariaDb => format!("{}_{name}", db.url.rsplit_once('/').unwrap().1),
            _ => name.to_owned(),
        }
    }

    fn of(&self, tenant: &str) -> Engine {
        let Some(schema) = self.schemas.get(tenant) else { return self.engine.clone() };
        let map =
            SchemaMap::new().default_to(schema).schema_to("shop", &self.schemas[&*format!("shop_{tenant}")]);
        self.engine.translate_schemas(map)
    }

    /// Two volumes and a topic for each place, with the name of the place before each title.
    async fn fill(
        db: &Db,
        more: impl FnOnce(aludel::EngineBuilder<Engine>) -> aludel::EngineBuilder<Engine>,
    ) -> aludel::Result<Self> {
        let names = ["seven", "eight", "shop_seven", "shop_eight"];
        let schemas: BTreeMap<_, _> = names.iter().map(|it| (*it, Self::schema(db, it))).collect();
        let all: Vec<String> = schemas.values().cloned().collect();
        let engine = more(Self::builder(db, &all)).build()?;
        let places = Self { engine, schemas };
        for place in ["base", "seven", "eight"] {
            let engine = places.of(place);
            engine.create_all(&tables()).await?;
            let mut session = engine.session();
            let case = session.add(Case::builder().label("a"));
            let volumes =
                ["one", "two"].map(|it| Volume::builder().title(format!("{place} {it}")).case(case));
            let volumes = session.add_all(volumes);
            let topic = session.add(Topic::builder().word(format!("{place} word")));
            session.flush().await?;
            session.link(volumes[0], Volume::TOPICS, topic);
            session.commit().await?;
        }
        Ok(places)
    }

    /// What is in a place, as SQL by hand sees it.
    async fn titles(&self, place: &str) -> aludel::Result<String> {
        let schema = self.schemas.get(place).map(|it| format!("{it}.")).unwrap_or_default();
        let titles = format!("SELECT title FROM {schema}volumes ORDER BY id");
        let rows = self.engine.connect().await?.execute(text_unchecked(titles)).all().await?;
        let titles: Vec<String> = rows.iter().map(|row| row.at(0)).collect::<aludel::Result<_>>()?;
        Ok(titles.join(", "))
    }

    /// Checks what tenant seven has, and that the others have what they had.
    #[track_caller]
    fn expect(&self, titles: &str) -> impl Future<Output = aludel::Result<()>> {
        let line = std::panic::Location::caller();
        let titles = titles.to_owned();
        async move {
            assert_eq!(self.titles("seven").await?, titles, "{line}");
            for other in ["base", "eight"] {
                assert_eq!(self.titles(other).await?, format!("{other} one, {other} two"), "{line}");
            }
            Ok(())
        }
    }
}

/// Keeps the texts of statements.
#[derive(Clone, Default)]
struct Texts(Arc<Mutex<Vec<String>>>);

impl Listener for Texts {
    fn statement(&self, event: &StatementEvent<'_>) {
        self.0.lock().unwrap().push(event.sql.to_owned());
    }
}

on_each_database! {
    async fn a_connection_reads_the_tables_of_its_tenant(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let by_key = prepared(|id: Placeholder<i64>| select(Volume::TITLE).filter(Volume::ID.eq(id)));
        for place in ["base", "seven", "eight", "seven", "base"] {
            let engine = places.of(place);
            let mut conn = engine.connect().await?;
            let (one, two) = (format!("{place} one"), format!("{place} two"));
            let both = [one.clone(), two.clone()];
            let titles = || select(Volume::TITLE).order_by(Volume::ID);
            assert_eq!(conn.scalars(titles()).all().await?, both);
            assert_eq!(conn.scalars(titles().join(Volume::CASE).filter(Case::LABEL.eq("a"))).all().await?, both);
            assert_eq!(conn.scalars(titles().filter(Volume::TOPICS.any(Topic::WORD.starts_with(place)))).all().await?, both[..1]);
            assert_eq!(conn.scalars(titles().filter(Volume::CASE.has(Case::ID.eq(1)))).all().await?, both);
            let within = select(Volume::CASE_ID).filter(Volume::TITLE.eq(&*two));
            assert_eq!(conn.scalars(select(Case::LABEL).filter(Case::ID.in_(within.clone()))).all().await?, ["a"]);
            let cte = within.cte("c");
            let in_cte = select(Case::LABEL).join_on(&cte, cte.col(Volume::CASE_ID).eq(Case::ID));
            assert_eq!(conn.scalars(in_cte).all().await?, ["a"]);
            assert_eq!(conn.execute(by_key.with(2)).one().await?, (two.clone(),));
            assert_eq!(conn.scalars(titles().union(select(Topic::WORD))).all().await?.len(), 3);

            let mut stream = conn.scalars(titles()).stream();
            assert_eq!(stream.next().await?.as_deref(), Some(&*one));
            assert_eq!(stream.next().await?.as_deref(), Some(&*two));
            assert_eq!(stream.next().await?, None);
            drop(stream);
            let (asked, again, words) = conn
                .together((titles().scalars(), by_key.with(1).scalars().one(), select(Topic::WORD).scalar()))
                .await?;
            assert_eq!((asked.as_slice(), again, words), (both.as_slice(), one.clone(), format!("{place} word")));
            assert!(!conn.explain(&titles()).await?.is_empty());
            // SQL by hand is sent as it is.
            let by_hand = conn.execute(text!("SELECT title FROM volumes ORDER BY id")).all().await?;
            assert_eq!(by_hand[0].get::<String>("title")?, "base one");

            let shared = engine.shared();
            let (first, second) = tokio::join!(shared.ask(by_key.with(1).scalars().one()), shared.ask(titles().scalars()));
            assert_eq!((first?, second?.as_slice()), (one, both.as_slice()));
        }
    }

    async fn a_session_reads_the_tables_of_its_tenant(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        for place in ["seven", "base", "eight", "seven"] {
            let mut session = places.of(place).session();
            for options in [0, 1, 2] {
                let cases = select(Case).order_by(Case::ID);
                let cases = match options {
                    0 => cases.options(selectinload(Case::VOLUMES).then(selectinload(Volume::TOPICS))),
                    1 => cases.options(joinedload(Case::VOLUMES).then(joinedload(Volume::TOPICS))),
                    _ => cases.options(subqueryload(Case::VOLUMES).then(subqueryload(Volume::TOPICS))),
                };
                session.expunge_all();
                let case = session.scalars(cases).one().await?;
                let volumes: Vec<_> = session.view(case).volumes()?.collect();
                assert!(volumes.iter().all(|it| it.title.starts_with(place)) && volumes.len() == 2);
                let words: Vec<_> = volumes.iter().flat_map(|it| it.topics().unwrap()).map(|it| it.word.clone()).collect();
                assert_eq!(words, [format!("{place} word")]);
            }
            session.expunge_all();
            for _ in 0..2 {
                let volume = session.get_one::<Volume>(2).await?;
                assert_eq!(session[volume].title, format!("{place} two"));
                session.load(volume, Volume::CASE).await?;
                session.refresh(volume).await?;
                session.expunge_all();
            }
        }
    }

    async fn a_statement_changes_the_rows_of_its_tenant_only(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let mut conn = places.of("seven").connect().await?;
        let volume = |title: &str| Volume::builder().title(title).case_id(1);
        places.expect("seven one, seven two").await?;
        conn.execute(insert(Volume).values([volume("three")])).await?;
        places.expect("seven one, seven two, three").await?;
        conn.insert_all(["four", "five"].map(volume)).await?;
        places.expect("seven one, seven two, three, four, five").await?;
        conn.execute(update(Volume).filter(Volume::ID.eq(1)).set(Volume::TITLE, "first")).await?;
        let of_case = Volume::CASE.has(Case::LABEL.eq("a")).and(Volume::TITLE.eq("five"));
        conn.execute(update(Volume).filter(of_case).set(Volume::TITLE, "last")).await?;
        places.expect("first, seven two, three, four, last").await?;
        conn.execute(update(Volume).join(Volume::CASE).filter(Case::LABEL.eq("a").and(Volume::ID.gt(3))).set(Volume::TITLE, Case::LABEL)).await?;
        places.expect("first, seven two, three, a, a").await?;
        conn.execute(delete(Volume).filter(Volume::TITLE.eq("three"))).await?;
        conn.execute(delete(Volume).join(Volume::CASE).filter(Case::LABEL.eq("a").and(Volume::ID.gt(4)))).await?;
        places.expect("first, seven two, a").await?;
        let upsert = insert(Topic).values([Topic::builder().word("seven word"), Topic::builder().word("new")]);
        conn.execute(upsert.on_conflict(Topic::WORD).do_update(|row| row.set(Topic::WORD, "old"))).await?;
        assert_eq!(conn.scalars(select(Topic::WORD).order_by(Topic::WORD)).all().await?, ["new", "old"]);
        let copied = insert(Topic).from_select(Topic::WORD, select(Volume::TITLE).filter(Volume::ID.eq(2)));
        conn.execute(copied).await?;
        assert_eq!(conn.scalar(select(func::count(Topic::ID))).await?, 3);
        for other in ["base", "eight"] {
            let words = places.of(other).connect().await?.scalars(select(Topic::WORD)).all().await?;
            assert_eq!(words, [format!("{other} word")]);
        }

        let mut tx = conn.begin().await?;
        tx.execute(delete(Volume).filter(Volume::ID.gt(2))).await?;
        tx.execute(update(Volume).filter(Volume::ID.eq(2)).set(Volume::TITLE, "lost")).await?;
        tx.rollback().await?;
        places.expect("first, seven two, a").await?;
    }

    async fn a_unit_of_work_changes_the_rows_of_its_tenant_only(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let mut session = places.of("seven").session();
        let case = session.add(Case::builder().label("b"));
        let volumes = session.add_all(["three", "four"].map(|it| Volume::builder().title(it).case(case)));
        let topic = session.add(Topic::builder().word("new"));
        session.flush().await?;
        session.link(volumes[1], Volume::TOPICS, topic);
        session.commit().await?;
        places.expect("seven one, seven two, three, four").await?;

        let all = session.scalars(select(Volume).order_by(Volume::ID)).all().await?;
        for (at, volume) in all.iter().enumerate() {
            session[*volume].title = format!("t{at}");
        }
        session.commit().await?;
        places.expect("t0, t1, t2, t3").await?;
        session[all[0]].title = "one".into();
        session.set(all[1], Volume::TITLE, func::upper(Volume::TITLE));
        session.commit().await?;
        places.expect("one, T1, t2, t3").await?;

        session.delete(all[1]);
        session.commit().await?;
        places.expect("one, t2, t3").await?;
        session.load(all[3], Volume::TOPICS).await?;
        session[all[3]].topics.remove(topic);
        session.commit().await?;
        let ties = select(Volume::ID).filter(Volume::TOPICS.exists());
        assert_eq!(session.scalars(ties).all().await?, [1]);
        session.delete(case);
        session.commit().await?;
        places.expect("one").await?;

        session.insert_all((0..250).map(|n| Topic::builder().word(format!("{n}")))).await?;
        let ids = session.scalars(select(Topic::ID).order_by(Topic::ID)).all().await?;
        let changes: Vec<_> = ids.iter().map(|id| (*id, TopicUpdate { word: Some(format!("x{id}")) })).collect();
        assert_eq!(session.bulk_update::<Topic, _, _>(changes).await?.rows_affected, 252);
        session.execute(delete(Topic).filter(Topic::ID.gt(ids[1]))).await?;
        session.commit().await?;
        let words = format!("x{}, x{}", ids[0], ids[1]);
        for (place, words) in [("seven", &*words), ("base", "base word"), ("eight", "eight word")] {
            let found = places.of(place).session().scalars(select(Topic::WORD).order_by(Topic::ID)).all().await?;
            assert_eq!(found.join(", "), words);
        }

        // Another has changed the row: that of this tenant, not those of others.
        let volume = session.get_one::<Volume>(1).await?;
        places.of("eight").connect().await?.execute(update(Volume).filter(Volume::ID.eq(1)).set(Volume::VERSION, 100)).await?;
        session[volume].title = "y".into();
        session.commit().await?;
        places.of("seven").connect().await?.execute(update(Volume).filter(Volume::ID.eq(1)).set(Volume::VERSION, 100)).await?;
        session[volume].title = "z".into();
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        places.expect("y").await?;
    }

    #[only(postgres, "only PostgreSQL has COPY")]
    async fn copied_rows_go_to_their_tenant(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let mut conn = places.of("seven").connect().await?;
        let rows = ["three", "four"].map(|it| Volume::builder().title(it).case_id(1).version(1));
        assert_eq!(conn.copy_rows(Volume, rows).await?.rows_affected, 2);
        places.expect("seven one, seven two, three, four").await?;
    }

    /// A connection keeps statements prepared under the names of their texts, and serves all tenants.
    async fn tenants_at_once_over_one_connection_see_their_own_rows_only(db: Db) {
        let places = Arc::new(Places::fill(&db, |it| it.pool_size(1).max_overflow(0)).await?);
        let by_key = Arc::new(prepared(|id: Placeholder<i64>| select(Volume::TITLE).filter(Volume::ID.eq(id))));
        let tasks: Vec<_> = (0..24)
            .map(|n| {
                let (places, by_key) = (Arc::clone(&places), Arc::clone(&by_key));
                tokio::spawn(async move {
                    for round in 0..8_usize {
                        // An engine for each request.
                        let place = ["base", "seven", "eight"][(n + round) % 3];
                        let engine = places.of(place);
                        match n % 3 {
                            0 => {
                                let mut conn = engine.connect().await?;
                                let titles = conn.scalars(select(Volume::TITLE)).all().await?;
                                assert!(titles.len() == 2 && titles.iter().all(|it| it.starts_with(place)), "{place}: {titles:?}");
                                assert_eq!(conn.scalar(by_key.with(1)).await?, format!("{place} one"));
                                let two = update(Volume).filter(Volume::ID.eq(2)).set(Volume::TITLE, format!("{place} two"));
                                conn.execute(two).await?;
                            }
                            1 => {
                                let mut session = engine.session();
                                let volume = session.get_one::<Volume>(2).await?;
                                assert!(session[volume].title.starts_with(place), "{place}: {}", session[volume].title);
                                session.load(volume, Volume::CASE).await?;
                                session.rollback().await?;
                            }
                            _ => {
                                let title = engine.shared().ask(by_key.with(1).scalars().one()).await?;
                                assert_eq!(title, format!("{place} one"));
                            }
                        }
                        tokio::task::yield_now().await;
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        assert_eq!(places.engine.status().size, 1);
        places.expect("seven one, seven two").await?;
    }

    async fn tables_of_one_tenant_are_created_and_dropped(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let seven = places.of("seven");
        assert_eq!(seven.create_all(&tables()).await?, Metadata::default());
        seven.drop_all(&tables()).await?;
        assert_eq!(places.titles("eight").await?, "eight one, eight two");
        assert_eq!(places.titles("base").await?, "base one, base two");
        assert!(seven.connect().await?.scalars(select(Volume::TITLE)).all().await.is_err());
        let created = seven.create_all(&tables()).await?;
        assert_eq!(created.tables().len(), 4);
        assert_eq!(created.schemas(), [&*places.schemas["seven"]]);
        assert_eq!(places.titles("seven").await?, "");

        // What is declared in a schema.
        let receipts = Metadata::of(Receipt);
        for (place, cents) in [("seven", 700), ("eight", 800)] {
            assert_eq!(places.of(place).create_all(&receipts).await?.tables().len(), 1);
            let mut conn = places.of(place).connect().await?;
            conn.execute(insert(Receipt).values([Receipt::builder().cents(cents)])).await?;
        }
        for (place, cents) in [("seven", 700), ("eight", 800)] {
            assert_eq!(places.of(place).connect().await?.scalar(select(Receipt::CENTS)).await?, cents);
        }
        let inspector = places.engine.inspect_schema(&places.schemas["shop_seven"]).await?;
        assert_eq!(inspector.table_names(), ["receipts"]);
    }

    async fn enum_types_of_one_tenant_are_created_and_dropped(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let metadata = Metadata::from_tables(vec![people(None)]);
        for place in ["seven", "eight"] {
            assert_eq!(places.of(place).create_all(&metadata).await?.tables().len(), 1);
            assert_eq!(places.of(place).create_all(&metadata).await?, Metadata::default());
        }
        places.of("seven").drop_all(&metadata).await?;
        assert_eq!(places.of("eight").create_all(&metadata).await?, Metadata::default());
        assert_eq!(places.of("seven").create_all(&metadata).await?.tables().len(), 1);
        assert_eq!(places.engine.create_all(&metadata).await?.tables().len(), 1);
    }

    #[except(sqlite, "it has no sequences")]
    async fn sequences_of_one_tenant_are_created_and_dropped(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let metadata = Metadata::default().sequence(Sequence::new("numbers").start(100));
        for place in ["seven", "eight"] {
            assert_eq!(places.of(place).create_all(&metadata).await?.sequences().len(), 1);
        }
        places.of("seven").drop_all(&metadata).await?;
        assert_eq!(places.of("eight").create_all(&metadata).await?.sequences().len(), 0);
        assert_eq!(places.of("seven").create_all(&metadata).await?.sequences().len(), 1);
    }

    #[except(sqlite, "a schema is a file there, which a connection attaches")]
    async fn a_schema_that_is_not_there_is_created(db: Db) {
        let map = SchemaMap::new().default_to(&Places::schema(&db, "new"));
        let engine = db.engine.translate_schemas(map);
        let created = engine.create_all(&tables()).await?;
        assert_eq!(created.tables().len(), 4);
        engine.connect().await?.execute(insert(Topic).values([Topic::builder().word("a")])).await?;
    }

    #[only(sqlite, "others create a schema")]
    async fn a_schema_that_is_not_attached_is_named(db: Db) {
        let engine = db.engine.translate_schemas(SchemaMap::new().default_to("attic"));
        let error = refused(engine.create_all(&tables()).await, ErrorKind::Unsupported);
        assert_eq!(error.what(), "SQLite cannot create the schema `attic`");
    }

    async fn a_map_replaces_the_one_before_and_goes_with_scopes_and_options(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let map = |place: &str| SchemaMap::new().default_to(&places.schemas[place]);
        let titles = async |engine: &Engine| {
            engine.connect().await?.scalars(select(Volume::TITLE).order_by(Volume::ID)).all().await
        };
        let (seven, eight) = (places.of("seven"), places.of("eight"));
        assert_eq!(titles(&seven.translate_schemas(map("eight"))).await?, ["eight one", "eight two"]);
        assert_eq!(titles(&seven.translate_schemas(SchemaMap::new())).await?, ["base one", "base two"]);
        // A map is about what is declared: what another has led to is nothing to it.
        let onward = SchemaMap::new().schema_to(&places.schemas["seven"], &places.schemas["eight"]);
        assert_eq!(titles(&seven.translate_schemas(onward)).await?, ["base one", "base two"]);

        let second = || Volume::ID.eq(2);
        for engine in [
            eight.scope(Volume, second()).with_options(|o| o.read_only(true)),
            places.engine.scope(Volume, second()).with_options(|o| o.read_only(true)).translate_schemas(map("eight")),
            places.engine.with_options(|o| o.read_only(true)).translate_schemas(map("eight")).scope(Volume, second()),
        ] {
            assert_eq!(titles(&engine).await?, ["eight two"]);
            let mut session = engine.session();
            assert!(session.get::<Volume>(1).await?.is_none());
            assert!(session.get::<Volume>(2).await?.is_some());
            refused(engine.connect().await?.execute(delete(Volume)).await, ErrorKind::ReadOnly);
        }
        places.expect("seven one, seven two").await?;
    }

    async fn what_is_heard_of_a_statement_is_what_was_sent(db: Db) {
        let texts = Texts::default();
        let listening = texts.clone();
        let places = Places::fill(&db, |it| it.listen(listening)).await?;
        texts.0.lock().unwrap().clear();
        let mut session = places.of("seven").session();
        let volume = session.get_one::<Volume>(1).await?;
        session[volume].title = "changed".into();
        session.commit().await?;
        let heard = texts.0.lock().unwrap().join("\n");
        let schema = &places.schemas["seven"];
        assert!(heard.contains(&format!("FROM {schema}.volumes")), "{heard}");
        assert!(heard.contains(&format!("UPDATE {schema}.volumes")), "{heard}");
        }

    async fn what_is_done_with_a_new_connection_is_for_all_tenants(db: Db) {
        let places = Places::fill(&db, |it| it.on_connect(|conn| Box::pin(async move {
            // The first connection finds no table yet.
            if let Ok(topics) = conn.scalars(select(Topic::WORD)).all().await {
                assert_eq!(topics, ["base word"]);
            }
            Ok(())
        }))).await?;
        for place in ["seven", "eight", "base"] {
            places.engine.dispose().await;
            let topics = places.of(place).connect().await?.scalars(select(Topic::WORD)).all().await?;
            assert_eq!(topics, [format!("{place} word")]);
        }
        }

    async fn a_thread_that_blocks_reads_and_writes_the_tables_of_its_tenant(db: Db) {
        let places = Places::fill(&db, |it| it).await?;
        let schema = places.schemas["seven"].clone();
        let url = db.url.clone();
        let all: Vec<String> = places.schemas.values().cloned().collect();
        let database = db.database;
        let folder = db.url.trim_start_matches("sqlite:///").rsplit_once('/').unwrap().0.to_owned();
        tokio::task::spawn_blocking(move || {
            let builder = aludel::blocking::Engine::builder(&url);
            let engine = if database == Database::Sqlite {
                let at = all.iter().position(|it| *it == schema).unwrap();
                let attach = format!("ATTACH '{folder}/schema {at}.db' AS {schema}");
                builder.on_connect(move |conn| {
                    let attach = attach.clone();
                    Box::pin(async move { conn.run_plain(&[&attach]).await })
                })
            } else {
                builder
            };
            let seven = engine.build()?.translate_schemas(SchemaMap::new().default_to(&schema));
            let mut session = seven.session();
            let volume = session.get_one::<Volume>(1)?;
            session[volume].title = "blocked".into();
            session.commit()?;
            let titles = seven.connect()?.scalars(select(Volume::TITLE).order_by(Volume::ID)).all()?;
            assert_eq!(titles, ["blocked", "seven two"]);
            Ok::<_, Error>(())
        })
        .await??;
        places.expect("blocked, seven two").await?;
    }

    /// The table of hostile names, as schemas.
    async fn a_schema_may_have_any_name(db: Db) {
        let names = ["select", "Ten ant", "naïve", "a.b", "1st", "t\"; DROP TABLE topics; --", "t`.`topics", "it's %s ? :x $1"];
        let names: Vec<String> = names.iter().map(|it| Places::schema(&db, it)).collect();
        let engine = Places::builder(&db, &names).build()?;
        engine.create_all(&Metadata::of(Topic)).await?;
        for name in &names {
            let tenant = engine.translate_schemas(SchemaMap::new().default_to(name));
            tenant.create_all(&Metadata::of(Topic)).await?;
            assert_eq!(tenant.create_all(&Metadata::of(Topic)).await?, Metadata::default(), "{name}");
            let mut session = tenant.session();
            let topic = session.add(Topic::builder().word(name.as_str()));
            session.commit().await?;
            session[topic].word.push('!');
            session.commit().await?;
            session.insert_all((0..3).map(|n| Topic::builder().word(format!("{n}")))).await?;
            session.commit().await?;
            let found = session.scalars(select(Topic::WORD).order_by(Topic::ID)).all().await?;
            assert_eq!(found, [&format!("{name}!"), "0", "1", "2"]);
            let done = session.execute(delete(Topic).filter(Topic::WORD.ne(format!("{name}!")))).await?;
            assert_eq!(done.rows_affected, 3);
            session.commit().await?;
        }
        assert_eq!(engine.connect().await?.scalar(select(func::count(Topic::ID))).await?, 0);
        for name in &names {
            let tenant = engine.translate_schemas(SchemaMap::new().default_to(name));
            assert_eq!(tenant.connect().await?.scalars(select(Topic::WORD)).all().await?, [format!("{name}!")]);
            tenant.drop_all(&Metadata::of(Topic)).await?;
        }
    }
}
