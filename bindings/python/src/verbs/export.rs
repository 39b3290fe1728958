//! `export`: everything that is held of a person.

use pyo3::prelude::*;

use crate::convert::Text;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Everything that is held of `user`, as JSON lines.
    #[pyo3(signature = (user: "str") -> "str")]
    fn export(&self, py: Python<'_>, user: Text) -> PyResult<String> {
        self.call(py, move |engine| engine.export(&user))
    }
}
