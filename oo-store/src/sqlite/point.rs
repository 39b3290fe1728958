//! Places where a test stops the process to kill it: `OO_STORE_STOP_AT=NAME` says where, behind the feature `testing`.

/// A place with a name. In a test that asked for it the process says so and waits to be killed.
#[cfg(feature = "testing")]
pub(crate) fn reach(name: &str) {
    use std::io::Write as _;
    if std::env::var_os("OO_STORE_STOP_AT").is_some_and(|asked| asked == name) {
        let mut out = std::io::stdout().lock();
        // Whoever waits for this line gives up without it.
        let _ = out.write_all(format!("\n@stopped at {name}\n").as_bytes()).and_then(|()| out.flush());
        drop(out);
        loop {
            std::thread::park();
        }
    }
}

/// A place with a name: nothing in a release build.
#[cfg(not(feature = "testing"))]
pub(crate) fn reach(_name: &str) {}
