//! This test program started again as another process, to be stopped at a point and killed there.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A child that runs the ignored test `child` with a role.
pub(crate) struct Other {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Other {
    /// Starts it in `role` on the database at `path`; it stops at the point `stop`, if that is one.
    pub(crate) fn start(role: &str, path: &Path, stop: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env("OO_TEST_ROLE", role)
            .env("OO_TEST_PATH", path)
            .env("OO_STORE_STOP_AT", stop)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Other { child, output }
    }

    /// Waits until it says `line`.
    pub(crate) fn until(&mut self, line: &str) {
        let mut said = String::new();
        while said.trim_end() != line {
            said.clear();
            assert!(self.output.read_line(&mut said).unwrap() > 0, "the child ended before it said {line:?}");
        }
    }

    /// Waits until it stands at the point, and kills it there.
    pub(crate) fn kill_at(mut self, point: &str) {
        self.until(&format!("@stopped at {point}"));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills it, and gives what else it said.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.rest()
    }

    /// Waits until it ends well, and gives what else it said.
    pub(crate) fn end(mut self) -> String {
        let rest = self.rest();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }

    fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap();
        rest
    }
}

/// The role and path of a child; none when this program was not started as one.
pub(crate) fn role() -> Option<(String, std::path::PathBuf)> {
    Some((std::env::var("OO_TEST_ROLE").ok()?, std::env::var_os("OO_TEST_PATH")?.into()))
}

/// One line, whole.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}
