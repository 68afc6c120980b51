//! Regular expressions mean the same on every database, and are data.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

#[derive(Entity, Debug)]
#[entity(table = "lines")]
pub struct Line {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub text: String,
    pub note: Option<String>,
}

const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "abc",
    "ABC",
    "abab12",
    "line one\nline two",
    "ends with a line feed\n",
    "a.b*c",
    "(brackets) [and] {braces}",
    "caf\u{e9} CAF\u{c9}",
    "\u{1f600}\u{1f680}",
    "tab\there",
    "x-1_y",
    "back\\slash ^ $ | & ~",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
];

async fn lines(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Line)).await?;
    let mut conn = db.engine.connect().await?;
    conn.execute(insert(Line).values(TEXTS.map(|text| Line::builder().text(text)))).await?;
    Ok(conn)
}

/// The texts that a pattern finds.
async fn found(conn: &mut Connection, pattern: &str) -> aludel::Result<Vec<String>> {
    conn.scalars(select(Line::TEXT).filter(Line::TEXT.regexp_match(pattern)).order_by(Line::ID)).all().await
}

on_each_database! {
    async fn a_pattern_finds_the_same_texts_everywhere(db: Db) {
        let mut conn = lines(&db).await?;
        let cases: [(&str, &[&str]); 20] = [
            ("", &TEXTS),
            ("^$", &[""]),
            ("^a$", &["a"]),
            ("(?i)^a$", &["a", "A"]),
            ("b", &["abc", "abab12", "a.b*c", "(brackets) [and] {braces}", "tab\there", "back\\slash ^ $ | & ~", TEXTS[15]]),
            ("^(ab)+\\d{2}$", &["abab12"]),
            ("^(?:ab){2,}[^0-9]*[[]?", &[]),
            ("two$", &[TEXTS[6]]),
            // `^` and `$` are the ends of the text and of no line; a line feed is a character.
            ("^line two", &[]),
            ("one$", &[]),
            ("feed$", &[]),
            ("feed.$", &[TEXTS[7]]),
            ("one.line", &[TEXTS[6]]),
            ("a\\.b\\*c", &["a.b*c"]),
            ("^.$", &["a", "A"]),
            ("^..$", &[TEXTS[11]]),
            ("^caf[\u{e9}]", &[TEXTS[10]]),
            // Of ASCII: é and É are no letters of `\w`, and two letters.
            ("(?i)caf\u{c9}$", &[TEXTS[10]]),
            ("^[\\w-]+$", &["a", "A", "abc", "ABC", "abab12", "x-1_y", TEXTS[15]]),
            ("[\\^$|&~\\\\]", &[TEXTS[14]]),
        ];
        for (pattern, expected) in cases {
            match found(&mut conn, pattern).await {
                Ok(found) => assert_eq!(found, expected, "{pattern}"),
                Err(error) => assert_eq!((error.kind(), pattern), (ErrorKind::Validation, cases[6].0), "{error}"),
            }
        }
        let not = select(Line::ID).filter(!Line::TEXT.regexp_match("."));
        assert_eq!(conn.scalars(not).all().await?, [1]);
        let unknown = select(func::count_star()).select_from(Line).filter(Line::NOTE.regexp_match("").is_not_null());
        assert_eq!(conn.scalar(unknown).await?, 0, "whether NULL matches is not known");
    }

    async fn random_patterns_find_the_same_texts_everywhere(db: Db) {
        let mut conn = lines(&db).await?;
        let pieces = [
            "a", "b", "c", "A", "1", "\\d", "\\w", "\\s", ".", "[a-c]", "[^a-c]", "[B-Z1-9_-]", "(a|b)", "(?:ab)", "(a|bc|1)",
            "a*", "b+", "c?", ".{2,3}", "(ab){1,2}", "\\.", "\\\\", "\u{e9}", "\u{1f600}", "-", " ",
        ];
        let mut state = 11_u64;
        let mut roll = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % sides
        };
        for _ in 0..if aludel_suite::long() { 2_000 } else { 150 } {
            let mut pattern = String::from(["", "", "^", "(?i)", "(?i)^"][roll(5)]);
            for _ in 0..=roll(4) {
                pattern.push_str(pieces[roll(pieces.len())]);
            }
            pattern.push_str(["", "", "$", "|^abc$"][roll(4)]);
            // Rust's own engine is the measure: `.` is every character there, and classes are of ASCII.
            let flags = if pattern.starts_with("(?i)") { "(?si)" } else { "(?s)" };
            let measure = regex_lite::Regex::new(&format!("{flags}{}", pattern.trim_start_matches("(?i)"))).unwrap();
            let expected: Vec<&str> = TEXTS.into_iter().filter(|it| measure.is_match(it)).collect();
            assert_eq!(found(&mut conn, &pattern).await?, expected, "{pattern}");
        }
    }

    async fn case_78_a_pattern_of_a_user_is_bound_or_refused_before_it_is_sent(db: Db) {
        let mut conn = lines(&db).await?;
        for bad in ["(", "[a", "a{2", "*", "\\", "(?=a)", "(a)\\1", "a\0", "(a{255}){255}", "[[:alpha:]]", "a**"] {
            let error = refused(found(&mut conn, bad).await, ErrorKind::Validation);
            assert!(error.to_string().contains("the regular expression"), "{error}");
            assert!(error.advice().is_some());
        }
        for hostile in ["'; DROP TABLE lines; --", "' OR 1=1", "\u{202e}", "$1 \\? :x", "%_", "a{2}'", "/\\* \\*/"] {
            assert_eq!(found(&mut conn, hostile).await?, [""; 0], "{hostile}");
        }
        assert_eq!(found(&mut conn, "^[ab]*c$").await?, ["abc"]);
        assert_eq!(conn.scalar(select(func::count(Line::ID))).await?, TEXTS.len() as i64);
    }
}
