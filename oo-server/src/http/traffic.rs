//! Counts and latencies of requests, and the Prometheus text of `/metrics`.
//!
//! Kept by route as it is declared, never by path as it was sent: ids do not reach the metrics.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency histogram, in seconds.
const BOUNDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0];

/// What passed the door.
#[derive(Debug, Default)]
pub struct Traffic {
    routes: Mutex<BTreeMap<String, Series>>,
}

#[derive(Debug, Default)]
struct Series {
    answers: BTreeMap<(&'static str, u16), u64>,
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl Traffic {
    /// Counts one answer.
    pub fn record(&self, route: &str, method: &str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Series::default());
        }
        let Some(series) = routes.get_mut(route) else { return };
        *series.answers.entry((known(method), status)).or_default() += 1;
        series.buckets[bucket] += 1;
        series.seconds += seconds;
    }

    /// The Prometheus text: requests, latencies, then `engine`'s own counters as `oo_<name>_total` and `gauges` as
    /// `oo_<name>`.
    #[must_use]
    pub fn render(&self, engine: &BTreeMap<String, u64>, gauges: &[(&str, u64)]) -> String {
        let mut out = String::new();
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        head(&mut out, "oo_http_requests_total", "counter", "Requests by method, route and status.");
        for (route, series) in routes.iter() {
            for ((method, status), count) in &series.answers {
                line(
                    &mut out,
                    &format!(
                        "oo_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
                    ),
                );
            }
        }
        head(&mut out, "oo_http_request_duration_seconds", "histogram", "Seconds from request to answer, by route.");
        for (route, series) in routes.iter() {
            let name = "oo_http_request_duration_seconds";
            let mut total = 0;
            for (at, count) in series.buckets.iter().enumerate() {
                total += count;
                let bound = BOUNDS.get(at).map_or_else(|| "+Inf".to_owned(), f64::to_string);
                line(&mut out, &format!("{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {total}"));
            }
            line(&mut out, &format!("{name}_sum{{route=\"{route}\"}} {}", series.seconds));
            line(&mut out, &format!("{name}_count{{route=\"{route}\"}} {total}"));
        }
        for (name, count) in engine {
            head(&mut out, &format!("oo_{name}_total"), "counter", "Counted by the engine since it was opened.");
            line(&mut out, &format!("oo_{name}_total {count}"));
        }
        for (name, value) in gauges {
            head(&mut out, &format!("oo_{name}"), "gauge", "The engine's state, as in /health.");
            line(&mut out, &format!("oo_{name} {value}"));
        }
        out
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, &format!("# HELP {name} {help}"));
    line(out, &format!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}

/// A caller may invent methods; the metrics do not grow with them.
fn known(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_counts_what_was_recorded() {
        let traffic = Traffic::default();
        traffic.record("/api/recommend", "POST", 200, Duration::from_millis(2));
        traffic.record("/api/recommend", "POST", 200, Duration::from_secs(60));
        traffic.record("/api/recommend", "BREW", 405, Duration::ZERO);
        let text = traffic.render(&BTreeMap::from([("decisions".to_owned(), 7)]), &[("position", 9)]);
        for expected in [
            "oo_http_requests_total{method=\"POST\",route=\"/api/recommend\",status=\"200\"} 2",
            "oo_http_requests_total{method=\"other\",route=\"/api/recommend\",status=\"405\"} 1",
            "oo_http_request_duration_seconds_bucket{route=\"/api/recommend\",le=\"0.0005\"} 1",
            "oo_http_request_duration_seconds_bucket{route=\"/api/recommend\",le=\"0.0025\"} 2",
            "oo_http_request_duration_seconds_bucket{route=\"/api/recommend\",le=\"+Inf\"} 3",
            "oo_http_request_duration_seconds_count{route=\"/api/recommend\"} 3",
            "oo_decisions_total 7",
            "oo_position 9",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected} is not in\n{text}");
        }
    }
}
