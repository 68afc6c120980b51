//! The phrasebook: the words that programs of SQLAlchemy and Alembic are made of are there, and what stands beside them compiles and runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aludel::prelude::*;

/// A phrase prints to nobody.
macro_rules! println {
    ($($text:tt)*) => { drop(format!($($text)*)) };
}

#[path = "../../phrases"]
mod phrases {
    pub mod engine;
    pub mod models;
    pub mod queries;
    pub mod session;
}

use phrases::{engine, models, queries, session};

/// The pages for those who come from elsewhere, each a table of phrases.
const PAGES: [&str; 4] =
    ["coming-from-sqlalchemy.md", "coming-from-1x.md", "coming-from-diesel.md", "coming-from-seaorm.md"];

/// What the courses of PARITY.md (S1 to S109) have learners write, and the words of it.
const COURSES: &[(&str, &[&str])] = &[
    (
        "S1 S4",
        &["class Base(DeclarativeBase)", "class User(Base)", "__tablename__", "Mapped[int]", "mapped_column"],
    ),
    ("S5 S42", &["primary_key=True", "Mapped[str]", r"Mapped[str \| None]", "nullable=False"]),
    (
        "S6 S7",
        &[
            "String(100)",
            "Text",
            "unique=True",
            "index=True",
            "ForeignKey(\"users.id\")",
            "server_default=func.now()",
        ],
    ),
    ("S8", &["declarative_base()", "Column(Integer", "session.query(User)", "filter_by"]),
    ("S9 S11", &["create_engine", "sessionmaker", "with Session(engine)", "session.close()"]),
    (
        "S10 S84",
        &["postgresql+psycopg://", "postgresql+asyncpg://", "os.environ[\"DATABASE_URL\"]", "echo=True"],
    ),
    (
        "S12 S15 S92",
        &[
            "session.add(",
            "session.add_all",
            "flush()",
            "commit()",
            "rollback()",
            "session.refresh(",
            "user.name = \"Ann\"",
        ],
    ),
    ("S13 S44", &["select(User).where(", "order_by(", ".desc()", "session.delete("]),
    (
        "S14 S96",
        &[
            "scalars(stmt).all()",
            ".first()",
            ".one_or_none()",
            "scalar_one_or_none()",
            "session.execute(stmt)",
        ],
    ),
    (
        "S16 S17 S43",
        &["relationship(", "back_populates=", "list[\"Document\"]", "user.documents", "document.owner"],
    ),
    ("S18 S35 S37", &["selectinload(", "joinedload(", ".options("]),
    ("S19 S46 S86", &["def get_db()", "Depends(get_db)"]),
    (
        "S20 S74 S78 S91",
        &["response_model=", "from_attributes=True", "class PostCreate(BaseModel)", "EmailStr"],
    ),
    ("S21 S22", &["alembic init"]),
    (
        "S23",
        &[
            "alembic revision --autogenerate -m",
            "upgrade()",
            "downgrade()",
            "op.create_table",
            "op.add_column",
        ],
    ),
    ("S24", &["alembic upgrade head", "downgrade -1"]),
    ("S25", &["target_metadata"]),
    ("S26", &["compare_server_default", "op.alter_column"]),
    ("S28 S59", &["secondary=", "Table(\"document_tag\"", "append("]),
    ("S29", &["association object"]),
    (
        "S31 S32 S33",
        &[
            "cascade=\"all, delete-orphan\"",
            "ondelete=\"CASCADE\"",
            "passive_deletes=True",
            "documents.remove(",
        ],
    ),
    ("S34 S47", &["session.get(User, 1)"]),
    ("S36", &["subqueryload", "lazy=\"raise\""]),
    ("S38 S39", &["pool_size", "max_overflow", "pool_timeout", "pool_pre_ping"]),
    ("S40", &["@hybrid_property"]),
    ("S45 S66", &["session.flush()"]),
    ("S56 S102", &["func.count(", "group_by", "having", ".label(", "desc(\"n\")", "outerjoin"]),
    ("S57", &["text("]),
    ("S60", &["__repr__"]),
    ("S61 S64", &["PRAGMA foreign_keys", "IntegrityError"]),
    ("S69", &["stmt.compile("]),
    ("S72 S84", &["create_async_engine", "async_sessionmaker", "AsyncSession"]),
    ("S72 S85", &["expire_on_commit=False"]),
    ("S73 S87", &["default=", "onupdate=", "DateTime(timezone=True)", "Boolean"]),
    ("S75", &["HTTPException(404)", "status_code=201", "model_dump(exclude_unset=True)"]),
    ("S76", &["create_all(", "drop_all("]),
    ("S89", &["uselist=False"]),
    ("S90 S108", &["MissingGreenlet"]),
    ("S97", &[".limit", ".offset"]),
    ("S98", &["setattr("]),
    ("S99", &["rowcount"]),
    ("S100", &["and_", "or_", "not_"]),
    ("S101", &["ilike"]),
    ("S103", &["select(func.count())", "select_from("]),
    ("S104", &["execute(insert(User), ["]),
    ("S105", &["class TimestampMixin"]),
    ("S106", &["with_loader_criteria"]),
    ("S107", &["class UserRepository"]),
    ("S108", &["a forgotten `await`", "a session shared by two tasks"]),
];

