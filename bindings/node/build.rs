//! Links as a Node add-on: its symbols come from the host.

fn main() {
    napi_build::setup();
}
