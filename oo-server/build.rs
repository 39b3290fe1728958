//! The page is built by npm into `web/dist`. A checkout without it still compiles: the server then says how to build it.

use std::fs;
use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>oO</title>\n\
<p>The page is not built. Run <code>make run</code>, or <code>npm ci &amp;&amp; npm run build</code> in \
<code>oo-server/web</code>, and build the server again.</p>\n</html>\n";

fn main() {
    // A page that is built anew has new names for its assets.
    println!("cargo::rerun-if-changed=web/dist");
    let page = Path::new("web/dist/index.html");
    if !page.exists() {
        let made = fs::create_dir_all("web/dist").and_then(|()| fs::write(page, PLACEHOLDER));
        if let Err(error) = made {
            println!("cargo::warning=web/dist has no page and none could be written: {error}");
        }
    }
}
