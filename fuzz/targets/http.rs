//! Bodies of requests through the real door, routes and engine, over a store in memory. The first byte chooses the route,
//! the rest is the body, or the end of the path.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use libfuzzer_sys::fuzz_target;
use oo_core::testing::memory::MemoryStore;
use oo_core::testing::world::SeededWorld;
use oo_server::http::door::Door;
use oo_server::http::origin::Hosts;
use oo_server::http::rate::Rate;
use oo_server::http::streams::Streams;
use oo_server::http::traffic::Traffic;
use tower_service::Service;

const ROUTES: [(&str, &str); 20] = [
    ("POST", "/api/signals"),
    ("POST", "/api/recommend"),
    ("POST", "/api/feedback"),
    ("POST", "/api/decide"),
    ("POST", "/api/decide/batch"),
    ("POST", "/api/decide/once"),
    ("POST", "/api/decide/reward"),
    ("POST", "/api/decide/rewards"),
    ("PUT", "/api/me/consents"),
    ("PUT", "/api/me/preferences"),
    ("DELETE", "/api/me"),
    ("GET", "/api/me/export"),
    ("GET", "/api/decide/"),
    ("GET", "/api/tips/"),
    ("GET", "/api/me/receipts/"),
    ("GET", "/api/me/history?limit="),
    ("POST", "/api/me/import"),
    ("POST", "/api/me/receipts/verify"),
    ("GET", "/api/events/stream?after="),
    ("GET", "/api/admin/receipts?limit="),
];

/// Requests after which the store begins anew, so that it stays small.
const EVERY: u32 = 200;

struct World {
    app: Router,
    engine: oo::Engine,
    runtime: tokio::runtime::Runtime,
    served: u32,
}

impl World {
    fn new() -> Self {
        let (world, store) = (Arc::new(SeededWorld::new(1_772_438_400_000, "fuzz")), Arc::new(MemoryStore::new()));
        let builder = oo::Engine::builder("unused").clock(world.clone()).entropy(world);
        let engine = builder.test_store(store.clone(), store, oo_store::Revived::default()).open_blocking().expect("an engine");
        let door = Door {
            hosts: Hosts::default(),
            rate: Rate::new(0),
            patience: Duration::from_secs(20),
            traffic: Traffic::default(),
            // Without room for one: an answer that does not end would be waited for.
            streams: Streams::new(0, Duration::from_secs(1)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        World { app: oo_server::routes::app(engine.clone(), Arc::new(door)), engine, runtime, served: 0 }
    }

    fn serve(&mut self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        self.served += 1;
        self.runtime.block_on(async {
            let response = self.app.call(request).await.expect("an answer");
            let status = response.status();
            (status, response.into_body().collect().await.expect("a body").to_bytes().to_vec())
        })
    }
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let (method, path) = ROUTES[usize::from(*choice) % ROUTES.len()];
    let mut request = Request::builder().method(method).header("host", "127.0.0.1:8080").header("oo-user", "me");
    let body = if path.ends_with(['/', '=']) {
        let end: String = rest.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect();
        request = request.uri(format!(
            "{path}{}{}",
            end.replace(['?', '#'], ""),
            if path == "/api/tips/" { "/why" } else { "" }
        ));
        Body::empty()
    } else {
        request = request.uri(path).header("content-type", "application/json");
        Body::from(rest.to_vec())
    };
    // A path that is none of HTTP's never reaches a server.
    let Ok(request) = request.body(body) else { return };
    WORLD.with_borrow_mut(|world| {
        if world.served >= EVERY {
            world.engine.close();
            *world = World::new();
        }
        let (status, answer) = world.serve(request);
        let full = status == StatusCode::SERVICE_UNAVAILABLE && path.starts_with("/api/events/stream");
        assert!(full || !status.is_server_error(), "{method} {path} {status}: {}", String::from_utf8_lossy(&answer));
        if path != "/api/me/export" || !status.is_success() {
            serde_json::from_slice::<serde_json::Value>(&answer).expect("an answer is JSON");
        }
    });
});
