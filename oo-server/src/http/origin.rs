//! Who may call: programs of this machine's person, and the page that this server served.
//!
//! There is no sign-in yet, so the server is for one machine. A browser on that machine also runs the pages of
//! strangers. A request whose `Host` is not this machine (a name that was rebound to it), whose `Origin` is another
//! page's, or whose `Sec-Fetch-Site` says that another site sent it, is refused, and so is a body that is not declared
//! as JSON, since a foreign form can send any other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header};
use oo::ErrorKind;

use super::problem::Problem;

/// Which hosts the server answers as.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Whether an IP address other than loopback is right too: somebody chose to listen on one.
    pub any_address: bool,
    /// Further names.
    pub names: Vec<String>,
}

impl Hosts {
    /// Checks where a request comes from and where it believes to go.
    ///
    /// # Errors
    /// `denied` for a foreign host, origin or site; 415 for a body that is not JSON.
    pub fn admit(&self, request: &Request) -> Result<(), Problem> {
        let headers = request.headers();
        let host = host_of(request.uri(), headers)?;
        if !self.is_ours(host) {
            return Err(refuse("Host", "the host is not this machine; call it as 127.0.0.1 or localhost"));
        }
        if let Some(origin) = only(headers, "Origin")? {
            let same = origin.split_once("://").is_some_and(|(scheme, authority)| {
                matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(host)
            });
            if !same {
                return Err(refuse("Origin", "another page may not call this server; open the page that it serves"));
            }
        }
        let site = only(headers, "Sec-Fetch-Site")?;
        if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
            return Err(refuse("Sec-Fetch-Site", "another site may not call this server; open its address yourself"));
        }
        if !request.body().is_end_stream() && !is_json(headers) {
            return Err(Problem::not_json());
        }
        Ok(())
    }

    fn is_ours(&self, authority: &str) -> bool {
        let Some(host) = without_port(authority) else { return false };
        let address = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        };
        match address {
            Some(address) => address.is_loopback() || self.any_address,
            None => {
                host.eq_ignore_ascii_case("localhost") || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
            }
        }
    }
}

fn refuse(field: &str, detail: &str) -> Problem {
    Problem { field: Some(field.to_owned()), ..Problem::new(ErrorKind::Denied, detail) }
}

/// The authority a request is for: of its absolute target, else of its one `Host`.
fn host_of<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Result<&'r str, Problem> {
    let named = only(headers, "Host")?;
    match (uri.authority(), named) {
        (Some(target), Some(named)) if !target.as_str().eq_ignore_ascii_case(named) => {
            Err(refuse("Host", "the target and the header `Host` differ; send one"))
        }
        (Some(target), _) => Ok(target.as_str()),
        (None, Some(named)) => Ok(named),
        (None, None) => Err(refuse("Host", "the header `Host` is missing; send it")),
    }
}

/// The value of a header that may stand once.
fn only<'r>(headers: &'r HeaderMap, name: &str) -> Result<Option<&'r str>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(Some).map_err(|_| refuse(name, "the header is not plain text; send it as ASCII"))
        }
        _ => Err(refuse(name, "the header stands twice; send it once")),
    }
}

/// The host of `host[:port]`, where that is what it is.
fn without_port(authority: &str) -> Option<&str> {
    let after_v6 = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_v6..].rfind(':') {
        None => Some(authority),
        Some(at) => {
            let (host, port) = authority.split_at(after_v6 + at);
            port[1..].parse::<u16>().ok().map(|_| host)
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Ok(Some(value)) = only(headers, header::CONTENT_TYPE.as_str()) else { return false };
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn status(hosts: &Hosts, headers: &[(&str, &str)], body: &'static str) -> u16 {
        let mut request = Request::builder().uri("/api/recommend");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_empty() { Body::empty() } else { Body::from(body) };
        hosts.admit(&request.body(body).expect("a request")).map_or_else(|problem| problem.status, |()| 200)
    }

    #[test]
    fn only_this_machine_is_a_host() {
        let ours = Hosts::default();
        for host in ["127.0.0.1:8080", "127.8.9.10", "localhost:1", "LOCALHOST", "[::1]:8080", "[::1]"] {
            assert_eq!(status(&ours, &[("host", host)], ""), 200, "{host}");
        }
        let foreign = [
            "oo.example:8080",
            "127.0.0.1.oo.example",
            "localhost.oo.example",
            "10.0.0.1",
            "[::2]",
            "0.0.0.0",
            "",
            "127.0.0.1:",
            "127.0.0.1:99999",
            "127.0.0.1:80:80",
            "[::1",
            "user@localhost",
            "127.0.0.1, oo.example",
            "2130706433",
            "127.1",
        ];
        for host in foreign {
            assert_eq!(status(&ours, &[("host", host)], ""), 403, "{host}");
        }
        assert_eq!(status(&ours, &[], ""), 403);
        assert_eq!(status(&ours, &[("host", "localhost"), ("host", "localhost")], ""), 403);
    }

    #[test]
    fn a_remote_server_answers_to_addresses_and_to_the_names_it_was_given() {
        let remote = Hosts { any_address: true, names: vec!["oo.lan".to_owned()] };
        assert_eq!(status(&remote, &[("host", "10.0.0.1:8080")], ""), 200);
        assert_eq!(status(&remote, &[("host", "OO.lan")], ""), 200);
        assert_eq!(status(&remote, &[("host", "rebound.example")], ""), 403);
    }

    #[test]
    fn a_foreign_page_is_refused() {
        let ours = Hosts::default();
        let with = |name, value| status(&ours, &[("host", "localhost:8080"), (name, value)], "");
        assert_eq!(with("origin", "http://localhost:8080"), 200);
        for origin in
            ["http://localhost:8081", "http://127.0.0.1:8080", "null", "https://oo.example", "http://localhost:8080.x"]
        {
            assert_eq!(with("origin", origin), 403, "{origin}");
        }
        assert_eq!(with("sec-fetch-site", "same-origin"), 200);
        assert_eq!(with("sec-fetch-site", "none"), 200);
        assert_eq!(with("sec-fetch-site", "same-site"), 403);
        assert_eq!(with("sec-fetch-site", "cross-site"), 403);
    }

    #[test]
    fn a_body_must_be_json_and_no_body_needs_no_type() {
        let ours = Hosts::default();
        let with = |value, body| status(&ours, &[("host", "localhost"), ("content-type", value)], body);
        assert_eq!(with("application/json", "{}"), 200);
        assert_eq!(with("Application/JSON; charset=utf-8", "{}"), 200);
        assert_eq!(with("text/plain", "{}"), 415);
        assert_eq!(with("application/x-www-form-urlencoded", "{}"), 415);
        assert_eq!(with("text/plain", ""), 200);
        assert_eq!(status(&ours, &[("host", "localhost")], "{}"), 415);
    }
}
