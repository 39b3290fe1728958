//! `oo.Engine`: opening and closing. Its verbs are in `verbs/`.

#[cfg(feature = "testing")]
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::error::invalid;
use crate::handle::Handle;
use crate::recipe::{Components, Recipe};

/// An open engine on the SQLite file at `path`, which is made with its master key `PATH.key` when there is none.
///
/// `policy` serves (the stored champion or `auto` when left out) and `shadows` score beside it without serving;
/// both are policies without `dim`, or their settings, or policies of your own. `sources` offer candidates beside the
/// engine's (or alone: `built_in_sources`), `featurisers` append features to its schema; see `oo.components`. `settings`
/// is a dict over the defaults or the path of a TOML file; `schema` a list of `{"name", "range", "prior"}`. A store whose
/// policies learned over another schema is refused unless `migrate`: appended features extend them, for others they are
/// taught anew from the log and enter as shadows.
///
/// Usable from many threads at once, and after a fork: the child opens the file anew at its first call.
#[pyclass(frozen, weakref, module = "oo")]
pub(crate) struct Engine {
    handle: Option<Arc<Handle>>,
}

impl Engine {
    /// The engine behind it.
    pub(crate) fn handle(&self, py: Python<'_>) -> PyResult<&Arc<Handle>> {
        self.handle.as_ref().ok_or_else(|| invalid(py, "engine", "the engine is closed; open it again"))
    }

    /// Runs `verb`, through the door.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        py: Python<'_>,
        verb: impl FnOnce(&oo::blocking::Engine) -> oo::Result<T> + Send + 'static,
    ) -> PyResult<T> {
        self.handle(py)?.call(py, verb)
    }

    fn open(py: Python<'_>, recipe: Recipe) -> PyResult<Self> {
        Ok(Engine { handle: Some(Handle::open(py, recipe)?) })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let handle = self.handle.take();
        // Closing joins threads: others may run meanwhile.
        Python::try_attach(|py| py.detach(|| drop(handle)));
    }
}

#[cfg(not(feature = "testing"))]
#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]", *, policy: "Policy | CustomPolicy | Mapping[str, Any] | None" = None,
        shadows: "Mapping[str, Policy | CustomPolicy] | Iterable[Policy | CustomPolicy | Mapping[str, Any]] | None" = None,
        sources: "Iterable[CandidateSource | Callable[[Context], Any]] | None" = None, built_in_sources: "bool" = true,
        featurisers: "Iterable[Featuriser] | None" = None,
        settings: "Mapping[str, Any] | str | os.PathLike[str] | None" = None,
        schema: "Iterable[Mapping[str, Any]] | Mapping[str, Any] | None" = None, migrate: "bool" = false,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        policy: Option<Bound<'_, PyAny>>,
        shadows: Option<Bound<'_, PyAny>>,
        sources: Option<Bound<'_, PyAny>>,
        built_in_sources: bool,
        featurisers: Option<Bound<'_, PyAny>>,
        settings: Option<Bound<'_, PyAny>>,
        schema: Option<Bound<'_, PyAny>>,
        migrate: bool,
    ) -> PyResult<Self> {
        let components = Components { policy, shadows, sources, built_in_sources, featurisers };
        let mut recipe = Recipe::new(path, &components, settings.as_ref(), schema.as_ref())?;
        recipe.migrate = migrate;
        Engine::open(py, recipe)
    }
}

#[cfg(feature = "testing")]
#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]", *, policy: "Policy | CustomPolicy | Mapping[str, Any] | None" = None,
        shadows: "Mapping[str, Policy | CustomPolicy] | Iterable[Policy | CustomPolicy | Mapping[str, Any]] | None" = None,
        sources: "Iterable[CandidateSource | Callable[[Context], Any]] | None" = None, built_in_sources: "bool" = true,
        featurisers: "Iterable[Featuriser] | None" = None,
        settings: "Mapping[str, Any] | str | os.PathLike[str] | None" = None,
        schema: "Iterable[Mapping[str, Any]] | Mapping[str, Any] | None" = None, migrate: "bool" = false,
        test_world: "str | None" = None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        policy: Option<Bound<'_, PyAny>>,
        shadows: Option<Bound<'_, PyAny>>,
        sources: Option<Bound<'_, PyAny>>,
        built_in_sources: bool,
        featurisers: Option<Bound<'_, PyAny>>,
        settings: Option<Bound<'_, PyAny>>,
        schema: Option<Bound<'_, PyAny>>,
        migrate: bool,
        test_world: Option<PathBuf>,
    ) -> PyResult<Self> {
        let components = Components { policy, shadows, sources, built_in_sources, featurisers };
        let mut recipe = Recipe::new(path, &components, settings.as_ref(), schema.as_ref())?;
        recipe.migrate = migrate;
        recipe.world = test_world;
        Engine::open(py, recipe)
    }
}

#[pymethods]
impl Engine {
    /// Closes the engine: what is queued is done, and every later call raises. Again is nothing.
    #[pyo3(signature = () -> "None")]
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.handle(py)?.close(py)
    }

    /// Whether `close` was called.
    #[getter]
    fn closed(&self) -> bool {
        self.handle.as_ref().is_none_or(|handle| handle.is_closed())
    }

    /// Where the database is.
    #[getter]
    fn path(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.handle(py)?.recipe().path.display().to_string())
    }

    #[pyo3(signature = () -> "Self")]
    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (kind: "object" = None, error: "object" = None, trace: "object" = None) -> "None")]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<Bound<'_, PyAny>>,
        error: Option<Bound<'_, PyAny>>,
        trace: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let _ = (kind, error, trace);
        self.close(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let state = if self.closed() { "closed" } else { "open" };
        Ok(format!("<oo.Engine {:?} {state}>", self.path(py)?))
    }
}
