//! `backup`, `compact`, and `restore`, which needs no open engine.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::door;
use crate::engine::Engine;
use crate::recipe::{path_of, settings_of};

#[pymethods]
impl Engine {
    /// Writes a whole, consistent copy of the store to the file `path`, while others go on writing. A file that is there is
    /// an error, or replaced with `overwrite`. It holds neither the master key nor the list of forgotten people.
    #[pyo3(signature = (path: "str | os.PathLike[str]", *, overwrite: "bool" = false) -> "Backup")]
    fn backup<'py>(&self, py: Python<'py>, path: &Bound<'py, PyAny>, overwrite: bool) -> PyResult<Bound<'py, PyAny>> {
        let request = oo::BackupRequest { path: path_of(path)?, overwrite };
        let backup = self.call(py, move |engine| engine.backup_with(request))?;
        answer(py, "Backup", &backup)
    }

    /// Rewrites the whole database, so that nothing of what was erased is left in unused parts of its pages. One of up to
    /// 16 MiB is rewritten after each erasure; a larger one when this is called.
    #[pyo3(signature = () -> "None")]
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.call(py, oo::blocking::Engine::compact)
    }
}

/// Restores the file `backup` as the database at `path`. A database that is there is an error, or moved aside with
/// `replace`. `settings` say where the master key is, as for `Engine`. Whoever is on the list of forgotten people is
/// forgotten again when it is opened, before anything is served.
#[pyfunction]
#[pyo3(signature = (
    backup: "str | os.PathLike[str]", path: "str | os.PathLike[str]", *, replace: "bool" = false,
    settings: "Mapping[str, Any] | str | os.PathLike[str] | None" = None,
) -> "Restored")]
pub(crate) fn restore<'py>(
    py: Python<'py>,
    backup: &Bound<'py, PyAny>,
    path: &Bound<'py, PyAny>,
    replace: bool,
    settings: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (backup, path) = (path_of(backup)?, path_of(path)?);
    let builder = oo::Engine::builder(path).settings(settings.map(settings_of).transpose()?.unwrap_or_default());
    let restored = door::through(py, move || builder.restore(backup, replace))?;
    answer(py, "Restored", &restored)
}
