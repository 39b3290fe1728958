//! Settings that Python says in other words.
//!
//! `lambda` is a word of Python's own, so it is `lam`; the rewards that a kind knows are `rewards`, because `reward_range`
//! is the arrays'. A setting that is one of several forms is a parameter a form: how scores become probabilities is
//! `epsilon`, `tau`, `scale` or `gamma`, forgetting is `half_life_days` or `gamma`, a window is `days` or `steps`, and the columns
//! of hybrid sharing are `context`. Of several forms the later counts where it is given.

use oo::{Error, Result};
use oo_policies::{BanditSpec, PolicySpec, RangeSpec};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::{Map, Value, json};

use super::kinds::object;
use super::policy::Policy;
use crate::error::raise;

/// Parameters that have another name in settings.
const NAMES: [(&str, &str); 2] = [("lam", "lambda"), ("rewards", "reward_range")];

/// Settings of which each form has a parameter: the setting, and each parameter with the form's name.
type Forms = (&'static str, [(&'static str, &'static str); 2]);
const FORMS: [Forms; 2] = [
    ("forgetting", [("half_life_days", "half_life_days"), ("gamma", "per_step")]),
    ("window", [("days", "days"), ("steps", "steps")]),
];

/// The settings of `kind` with all defaults.
pub(super) fn defaults(kind: &str) -> Value {
    let spec = PolicySpec::parse(&json!({"type": kind}).to_string()).ok();
    spec.and_then(|spec| serde_json::to_value(spec).ok()).unwrap_or_default()
}

/// The settings of `kind` that the parameters `given` say; `Null` for one that is `None`.
pub(super) fn settings(kind: &str, mut given: Map<String, Value>) -> Result<Map<String, Value>> {
    let known = defaults(kind);
    let mut take = |name: &str| given.remove(name).filter(|value| !value.is_null());
    let mut settings = Map::new();
    for (setting, forms) in FORMS.iter().filter(|(setting, _)| known.get(setting).is_some()) {
        let given = forms.iter().filter_map(|(parameter, form)| take(parameter).map(|value| json!({*form: value})));
        if let Some(form) = given.last() {
            settings.insert((*setting).to_owned(), form);
        }
    }
    if known.get("exploration").is_some() {
        let (epsilon, draws, exponent) = (take("epsilon"), take("draws"), take("exponent"));
        let several = |field: &str| {
            let message =
                "`tau` is softmax, `scale` Thompson sampling and `gamma` inverse-gap weighting; pass one of them";
            Err(Error::invalid(field, message))
        };
        let exploration = match (take("tau"), take("scale"), take("gamma")) {
            (None, None, None) => epsilon.map(|epsilon| json!({"type": "epsilon_floor", "epsilon": epsilon})),
            (Some(tau), None, None) => Some(json!({"type": "softmax", "tau": tau})),
            (None, Some(scale), None) => {
                Some(json!({"type": "thompson", "scale": scale, "draws": draws, "epsilon": epsilon}))
            }
            (None, None, Some(gamma)) => Some(json!({"type": "inverse_gap", "gamma": gamma, "exponent": exponent})),
            (.., Some(_)) => return several("gamma"),
            _ => return several("scale"),
        };
        settings.extend(exploration.map(|exploration| ("exploration".to_owned(), exploration)));
    }
    if let Some(context) = take("context") {
        if take("sharing").as_ref().and_then(Value::as_str) != Some("hybrid") {
            let message = "only sharing=\"hybrid\" knows which columns are the context";
            return Err(Error::invalid("context", message));
        }
        settings.insert("sharing".to_owned(), json!({"hybrid": {"context": context}}));
    }
    if known.get("members").is_some() {
        let (policies, weights) = (take("members"), take("weights"));
        settings.extend(members(&known, policies, weights)?.map(|members| ("members".to_owned(), members)));
    }
    for (parameter, setting) in NAMES {
        settings.extend(take(parameter).map(|value| (setting.to_owned(), value)));
    }
    settings.extend(given);
    settings.insert("type".to_owned(), Value::from(kind));
    Ok(settings)
}

/// The members of a mixture, of which each weighs the same without `weights`.
fn members(known: &Value, policies: Option<Value>, weights: Option<Value>) -> Result<Option<Value>> {
    let weights = weights.as_ref().map(|weights| {
        let wrong = || Error::invalid("weights", "pass a list of numbers, one a member");
        weights.as_array().cloned().ok_or_else(wrong)
    });
    let (policies, weights) = match (policies, weights.transpose()?) {
        (None, None) => return Ok(None),
        (None, Some(weights)) => {
            let own = known["members"].as_array().into_iter().flatten();
            (own.map(|member| member["policy"].clone()).collect::<Vec<_>>(), weights)
        }
        (Some(policies), weights) => {
            let wrong = || Error::invalid("members", "pass a list of policies without `dim`, or of their settings");
            let policies = policies.as_array().cloned().ok_or_else(wrong)?;
            let weights = weights.unwrap_or_else(|| vec![Value::from(1.0); policies.len()]);
            (policies, weights)
        }
    };
    if policies.len() != weights.len() {
        let message = format!("{} members need {} weights, not {}", policies.len(), policies.len(), weights.len());
        return Err(Error::invalid("weights", message));
    }
    let member = |(policy, weight)| json!({"weight": weight, "policy": policy});
    Ok(Some(policies.into_iter().zip(weights).map(member).collect()))
}

/// The error about a setting as one about the parameter in which `given` says it.
pub(super) fn in_words(error: Error, settings: &Map<String, Value>) -> Error {
    let Some(field) = error.field().map(str::to_owned) else { return error };
    let form = |(_, forms): &Forms| {
        let said = settings.get(&field)?;
        forms.iter().find(|(_, form)| said.get(form).is_some()).map(|(parameter, _)| *parameter)
    };
    let renamed = NAMES.iter().find(|(_, setting)| *setting == field).map(|(parameter, _)| *parameter);
    let form = || FORMS.iter().find(|(setting, _)| *setting == field).and_then(form);
    let weight = || (field == "weight").then_some("weights");
    match renamed.or_else(form).or_else(weight) {
        Some(parameter) => error.with_field(parameter),
        None => error,
    }
}

/// The settings of `spec`, and `whole` where it works on arrays, as the parameters `names`; all settings where none are
/// named.
pub(super) fn said<'py>(
    py: Python<'py>,
    spec: &PolicySpec,
    names: Option<&[&str]>,
    whole: Option<&BanditSpec>,
) -> PyResult<Bound<'py, PyDict>> {
    let settings = serde_json::to_value(spec).unwrap_or_default();
    let said = PyDict::new(py);
    said.set_item("dim", whole.map(|whole| whole.dim))?;
    match names {
        Some(["members", "weights"]) => {
            let members = || settings["members"].as_array().into_iter().flatten();
            let policy = |member: &Value| {
                let spec = PolicySpec::parse(&member["policy"].to_string()).map_err(|error| raise(py, &error))?;
                object(py, Policy::new(py, spec, None, None, None)?)
            };
            said.set_item("members", PyTuple::new(py, members().map(policy).collect::<PyResult<Vec<_>>>()?)?)?;
            let weights = members().map(|member| member["weight"].as_f64());
            said.set_item("weights", PyTuple::new(py, weights.collect::<Vec<_>>())?)?;
        }
        Some(names) => {
            let known = defaults(spec.kind());
            for name in names {
                said.set_item(*name, object_of(py, &parameter(name, &settings, &known))?)?;
            }
        }
        None => said.set_item("settings", object_of(py, &settings)?)?,
    }
    let range = |range: Option<RangeSpec>| match range.map(|range| range.grid()) {
        None => Ok(py.None().into_bound(py)),
        Some(None) => "auto".into_bound_py_any(py),
        Some(Some(grid)) => (grid.lo(), grid.hi()).into_bound_py_any(py),
    };
    said.set_item("range", range(whole.map(|whole| whole.range))?)?;
    said.set_item("reward_range", range(whole.map(|whole| whole.reward_range))?)?;
    Ok(said)
}

