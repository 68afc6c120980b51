//! The `aludel` command.

fn main() -> std::process::ExitCode {
    aludel_cli::main(std::env::args_os().collect())
}
