//! Figures: a name, a value, its unit and the bar it has to clear.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Value, json};

/// Whether a bar is a ceiling or a floor.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// What was measured.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, (f64, &'static str, Option<Bar>)>);

impl Figures {
    /// A figure with a bar.
    pub(crate) fn put(&mut self, name: &str, value: f64, unit: &'static str, bar: Bar) {
        self.0.insert(name.to_owned(), (value, unit, Some(bar)));
        println!("  {name}: {value:.3} {unit}");
    }

    /// A figure that only tells.
    pub(crate) fn note(&mut self, name: &str, value: f64, unit: &'static str) {
        self.0.insert(name.to_owned(), (value, unit, None));
        println!("  {name}: {value:.3} {unit}");
    }

    pub(crate) fn print(&self) {
        println!("\n{:<34} {:>12} {:<8} {:>12}", "figure", "value", "unit", "bar");
        for (name, (value, unit, bar)) in &self.0 {
            let (text, mark) = match bar {
                Some(Bar::AtMost(most)) => (format!("≤ {most}"), if value <= most { "" } else { "  MISSED" }),
                Some(Bar::AtLeast(least)) => (format!("≥ {least}"), if value >= least { "" } else { "  MISSED" }),
                None => (String::new(), ""),
            };
            println!("{name:<34} {value:>12.3} {unit:<8} {text:>12}{mark}");
        }
    }

    /// Writes `{name: {"value", "unit", "bar"}}`; figures that only tell have no bar. What the file already has of other
    /// names stays: the comparison with other libraries keeps its figures there too.
    pub(crate) fn write(&self, path: &Path) -> crate::Outcome<()> {
        let mut all: BTreeMap<String, Value> = match std::fs::read(path) {
            Ok(kept) => serde_json::from_slice(&kept)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error.into()),
        };
        for (name, (value, unit, bar)) in &self.0 {
            let mut figure = json!({"value": value, "unit": unit});
            if let Some(Bar::AtMost(bar) | Bar::AtLeast(bar)) = bar {
                figure["bar"] = json!(bar);
            }
            all.insert(name.clone(), figure);
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?;
        Ok(())
    }
}

/// The `share` quantile of `sorted`.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
    let place = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
