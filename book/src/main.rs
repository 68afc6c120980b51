//! Builds the book into `target/book`: `cargo xtask book`.

use std::path::Path;
use std::process::ExitCode;

use mdbook_driver::MDBook;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    match MDBook::load(folder).and_then(|book| book.build().map(|()| book.build_dir_for("html"))) {
        Ok(built) => {
            println!("{}", built.join("index.html").display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