/// What the parameter `name` is by `settings`. The first of several forms has its default where another counts.
fn parameter(name: &str, settings: &Value, known: &Value) -> Value {
    for (setting, forms) in FORMS.iter().filter(|(setting, _)| known.get(setting).is_some()) {
        if let Some((_, form)) = forms.iter().find(|(parameter, _)| *parameter == name) {
            return settings[setting].get(form).unwrap_or(&known[setting][form]).clone();
        }
    }
    if known.get("exploration").is_some() {
        let said = settings["exploration"].get(name);
        match name {
            "epsilon" => return said.unwrap_or(&known["exploration"][name]).clone(),
            "draws" => return said.cloned().unwrap_or(Value::from(128)),
            "exponent" => return said.cloned().unwrap_or(Value::from(0.5)),
            "tau" | "scale" | "gamma" => return said.cloned().unwrap_or_default(),
            _ => {}
        }
    }
    let hybrid = settings["sharing"].get("hybrid");
    match name {
        "sharing" if hybrid.is_some() => Value::from("hybrid"),
        "context" => hybrid.and_then(|hybrid| hybrid.get("context")).cloned().unwrap_or_default(),
        _ => {
            let setting = NAMES.iter().find(|(parameter, _)| *parameter == name).map_or(name, |(_, setting)| setting);
            settings[setting].clone()
        }
    }
}

/// `value` as Python's own.
fn object_of<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if !number.is_f64() => whole.into_bound_py_any(py),
            _ => number.as_f64().into_bound_py_any(py),
        },
        Value::String(text) => text.into_bound_py_any(py),
        Value::Array(items) => {
            let items = items.iter().map(|item| object_of(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(py, items)?.into_bound_py_any(py)
        }
        Value::Object(entries) => {
            let dict = PyDict::new(py);
            for (name, value) in entries {
                dict.set_item(name, object_of(py, value)?)?;
            }
            dict.into_bound_py_any(py)
        }
    }
}
