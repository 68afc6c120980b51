//! Whether a statement was done: MariaDB and MySQL do a change of a schema as a whole or not at all, and end the transaction for it.

use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{Probe, SqlToken, sql_tokens};

/// Reads a statement as far as is needed to know what it leaves behind.
pub(crate) fn probe(statement: &str) -> Probe {
    let words = Words::of(statement);
    let repeatable = words.begin("ALTER TABLE") && (words.has("IF EXISTS") || words.has("IF NOT EXISTS"));
    if repeatable || words.begin("CREATE OR REPLACE") {
        return Probe::Repeatable;
    }
    let ask = |is_done: Option<String>| match is_done {
        Some(is_done) => Probe::Ask { is_done, leftover: None },
        None => Probe::Unknown,
    };
    if words.begin("ALTER TABLE") {
        return words.get(2).map_or(Probe::Unknown, |name| alter(&words, name));
    }
    let named: [(&str, fn(&Word) -> String); 5] = [
        ("TABLE", table),
        ("SEQUENCE", table),
        ("TRIGGER", trigger),
        ("FUNCTION", |it| routine(it, "FUNCTION")),
        ("PROCEDURE", |it| routine(it, "PROCEDURE")),
    ];
    for (kind, count) in named {
        if words.begin(&format!("CREATE {kind}")) {
            return ask(words.get(2).map(count));
        }
        if words.begin(&format!("DROP {kind}")) {
            return ask(words.get(2).map(|it| gone(&count(it))));
        }
    }
    // CREATE INDEX name ON table, with UNIQUE or FULLTEXT before it.
    let at = words.0.iter().take(3).position(|it| it.is("INDEX")).filter(|_| words.begin("CREATE"));
    ask(at.and_then(|at| Some(index(words.get(at + 3)?, words.get(at + 1)?))))
}

fn alter(words: &Words, of: &Word) -> Probe {
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
        () if change.begin("ADD CONSTRAINT") => name(2).map(|it| constraint(of, &it.text)),
        () if change.begin("DROP PRIMARY KEY") => Some(gone(&constraint(of, "PRIMARY"))),
        () if change.begin("DROP FOREIGN KEY") => name(3).map(|it| gone(&constraint(of, &it.text))),
        () if change.begin("DROP CONSTRAINT") => name(2).map(|it| gone(&constraint(of, &it.text))),
        () if change.begin("DROP INDEX") => name(2).map(|it| gone(&index(of, it))),
        () => None,
    };
    is_done.map_or(Probe::Unknown, |is_done| Probe::Ask { is_done, leftover: None })
}

/// The words and names of a statement.
struct Words(Vec<Word>);

/// A word, or a name with the schema that stands before it.
#[derive(Clone)]
struct Word {
    schema: Option<String>,
    text: String,
    quoted: bool,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.schema.is_none() && self.text.eq_ignore_ascii_case(keyword)
    }
}

impl Words {
    fn of(statement: &str) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut behind_point = false;
        for token in sql_tokens(statement) {
            let (text, quoted) = match token {
                SqlToken::Word(word) => (word.to_owned(), false),
                SqlToken::QuotedName(name) => {
                    let quote = &name[..1];
                    (name[1..name.len() - 1].replace(&quote.repeat(2), quote), true)
                }
                SqlToken::Space(_) => continue,
                other => {
                    behind_point = other.text() == ".";
                    continue;
                }
            };
            let schema = if std::mem::take(&mut behind_point) { words.pop().map(|it| it.text) } else { None };
            words.push(Word { schema, text, quoted });
        }
        Self(words)
    }

    fn get(&self, at: usize) -> Option<&Word> {
        self.0.get(at)
    }

    fn begin(&self, keywords: &str) -> bool {
        let mut words = self.0.iter();
        keywords.split(' ').all(|keyword| words.next().is_some_and(|it| it.is(keyword)))
    }

    fn has(&self, keywords: &str) -> bool {
        (0..self.0.len()).any(|at| Self(self.0[at..].to_vec()).begin(keywords))
    }
}

fn table(name: &Word) -> String {
    count("tables", "table_schema", name, &[("table_name", &name.text)])
}

fn column(table: &Word, name: &Word) -> String {
    count("columns", "table_schema", table, &[("table_name", &table.text), ("column_name", &name.text)])
}

fn index(table: &Word, name: &Word) -> String {
    count("statistics", "table_schema", table, &[("table_name", &table.text), ("index_name", &name.text)])
}

fn constraint(table: &Word, name: &str) -> String {
    let with = [("table_name", table.text.as_str()), ("constraint_name", name)];
    count("table_constraints", "table_schema", table, &with)
}

fn trigger(name: &Word) -> String {
    count("triggers", "trigger_schema", name, &[("trigger_name", &name.text)])
}

fn routine(name: &Word, kind: &str) -> String {
    count("routines", "routine_schema", name, &[("routine_type", kind), ("routine_name", &name.text)])
}

/// Counts what a view of the information schema has, in the schema of a name.
fn count(view: &str, schema: &str, of: &Word, with: &[(&str, &str)]) -> String {
    let mut sql = format!("SELECT count(*) FROM information_schema.{view} WHERE {schema} = ");
    match &of.schema {
        Some(schema) => text_literal(&mut sql, schema),
        None => sql.push_str("database()"),
    }
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
    fn triggers_and_functions_are_asked_for_by_name() {
        let trigger = "CREATE TRIGGER log AFTER INSERT ON users FOR EACH ROW BEGIN DROP TABLE a; END";
        assert!(
            asked(trigger).ends_with("triggers WHERE trigger_schema = database() AND trigger_name = 'log'")
        );
        let drop = asked("DROP FUNCTION `a b`");
        assert!(drop.starts_with("SELECT (routines WHERE"), "{drop}");
        assert!(drop.ends_with("routine_type = 'FUNCTION' AND routine_name = 'a b') = 0"), "{drop}");
        assert_eq!(probe("CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN 1"), Probe::Repeatable);
    }

    #[test]
    fn a_name_is_looked_for_in_its_schema() {
        assert_eq!(
            asked("DROP TABLE shop . `order`"),
            "SELECT (tables WHERE table_schema = 'shop' AND table_name = 'order') = 0"
        );
        assert_eq!(
            asked("ALTER TABLE shop.users ADD COLUMN a INT"),
            "columns WHERE table_schema = 'shop' AND table_name = 'users' AND column_name = 'a'"
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
