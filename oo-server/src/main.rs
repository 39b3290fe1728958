//! `oo`: the server and the tools of oO. See `oo help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    oo_server::cli::run()
}
