//! The advice library: tips of our own, compiled in, so that there is always one to serve.
//!
//! What fits the moment (part of the day, weekday or weekend) is shuffled by the decision's id and dealt across the
//! categories, so that a decision sees variety and every fitting tip gets its turn. Tips that do not fit the part of
//! the day come only when too few do. A language without a library gets English rather than silence.

use std::sync::{Arc, LazyLock};

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::candidate::{CATEGORIES, TimeOfDay, TipCandidate, TipKind};
use crate::error::{Error, Result};
use crate::id::DecisionId;
use crate::moment::Moment;
use crate::ports::{CandidateSource, Gathered, SourceQuery};
use crate::text::hashed_text;

/// The source's name.
pub const NAME: &str = "advice";

/// The libraries that are compiled in; the first is the fallback.
const EMBEDDED: [&str; 1] = [include_str!("../../data/advice.en.json")];

static BUILT_IN: LazyLock<Result<AdviceLibrary>> = LazyLock::new(|| AdviceLibrary::from_json(&EMBEDDED));

/// Libraries of advice, one a language.
#[derive(Clone, Debug)]
pub struct AdviceLibrary {
    languages: Arc<[Language]>,
}

#[derive(Debug)]
struct Language {
    code: String,
    version: u32,
    tips: Vec<Tip>,
}

#[derive(Debug)]
struct Tip {
    candidate: TipCandidate,
    weekday: bool,
    weekend: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LibraryFile {
    #[allow(dead_code, reason = "names the file for people; every library goes by one source name")]
    library: String,
    version: u32,
    language: String,
    tips: Vec<TipFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TipFile {
    id: String,
    kind: TipKind,
    category: String,
    content: String,
    times: Vec<TimeOfDay>,
    days: Vec<Days>,
    effort_min: u32,
    #[serde(default)]
    #[allow(dead_code, reason = "for people who curate the library; nothing is decided by it yet")]
    tags: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Days {
    Any,
    Weekday,
    Weekend,
}

impl AdviceLibrary {
    /// The library that is compiled in.
    ///
    /// # Errors
    /// `internal` when the compiled-in data is broken, which a test rules out.
    pub fn built_in() -> Result<Self> {
        BUILT_IN.clone()
    }

    /// A library of JSON texts, one a language; the first is the fallback for every other language.
    ///
    /// # Errors
    /// `invalid_input` about the first thing that is wrong: a text that is no library, no tips, an id, category or
    /// content that is not accepted, or an id that is used twice.
    pub fn from_json(texts: &[&str]) -> Result<Self> {
        let languages = texts.iter().map(|text| language(text)).collect::<Result<Vec<_>>>()?;
        if languages.is_empty() {
            return Err(Error::invalid("library", "an advice library needs at least one language"));
        }
        Ok(AdviceLibrary { languages: languages.into() })
    }

    /// The number of tips in `language`.
    #[must_use]
    pub fn count(&self, language: &str) -> usize {
        self.of_language(language).map_or(0, |language| language.tips.len())
    }

    /// The version of the library in `language`.
    #[must_use]
    pub fn version(&self, language: &str) -> u32 {
        self.of_language(language).map_or(0, |language| language.version)
    }

    /// The tip `id` in `language`.
    #[must_use]
    pub fn tip(&self, language: &str, id: &str) -> Option<&TipCandidate> {
        self.of_language(language)?.tips.iter().find(|tip| tip.candidate.id == id).map(|tip| &tip.candidate)
    }

    /// The candidates for one decision at `now`, at most `limit`.
    #[must_use]
    pub fn select(&self, language: &str, now: &Moment, decision: DecisionId, limit: usize) -> Vec<TipCandidate> {
        let Some(language) = self.of_language(language) else { return Vec::new() };
        let weekend = now.weekday() >= 5;
        let part = TimeOfDay::of_minute(now.minute_of_day());
        let mut turn = Turn::new(decision);
        let today = || language.tips.iter().filter(|tip| if weekend { tip.weekend } else { tip.weekday });
        let mut chosen = dealt(today().filter(|tip| tip.suits(part)).collect(), &mut turn);
        if chosen.len() < limit {
            chosen.extend(dealt(today().filter(|tip| !tip.suits(part)).collect(), &mut turn));
        }
        chosen.into_iter().take(limit).map(|tip| tip.candidate.clone()).collect()
    }

    fn of_language(&self, code: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.code == code).or(self.languages.first())
    }
}

impl Tip {
    fn suits(&self, part: TimeOfDay) -> bool {
        self.candidate.times.is_empty()
            || self.candidate.times.iter().any(|time| *time == part || *time == TimeOfDay::Any)
    }
}

impl CandidateSource for AdviceLibrary {
    fn name(&self) -> &str {
        NAME
    }

    fn gather(&self, query: &SourceQuery<'_>) -> Result<Gathered> {
        Ok(Gathered::Ready(self.select(query.language, query.now, query.decision, query.limit)))
    }
}

/// Shuffles `tips`, then deals them: the first of every category, the second of every category, and so on.
fn dealt<'a>(mut tips: Vec<&'a Tip>, turn: &mut Turn) -> Vec<&'a Tip> {
    for last in (1..tips.len()).rev() {
        tips.swap(last, turn.below(last + 1));
    }
    let mut seen = [0_u32; CATEGORIES.len()];
    let mut ranked: Vec<(u32, &Tip)> = tips
        .into_iter()
        .map(|tip| {
            let place = CATEGORIES.iter().position(|category| *category == tip.candidate.category).unwrap_or(0);
            seen[place] += 1;
            (seen[place], tip)
        })
        .collect();
    // Stable: among equal ranks the shuffle decides.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, tip)| tip).collect()
}