/// The features that nearly every program has, by their ids in PARITY.md, and the words of them.
const CORE: &[(&str, &[&str])] = &[
    ("E1", &["create_engine(url)", "engine_from_config", "URL.create", "make_url", "render_as_string"]),
    ("E2", &["engine.connect()", "conn.execute(", "conn.scalar(", "exec_driver_sql"]),
    (
        "E3",
        &[
            "pool_size",
            "max_overflow",
            "pool_timeout",
            "pool_recycle",
            "pool_use_lifo",
            "pool_pre_ping",
            "pool_reset_on_return",
        ],
    ),
    ("E5", &["is_disconnect", "conn.invalidate()"]),
    ("E8", &["scalars(", "mappings()", "tuples()", "scalar_one()", "unique()", "partitions("]),
    ("E10", &["echo=True", "echo_pool", "logging_name", "hide_parameters"]),
    ("T1", &["engine.begin()", "conn.commit()", "session.begin()"]),
    ("T6", &["PendingRollbackError"]),
    ("C1", &["select(", "distinct", "nulls_last()", ".limit", "fetch("]),
    ("C2", &[".join(", ".outerjoin(", "full=True", "join_from"]),
    (
        "C3",
        &[
            "in_(",
            "like",
            "contains",
            "startswith",
            "between",
            "is_distinct_from",
            "regexp_match",
            "concat",
            "bitwise_and",
            "bitwise_lshift",
            "icontains",
            "symmetric=True",
            ".op(",
        ],
    ),
    ("C4", &["and_", "or_", "not_", "null()", "true()"]),
    ("C5", &["func.count(", "func.anything(", ".label(", ".group_by", ".having"]),
    ("C6", &[".subquery()", ".scalar_subquery()", "exists()", "correlate("]),
    ("C7", &["aliased("]),
    (
        "C14",
        &[
            "case(",
            "cast(",
            "try_cast",
            "type_coerce",
            "extract(",
            "literal(",
            "tuple_(",
            "collate",
            "values(",
        ],
    ),
    ("C16", &["text(", "literal_column"]),
    ("C17", &["bindparam", "expanding"]),
    ("C19", &["insert(User).values(", "from_select"]),
    ("C20", &[".returning("]),
    ("C27", &["stmt.compile(", "literal_binds"]),
    ("C30", &["quoted_name", "schema_translate_map"]),
    ("D1", &["MetaData", "Table(", "create_all(", "drop_all("]),
    ("D2", &["autoincrement", "Identity(", "Sequence("]),
    ("D4", &["ForeignKeyConstraint", "ondelete=", "onupdate=\"", "deferrable=", "use_alter"]),
    ("D5", &["UniqueConstraint", "CheckConstraint", "ExcludeConstraint", "naming_convention"]),
    ("D6", &["Index(", "postgresql_where", "postgresql_include", "postgresql_using", "mysql_length"]),
    ("D7", &["default=", "onupdate=", "server_default=", "server_onupdate", "FetchedValue"]),
    ("D14", &["compare_type", "compare_server_default", "include_object", "render_item"]),
    (
        "Y1",
        &[
            "Integer",
            "BigInteger",
            "SmallInteger",
            "Float",
            "Numeric(10, 2)",
            "String(100)",
            "Boolean",
            "LargeBinary",
        ],
    ),
    ("Y2", &["DateTime(timezone=True)", "Date", "Time", "Interval"]),
    ("Y3", &["Enum", "Uuid", "JSON", "ARRAY", "PickleType"]),
    ("M1", &["Annotated[", "declared_attr", "__table_args__", "__mapper_args__", "__abstract__"]),
    ("M4", &["relationship(", "back_populates=", "backref=", "uselist=False", "secondary="]),
    ("M8", &["save-update", "merge", "delete-orphan", "expunge", "refresh-expire", "single_parent"]),
    ("M21", &["eager_defaults"]),
    ("U1", &["identity map"]),
    ("U2", &["unit of work"]),
    ("U4", &["session.flush()", "autoflush=False", "no_autoflush"]),
    ("U5", &["expire_on_commit", "rollback()"]),
    ("U6", &["session.refresh(", "expire(", "populate_existing", "with_for_update"]),
    ("U7", &["session.get(", "get_one("]),
    ("U10", &["select(User, Document)", ".any(", ".has(", "with_parent", "from_statement", "of_type"]),
    ("U11", &["bulk_insert_mappings", "insert(User)"]),
    ("L1", &["lazy=\"select\""]),
    ("L2", &["selectinload("]),
    ("L3", &["joinedload", "innerjoin=True"]),
    ("X1", &["AsyncSession", "run_sync", "awaitable_attrs"]),
    ("X2", &["asyncpg", "aiosqlite", "aiomysql", "Oracle", "SQL Server", "MySQL"]),
    ("X3", &["query_cache_size"]),
    ("X4", &["insertmanyvalues"]),
    (
        "X6",
        &[
            "DBAPIError",
            "IntegrityError",
            "OperationalError",
            "ProgrammingError",
            "DataError",
            "InterfaceError",
            "StatementError",
        ],
    ),
    (
        "X6b",
        &[
            "ArgumentError",
            "CompileError",
            "NoResultFound",
            "MultipleResultsFound",
            "InvalidRequestError",
            "StaleDataError",
            "DetachedInstanceError",
            "ObjectDeletedError",
            "NoSuchTableError",
            "ResourceClosedError",
            "UnmappedInstanceError",
        ],
    ),
    ("X1", &["Select[tuple["]),
];

