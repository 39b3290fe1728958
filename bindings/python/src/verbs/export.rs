//! `export`: everything that is held of a person.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::Text;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Everything that is held of `user`, as JSON lines.
    #[pyo3(signature = (user: "str") -> "str")]
    fn export(&self, py: Python<'_>, user: Text) -> PyResult<String> {
        self.call(py, move |engine| engine.export(&user))
    }

    /// Writes the export of `user` to the new file `path`, which `forget` removes.
    #[pyo3(signature = (user: "str", path: "str | os.PathLike[str]") -> "Exported")]
    fn export_to<'py>(&self, py: Python<'py>, user: Text, path: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        let exported = self.call(py, move |engine| engine.export_to(&user, path))?;
        answer(py, "Exported", &exported)
    }

    /// Takes over the signals, consents and preferences of what `export` gave of `user`; each signal once.
    #[pyo3(signature = (user: "str", export: "str") -> "Imported")]
    fn import_export<'py>(&self, py: Python<'py>, user: Text, export: Text) -> PyResult<Bound<'py, PyAny>> {
        let imported = self.call(py, move |engine| engine.import_export(&user, &export))?;
        answer(py, "Imported", &imported)
    }
}