/// The rotation of one decision: Pcg64Dxsm seeded by SHA-256("oo.advice.v1" ‖ decision id).
struct Turn(Pcg64Dxsm);

impl Turn {
    fn new(decision: DecisionId) -> Self {
        let seed = Sha256::new().chain_update(b"oo.advice.v1").chain_update(decision.0).finalize();
        Turn(Pcg64Dxsm::from_seed(seed.into()))
    }

    /// A number below `count`: the high half of a widening product, the same on every machine.
    fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * count as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

fn language(text: &str) -> Result<Language> {
    let file: LibraryFile = serde_json::from_str(text).map_err(|error| {
        Error::invalid("library", format!("the advice library cannot be read: {error}; correct the file"))
    })?;
    if file.tips.is_empty() {
        return Err(Error::invalid("tips", "an advice library needs at least one tip"));
    }
    let source: Arc<str> = Arc::from(NAME);
    let mut tips: Vec<Tip> = Vec::with_capacity(file.tips.len());
    for tip in file.tips {
        if tips.iter().any(|known| known.candidate.id == tip.id) {
            return Err(Error::invalid("id", format!("the advice {:?} is there twice; give each its own id", tip.id)));
        }
        let candidate = TipCandidate {
            kind: tip.kind,
            category: tip.category,
            source: source.clone(),
            effort_min: (tip.effort_min > 0).then_some(tip.effort_min),
            times: tip.times,
            text: Some(hashed_text(&tip.content)),
            ..TipCandidate::advice(tip.id, tip.content)
        };
        candidate.validate().map_err(|error| {
            Error::invalid(error.field().unwrap_or("tips"), format!("advice {:?}: {}", candidate.id, error.message()))
        })?;
        let on = |days: Days| tip.days.is_empty() || tip.days.contains(&Days::Any) || tip.days.contains(&days);
        tips.push(Tip { weekday: on(Days::Weekday), weekend: on(Days::Weekend), candidate });
    }
    Ok(Language { code: file.language, version: file.version, tips })
}
