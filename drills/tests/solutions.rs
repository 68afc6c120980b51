//! Every solution passes its check. All of them are compiled as modules of this one program.

#![allow(missing_docs)]

#[path = "common/every_drill.rs"]
mod every_drill;

macro_rules! solutions {
    ($($name:ident $file:literal)*) => {$(
        mod $name {
            mod exercise {
                #![allow(dead_code)]
                include!(concat!(env!("CARGO_MANIFEST_DIR"), "/solutions/", $file));
            }
            mod check {
                include!(concat!(env!("CARGO_MANIFEST_DIR"), "/checks/", $file));
            }

            #[test]
            fn sqlite() {
                if let Err(finding) = drills::answer::run(check::check, std::time::Duration::from_secs(60)) {
                    panic!("{finding}");
                }
            }
        }
    )*};
}

every_drill!(solutions);
