use aludel::Dialect;
use aludel::prelude::*;

/// The index of words, as each database has it: always ranked, always an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullText {
    /// SQLite: a table of FTS5 beside the documents, which triggers keep.
    Fts5,
    /// PostgreSQL: a GIN index of `tsvector`.
    TsVector,
    /// MariaDB: a FULLTEXT index.
    MariaDb,
}

impl FullText {
    /// Returns the one of a database.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` for a database that is none of the three.
    pub fn of(dialect: &dyn Dialect) -> aludel::Result<Self> {
        match dialect.name() {
            "SQLite" => Ok(Self::Fts5),
            "PostgreSQL" => Ok(Self::TsVector),
            "MariaDB" => Ok(Self::MariaDb),
            other => {
                Err(Error::new(ErrorKind::Unsupported, format!("DocChat has no index of words for {other}"))
                    .help("use SQLite, PostgreSQL or MariaDB"))
            }
        }
    }

    /// Returns the keys of the documents with these words, the best first. Whatever the words are, they are words and no query language.
    pub async fn find(
        self,
        session: &mut Session,
        words: &str,
        owner: Option<i64>,
        most: usize,
    ) -> aludel::Result<Vec<i64>> {
        let most = most as i64;
        let words: Vec<&str> =
            words.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let rows = match self {
            Self::Fts5 => {
                // In quotes no word is an operator.
                let words: String = words.iter().map(|word| format!("\"{word}\" ")).collect();
                let stmt = text!(
                    "SELECT documents.id FROM documents_words JOIN documents ON documents.id = documents_words.rowid
                     WHERE documents_words MATCH :words AND (:anybody OR documents.owner_id = :owner)
                     ORDER BY bm25(documents_words), documents.id LIMIT :most",
                    words = words,
                    anybody = owner.is_none(),
                    owner = owner.unwrap_or_default(),
                    most = most,
                );
                session.execute(stmt).all().await?
            }
            Self::TsVector => {
                let stmt = text!(
                    "SELECT id FROM documents, plainto_tsquery('english', :words) AS wanted
                     WHERE to_tsvector('english', title || ' ' || body) @@ wanted AND (:anybody OR owner_id = :owner)
                     ORDER BY ts_rank(to_tsvector('english', title || ' ' || body), wanted) DESC, id LIMIT :most",
                    words = words.join(" "),
                    anybody = owner.is_none(),
                    owner = owner.unwrap_or_default(),
                    most = most,
                );
                session.execute(stmt).all().await?
            }
            Self::MariaDb => {
                let stmt = text!(
                    "SELECT id FROM documents
                     WHERE MATCH (title, body) AGAINST (:words) AND (:anybody OR owner_id = :owner)
                     ORDER BY MATCH (title, body) AGAINST (:words) DESC, id LIMIT :most",
                    words = words.join(" "),
                    anybody = owner.is_none(),
                    owner = owner.unwrap_or_default(),
                    most = most,
                );
                session.execute(stmt).all().await?
            }
        };
        rows.iter().map(|row| row.at(0)).collect()
    }
}
