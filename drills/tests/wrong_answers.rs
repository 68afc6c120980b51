//! Answers that compile and are wrong: what is said tells what was expected and what was found.

#![allow(missing_docs, dead_code)]

use std::time::Duration;

use drills::answer::run;

/// Declares wrong answers: the file, the check, and what is said.
macro_rules! wrong_answers {
    ($($name:ident of $drill:literal: $said:literal;)*) => {$(
        mod $name {
            mod exercise {
                include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong_answers/", stringify!($name), ".rs"));
            }
            mod check {
                include!(concat!(env!("CARGO_MANIFEST_DIR"), "/checks/", $drill, ".rs"));
            }

            #[test]
            fn sqlite() {
                let finding = super::run(check::check, super::Duration::from_secs(60)).expect_err("it is wrong");
                assert_eq!(finding.to_string(), $said);
            }
        }
    )*};
}

wrong_answers! {
    a_title_of_any_length of "01_model": "a title has at most 200 characters\n  expected: \"varchar(200)\"\n  found:    \"text\"";
    the_oldest_first of "03_select": "the newest document comes first\n  expected: [\"Q2 Report\", \"Q3 Report\", \"Q1 Report\"]\n  found:    [\"Q1 Report\", \"Q3 Report\", \"Q2 Report\"]";
    the_id_before_the_commit of "04_insert": "the id is the one that the database gave\n  expected: 7\n  found:    -9223372036854775808";
    a_commit_whatever_happened of "05_get_db": "what a failed route did is rolled back\n  expected: [\"finance\", \"draft\", \"law\"]\n  found:    [\"finance\", \"draft\", \"law\", \"lost\"]";
    a_statement_for_each_user of "08_selectinload": "two statements do, however many users there are\n  expected: 2\n  found:    4";
    a_commit_in_the_place_of_a_flush of "09_add_flush_commit": "`send` does not commit\n  expected: []\n  found:    [\"COMMIT\"]";
    a_count_that_is_set of "19_upsert": "the count of a known word is added\n  expected: [\"apple 5\", \"pear 1\", \"plum 1\"]\n  found:    [\"apple 3\", \"pear 1\", \"plum 1\"]";
    an_update_of_all_rows of "23_bulk_update": "the documents of the user are archived, and no others\n  expected: [\"Archived\", \"Archived\", \"Archived\", \"Minutes\", \"Plan\", \"Letter\"]\n  found:    [\"Archived\", \"Archived\", \"Archived\", \"Archived\", \"Archived\", \"Archived\"]";
    a_rename_that_nothing_tells of "26_migration": "no name is lost\n  expected: [Some(\"Sam\"), Some(\"Ann\"), None]\n  found:    [None, None, None]";
}