fn book() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(book().join("pages").join(name)).unwrap()
}

/// The rows of the tables: the section they are in, and their cells.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let (mut section, mut rows) = (String::new(), Vec::new());
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.to_owned();
        } else if line.starts_with("| ")
            && !line.starts_with("| SQLAlchemy")
            && !line.starts_with("| Alembic |")
            && !line.starts_with("| FastAPI")
        {
            let line = line.replace(r"\|", "\0");
            let cells = line.trim_matches('|').split('|').map(|it| it.trim().replace('\0', r"\|"));
            rows.push((section.clone(), cells.collect()));
        }
    }
    rows
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(|it| it.replace(r"\|", "|")).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        // What must not compile proves nothing here.
        if path.is_dir() && !path.ends_with("ui") && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The code that tests compile: the phrases, the listings, the examples and the suite of the library; without white space, which
/// says nothing, and without the commas that only formatting puts behind the last of several.
fn compiled() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["phrases", "listings", "../examples", "../crates/aludel/tests"] {
        sources(&book().join(folder), &mut found);
    }
    found.iter().map(|it| plain(&fs::read_to_string(it).unwrap())).collect()
}

fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    text.replace(",)", ")").replace(",]", "]")
}

/// Tells whether a text has the parts of a phrase in their order, no more than a statement apart.
fn has(text: &str, parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else { return true };
    text.match_indices(first).any(|(at, _)| {
        let mut behind = &text[at + first.len()..];
        rest.iter().all(|part| match behind.find(part) {
            Some(place) if !behind[..place].contains(';') => {
                behind = &behind[place + part.len()..];
                true
            }
            _ => false,
        })
    })
}

