//! Whether a statement was done: MariaDB and MySQL do a change of a schema as a whole or not at all, and end the transaction for it.

use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{Probe, SqlToken, sql_tokens};

/// Reads a statement as far as is needed to know what it leaves behind.
pub(crate) fn probe(statement: &str) -> Probe {
    let words = Words::of(statement);
    if words.begin("ALTER TABLE") && (words.has("IF EXISTS") || words.has("IF NOT EXISTS")) {
        return Probe::Repeatable;
    }
    let ask = |is_done: Option<String>| match is_done {
        Some(is_done) => Probe::Ask { is_done, leftover: None },
        None => Probe::Unknown,
    };
    if words.begin("CREATE TABLE") || words.begin("CREATE SEQUENCE") {
        return ask(words.get(2).map(table));
    }
    if words.begin("DROP TABLE") || words.begin("DROP SEQUENCE") {
        return ask(words.get(2).map(|it| gone(&table(it))));
    }
    if words.begin("ALTER TABLE") {
        return words.get(2).map_or(Probe::Unknown, |name| alter(&words, name));
    }
    // CREATE INDEX name ON table, with UNIQUE or FULLTEXT before it.
    let at = words.0.iter().take(3).position(|it| it.is("INDEX")).filter(|_| words.begin("CREATE"));
    ask(at.and_then(|at| Some(index(words.get(at + 3)?, words.get(at + 1)?))))
}

fn alter(words: &Words, of: &str) -> Probe {
    let change = Words(words.0[3..].to_vec());
    let name = |at| change.get(at);
    let is_done = match () {
        () if change.begin("MODIFY") || change.begin("COMMENT") => return Probe::Repeatable,
        () if change.begin("RENAME TO") => name(2).map(|to| both(&table(to), &gone(&table(of)))),
        () if change.begin("RENAME COLUMN") => {
            name(2).zip(name(4)).map(|(from, to)| both(&column(of, to), &gone(&column(of, from))))
        }
        () if change.begin("RENAME INDEX") => {
            name(2).zip(name(4)).map(|(from, to)| both(&index(of, to), &gone(&index(of, from))))
        }
        () if change.begin("ADD COLUMN") => name(2).map(|it| column(of, it)),
        () if change.begin("DROP COLUMN") => name(2).map(|it| gone(&column(of, it))),
        () if change.begin("ADD CONSTRAINT") && change.has("PRIMARY KEY") => Some(constraint(of, "PRIMARY")),
        () if change.begin("ADD CONSTRAINT") => name(2).map(|it| constraint(of, it)),
        () if change.begin("DROP PRIMARY KEY") => Some(gone(&constraint(of, "PRIMARY"))),
        () if change.begin("DROP FOREIGN KEY") => name(3).map(|it| gone(&constraint(of, it))),
        () if change.begin("DROP CONSTRAINT") => name(2).map(|it| gone(&constraint(of, it))),
        () if change.begin("DROP INDEX") => name(2).map(|it| gone(&index(of, it))),
        () => None,
    };
    is_done.map_or(Probe::Unknown, |is_done| Probe::Ask { is_done, leftover: None })
}

/// The words and names of a statement.
struct Words(Vec<Word>);

#[derive(Clone)]
struct Word {
    text: String,
    quoted: bool,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

impl Words {
    fn of(statement: &str) -> Self {
        let word = |token| match token {
            SqlToken::Word(word) => Some(Word { text: word.to_owned(), quoted: false }),
            SqlToken::QuotedName(name) => {
                let quote = &name[..1];
                let text = name[1..name.len() - 1].replace(&quote.repeat(2), quote);
                Some(Word { text, quoted: true })
            }
            _ => None,
        };
        Self(sql_tokens(statement).filter_map(word).collect())
    }

    fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at).map(|it| it.text.as_str())
    }

    fn begin(&self, keywords: &str) -> bool {
        let mut words = self.0.iter();
        keywords.split(' ').all(|keyword| words.next().is_some_and(|it| it.is(keyword)))
    }

    fn has(&self, keywords: &str) -> bool {
        (0..self.0.len()).any(|at| Self(self.0[at..].to_vec()).begin(keywords))
    }
}

fn table(name: &str) -> String {
    count("tables", &[("table_name", name)])
}

fn column(table: &str, name: &str) -> String {
    count("columns", &[("table_name", table), ("column_name", name)])
}

fn index(table: &str, name: &str) -> String {
    count("statistics", &[("table_name", table), ("index_name", name)])
}

fn constraint(table: &str, name: &str) -> String {
    count("table_constraints", &[("table_name", table), ("constraint_name", name)])
}

/// Counts what a view of the information schema has.
fn count(view: &str, with: &[(&str, &str)]) -> String {
    let mut sql = format!("SELECT count(*) FROM information_schema.{view} WHERE table_schema = database()");
    for (name, value) in with {
        sql.push_str(&format!(" AND {name} = "));
        text_literal(&mut sql, value);
    }
    sql
}

fn gone(count: &str) -> String {
    format!("SELECT ({count}) = 0")
}

fn both(one: &str, other: &str) -> String {
    format!("SELECT ({one}) <> 0 AND ({other}) <> 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(statement: &str) -> String {
        match probe(statement) {
            Probe::Ask { is_done, .. } => is_done
                .replace("SELECT count(*) FROM information_schema.", "")
                .replace(" WHERE table_schema = database() AND", ""),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_a_statement_leaves_behind_tells_whether_it_was_done() {
        assert_eq!(asked("CREATE TABLE `a b` (\n  id BIGINT\n)"), "tables table_name = 'a b'");
        assert_eq!(asked("DROP TABLE users"), "SELECT (tables table_name = 'users') = 0");
        assert_eq!(
            asked("CREATE UNIQUE INDEX ix ON users (email), ALGORITHM=INPLACE"),
            "statistics table_name = 'users' AND index_name = 'ix'"
        );
        assert_eq!(
            asked("ALTER TABLE users ADD COLUMN `index` TEXT"),
            "columns table_name = 'users' AND column_name = 'index'"
        );
        assert_eq!(
            asked("ALTER TABLE users RENAME COLUMN a TO b"),
            "SELECT (columns table_name = 'users' AND column_name = 'b') <> 0 AND \
             (SELECT (columns table_name = 'users' AND column_name = 'a') = 0) <> 0"
        );
        assert_eq!(
            asked("ALTER TABLE users DROP FOREIGN KEY fk, DROP INDEX fk"),
            "SELECT (table_constraints table_name = 'users' AND constraint_name = 'fk') = 0"
        );
        assert_eq!(
            asked("ALTER TABLE users ADD CONSTRAINT pk_users PRIMARY KEY (id)"),
            "table_constraints table_name = 'users' AND constraint_name = 'PRIMARY'"
        );
    }

    #[test]
    fn a_definition_can_be_said_twice() {
        assert_eq!(probe("ALTER TABLE users MODIFY COLUMN a INT"), Probe::Repeatable);
        assert_eq!(probe("ALTER TABLE users DROP INDEX IF EXISTS a"), Probe::Repeatable);
    }

    #[test]
    fn nothing_is_guessed() {
        assert_eq!(probe("CALL something()"), Probe::Unknown);
        assert_eq!(probe("ALTER TABLE users ENGINE=MyISAM"), Probe::Unknown);
    }
}
