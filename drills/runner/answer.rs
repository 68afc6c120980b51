//! One answer of a learner, with the check of its drill. `drills` says which, and builds it.

#![allow(missing_docs, dead_code)]

use std::process::ExitCode;

mod exercise {
    include!(env!("ALUDEL_DRILL_ANSWER"));
}

mod check {
    include!(env!("ALUDEL_DRILL_CHECK"));
}

fn main() -> ExitCode {
    drills::answer::main(check::check)
}
