//! Every exercise, as it is given out, compiles and fails its check where the learner begins; and there is a hint for just that.

// What is given out is unfinished, and is not written as one would write it.
#![allow(missing_docs, dead_code, unused, clippy::all)]

#[path = "common/every_drill.rs"]
mod every_drill;

use std::time::Duration;

use drills::answer::run;
use drills::catalogue::Catalogue;
use drills::finding::Checked;

fn fails_where_the_learner_begins(name: &str, checked: Checked) {
    let catalogue = Catalogue::read();
    let drill = catalogue.find(name).unwrap();
    let finding = checked.expect_err("nothing was filled in");
    assert_eq!(finding.rule, drill.unsolved, "{finding}");
    let hint = drill.hints_for(Some(&finding.rule))[0];
    assert!(hint.on.as_ref().is_none_or(|on| *on == finding.rule), "{finding}\n{}", hint.text);
}

macro_rules! exercises {
    ($($name:ident $file:literal)*) => {
        $(
            mod $name {
                mod exercise {
                    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/exercises/", $file));
                }
                mod check {
                    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/checks/", $file));
                }

                #[test]
                fn sqlite() {
                    let checked = super::run(check::check, super::Duration::from_secs(60));
                    super::fails_where_the_learner_begins(stringify!($name), checked);
                }
            }
        )*

        /// The names and files of all drills that are tested.
        const TESTED: &[(&str, &str)] = &[$((stringify!($name), $file)),*];
    };
}

every_drill!(exercises);

#[test]
fn every_drill_is_tested() {
    let catalogue = Catalogue::read();
    let drills: Vec<_> = catalogue.drills.iter().map(|it| (it.name.as_str(), it.file())).collect();
    let tested: Vec<_> = TESTED.iter().map(|(name, file)| (*name, (*file).to_owned())).collect();
    assert_eq!(drills, tested);
}
