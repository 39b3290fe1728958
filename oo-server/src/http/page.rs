//! The page, embedded in the binary (in a debug build it is read from `web/dist`).
//!
//! Assets carry a hash in their names and never change; everything else is asked for again each time. The build of the
//! page writes `csp.json`: the policy under which its inline style works. It is sent with the page and not served.

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

const INDEX: &str = "index.html";
const POLICY: &str = "csp.json";
const STRICT: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves a file of the page; whatever is none is a problem.
pub async fn serve(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() { INDEX } else { path };
    match Dist::get(name).filter(|_| name != POLICY) {
        None => Problem::no_such_path().into_response(),
        Some(_) if method != Method::GET && method != Method::HEAD => {
            let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
            (allow, Problem::wrong_method()).into_response()
        }
        Some(file) => answer(name, file),
    }
}

fn answer(name: &str, file: EmbeddedFile) -> Response {
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if name == INDEX {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy());
        headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    }
    response
}

fn policy() -> HeaderValue {
    Dist::get(POLICY)
        .and_then(|file| serde_json::from_slice::<serde_json::Value>(&file.data).ok())
        .and_then(|csp| csp.get("policy").and_then(|policy| HeaderValue::from_str(policy.as_str()?).ok()))
        .unwrap_or(HeaderValue::from_static(STRICT))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &'static str) -> Response {
        serve(Method::GET, Uri::from_static(path)).await
    }

    #[tokio::test]
    async fn the_page_comes_with_its_policy_and_is_never_stale() {
        let page = get("/").await;
        assert_eq!(page.status(), 200);
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[tokio::test]
    async fn nothing_outside_the_page_is_served() {
        for path in ["/csp.json", "/../Cargo.toml", "/assets/../../package.json", "/%2e%2e/package.json", "/nothing"] {
            assert_eq!(get(path).await.status(), 404, "{path}");
        }
        assert_eq!(serve(Method::POST, Uri::from_static("/")).await.status(), 405);
    }
}
