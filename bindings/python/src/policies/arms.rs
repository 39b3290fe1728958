//! Arms from Python: texts or whole numbers, read once.
//!
//! An [`Arms`] keeps what was read. A list is read again only when it holds other objects than the last one of its
//! thread: texts and numbers never change, so the same objects are the same arms.

use std::cell::RefCell;

use oo::{ArmKey, NamedArms};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyInt, PyList, PyMemoryView, PyString, PyTuple};

use crate::error::invalid;

/// The arms of a policy's decisions, read once: pass it as `arms` in a loop.
#[pyclass(frozen, module = "oo", sequence)]
pub(crate) struct Arms {
    keys: NamedArms,
}

#[pymethods]
impl Arms {
    #[new]
    #[pyo3(signature = (arms: "Iterable[str | int]"))]
    fn new(arms: &Bound<'_, PyAny>) -> PyResult<Self> {
        let keys = items(arms)?.iter().map(key).collect::<PyResult<_>>()?;
        Ok(Arms { keys })
    }

    fn __len__(&self) -> usize {
        self.keys.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<&str> {
        let place = if index < 0 { index + self.keys.len() as isize } else { index };
        let key = usize::try_from(place).ok().and_then(|place| self.keys.get(place));
        key.map(ArmKey::as_str).ok_or_else(|| pyo3::exceptions::PyIndexError::new_err("there is no such arm"))
    }

    fn __repr__(&self) -> String {
        let shown: Vec<_> = self.keys.iter().take(8).map(|key| format!("{:?}", key.as_str())).collect();
        let more = if self.keys.len() > shown.len() { ", …" } else { "" };
        format!("Arms([{}{more}])", shown.join(", "))
    }
}

/// The last list of this thread: its objects and what they are as arms.
type Last = (Vec<Py<PyAny>>, NamedArms);

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// The arms of `given`: an [`Arms`], or an iterable of texts and whole numbers.
pub(crate) fn arms(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<NamedArms>> {
    given.map(arms_of).transpose()
}

/// As [`arms`], of what must be there.
pub(crate) fn arms_of(given: &Bound<'_, PyAny>) -> PyResult<NamedArms> {
    if let Ok(known) = given.cast::<Arms>() {
        return Ok(known.get().keys.clone());
    }
    let items = items(given)?;
    let known = LAST.with_borrow(|last| {
        let (objects, keys) = last.as_ref()?;
        let same = objects.len() == items.len() && objects.iter().zip(&items).all(|(old, new)| old.is(new));
        same.then(|| keys.clone())
    });
    if let Some(keys) = known {
        return Ok(keys);
    }
    let keys: NamedArms = items.iter().map(key).collect::<PyResult<_>>()?;
    // Only what cannot change may be known again by its identity.
    let constant =
        |item: &Bound<'_, PyAny>| item.is_exact_instance_of::<PyString>() || item.is_exact_instance_of::<PyInt>();
    if items.iter().all(constant) {
        let objects = items.into_iter().map(Bound::unbind).collect();
        // What is replaced is dropped after the cell is free again: a destructor may come here.
        let _old = LAST.replace(Some((objects, keys.clone())));
    }
    Ok(keys)
}

/// What `given` iterates over. A text or bytes would be an arm a letter, which nobody means.
pub(super) fn items<'py>(given: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if let Ok(list) = given.cast::<PyList>() {
        return Ok(list.iter().collect());
    }
    if let Ok(tuple) = given.cast::<PyTuple>() {
        return Ok(tuple.iter().collect());
    }
    let py = given.py();
    let wrong = || invalid(py, "arms", "arms are a list of texts or whole numbers, one a row");
    if given.is_instance_of::<PyString>()
        || given.is_instance_of::<PyBytes>()
        || given.is_instance_of::<PyByteArray>()
        || given.is_instance_of::<PyMemoryView>()
    {
        return Err(wrong());
    }
    let no_iterable = |error: PyErr| if error.is_instance_of::<PyTypeError>(py) { wrong() } else { error };
    given.try_iter().map_err(no_iterable)?.collect()
}

fn key(arm: &Bound<'_, PyAny>) -> PyResult<ArmKey> {
    let py = arm.py();
    let wrong = || invalid(py, "arms", "an arm is a text or a whole number");
    if let Ok(text) = arm.cast::<PyString>() {
        return text.to_str().map(ArmKey::new).map_err(|_| wrong());
    }
    if !arm.hasattr(intern!(py, "__index__"))? {
        return Err(wrong());
    }
    let number = arm.call_method0(intern!(py, "__index__"))?.str()?;
    number.to_str().map(ArmKey::new).map_err(|_| wrong())
}
