//! `cargo aludel`: cargo gives its own word for the command as the first argument.

fn main() -> std::process::ExitCode {
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|it| it == "aludel") {
        args.remove(1);
    }
    aludel_cli::main(args)
}