#[test]
fn every_word_of_the_courses_and_of_the_core_features_is_explained() {
    let mut words: String = String::new();
    for name in ["coming-from-sqlalchemy.md", "coming-from-1x.md"] {
        for (section, cells) in rows(&page(name)) {
            assert!(cells.len() > 1, "{section}: {cells:?}");
            assert!(cells[1..].iter().any(|it| !it.is_empty()), "{section}: nothing is said of {}", cells[0]);
            words.push_str(&cells[0]);
            words.push('\n');
        }
    }
    let missing: Vec<String> = COURSES
        .iter()
        .chain(CORE)
        .flat_map(|(id, names)| names.iter().map(move |name| (id, name)))
        .filter(|(_, name)| !words.contains(**name))
        .map(|(id, name)| format!("{id}: {name}"))
        .collect();
    assert!(missing.is_empty(), "no page says what they are here:\n{}", missing.join("\n"));
}

#[test]
fn every_id_of_the_phrasebook_is_in_the_table_of_parity() {
    let parity = fs::read_to_string(book().join("../PARITY.md")).unwrap();
    let known: BTreeSet<&str> =
        parity.lines().filter_map(|it| it.strip_prefix("| ")?.split(' ').next()).collect();
    for id in COURSES.iter().chain(CORE).flat_map(|(ids, _)| ids.split(' ')) {
        // S72 and S108 are several rules, S72a to S72e.
        assert!(known.iter().any(|it| it.starts_with(id)), "PARITY.md has no row {id}");
    }
}

#[test]
fn what_the_phrasebook_writes_is_code_that_compiles() {
    let compiled = compiled();
    let commands: BTreeSet<String> = aludel_cli::help().into_iter().map(|(name, _)| name).collect();
    let mut unknown = Vec::new();
    for name in PAGES {
        for (section, cells) in rows(&page(name)) {
            if section == "Errors" {
                continue;
            }
            // The page of 1.x has a column for 2.0 before ours.
            let ours = cells.get(if name == "coming-from-1x.md" { 2 } else { 1 }).unwrap();
            for phrase in code(ours) {
                if let Some(command) = phrase.strip_prefix("aludel ") {
                    let command = command.split(' ').next().unwrap();
                    assert!(commands.contains(command), "there is no `aludel {command}`");
                    continue;
                }
                let bare = plain(&phrase);
                let parts: Vec<&str> = bare.split('…').filter(|it| !it.is_empty()).collect();
                if !compiled.iter().any(|text| has(text, &parts)) {
                    unknown.push(format!("{name}, {section}: {phrase}"));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "no test compiles:\n{}", unknown.join("\n"));
}

#[tokio::test]
async fn the_phrases_run() {
    engine::making().unwrap();
    let engine = Engine::builder("sqlite::memory:").build().unwrap();
    engine.create_all(&models::tables()).await.unwrap();
    session::objects(&engine).await.unwrap();
    session::related(&engine).await.unwrap();
    session::work(&engine).await.unwrap();
    let mut session = engine.session();
    queries::selects(&mut session).await.unwrap();
    queries::groups(&mut session).await.unwrap();
    for subtotals in queries::subtotals() {
        assert_eq!(session.scalars(subtotals).all().await.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    queries::subqueries(&mut session).await.unwrap();
    queries::loading(&mut session).await.unwrap();
    queries::changes(&mut session).await.unwrap();
    session.close().await.unwrap();
    engine::connections(&engine).await.unwrap();
    assert_eq!(engine::two_phases(&engine).await.unwrap_err().kind(), ErrorKind::Unsupported);
    engine::ending(&engine).await.unwrap();
}
