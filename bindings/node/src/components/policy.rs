//! Policies that are JavaScript objects.
//!
//! The engine keeps policies as immutable values: an object learns as a new one, and its bytes are taken at once, so that
//! a snapshot never waits for the event loop. The objects stay there, known by number.

use std::fmt;
use std::sync::Arc;

use oo::distribution::Distribution;
use oo::lesson::Lesson;
use oo::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo::{Error, PolicyFactory, PolicyGround, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asker::Asker;
use super::question::Answer;
use crate::door;

/// What a policy declares.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    name: String,
    /// JSON.
    settings: String,
    replays: bool,
    explains: bool,
    unlearns: bool,
}

/// Makes policies like one JavaScript object.
pub(crate) struct JsFactory {
    declared: Arc<Declared>,
    asker: Arc<Asker>,
}

impl JsFactory {
    pub(crate) fn new(declared: Declared, asker: Asker) -> Self {
        JsFactory { declared: Arc::new(declared), asker: Arc::new(asker) }
    }

    fn policy(&self, ground: &PolicyGround, answer: Answer, lessons: u64) -> Result<Arc<dyn Policy>> {
        let base = Base {
            ground: ground.clone(),
            steps: ground.schema.features().iter().map(|feature| feature.range.step()).collect(),
            reward: ground.reward.step(),
            declared: self.declared.clone(),
            asker: self.asker.clone(),
        };
        JsPolicy::answered(&Arc::new(base), answer, lessons)?.ok_or_else(|| Error::invalid("policy", "there is none"))
    }
}

impl fmt::Debug for JsFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsFactory").field(&self.declared.name).finish()
    }
}

impl PolicyFactory for JsFactory {
    fn kind(&self) -> &str {
        &self.declared.name
    }

    fn settings(&self) -> String {
        self.declared.settings.clone()
    }

    fn fresh(&self, ground: &PolicyGround) -> Result<Arc<dyn Policy>> {
        let answer = self.asker.ask_patiently("fresh", &[])?;
        self.policy(ground, answer, 0)
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        let damaged = || Error::storage("a saved policy is too short; restore the database from a backup");
        let (count, state) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let answer = self.asker.ask_patiently("load", state)?;
        self.policy(ground, answer, u64::from_le_bytes(*count))
    }
}

/// What every successor of a policy shares.
struct Base {
    ground: PolicyGround,
    steps: Vec<f64>,
    reward: f64,
    declared: Arc<Declared>,
    asker: Arc<Asker>,
}

/// An object on the event loop; let go there when the last policy of it goes.
struct Object {
    number: u32,
    asker: Arc<Asker>,
}

impl Drop for Object {
    fn drop(&mut self) {
        self.asker.tell("release", &json!({"policy": self.number}));
    }
}

/// A policy in JavaScript: an object that is never changed, and its bytes.
struct JsPolicy {
    base: Arc<Base>,
    object: Object,
    saved: Vec<u8>,
    lessons: u64,
}

impl fmt::Debug for JsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsPolicy").field("lessons", &self.lessons).finish_non_exhaustive()
    }
}

impl JsPolicy {
    /// The policy that was answered with its state, after `lessons`; none where there is none.
    fn answered(base: &Arc<Base>, answer: Answer, lessons: u64) -> Result<Option<Arc<dyn Policy>>> {
        let Some(number) = door::read::<Option<u32>>(&answer.about)? else { return Ok(None) };
        let object = Object { number, asker: base.asker.clone() };
        let mut saved = lessons.to_le_bytes().to_vec();
        saved.extend_from_slice(&answer.bytes);
        Ok(Some(Arc::new(JsPolicy { base: base.clone(), object, saved, lessons })))
    }

    fn about(&self, given: &Actions<'_>) -> Value {
        json!({
            "policy": self.object.number,
            "arms": given.arms.iter().map(oo::ArmKey::as_str).collect::<Vec<_>>(),
            "person": given.person.map(|person| oo::id::hex(&person.0)),
            "day": given.day,
        })
    }

    /// Asks about lessons, whose features are one after the other.
    fn told(&self, verb: &'static str, lessons: &[Lesson]) -> Result<Answer> {
        let reward = |n: i16| f64::from(n) * self.base.reward;
        let one = |lesson: &Lesson| {
            json!({
                "arm": lesson.arm.as_str(),
                "reward": reward(lesson.reward),
                "replaces": lesson.replaces.map(reward),
                "person": lesson.person.map(|person| oo::id::hex(&person.0)),
                "propensity": lesson.propensity,
                "day": lesson.day,
                "decision": lesson.decision.to_string(),
            })
        };
        let about = json!({"policy": self.object.number, "lessons": lessons.iter().map(one).collect::<Vec<_>>()});
        let steps = &self.base.steps;
        let x: Vec<f64> = lessons
            .iter()
            .flat_map(|lesson| lesson.x.iter().zip(steps).map(|(n, step)| f64::from(*n) * step))
            .collect();
        self.base.asker.ask_about(verb, &about, &x, lessons.len())
    }
}

impl Policy for JsPolicy {
    fn distribution(&self, given: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let (scores, pmf) = self.base.asker.ask("distribution", &self.about(given), given.values)?.numbers;
        out.scores = scores;
        out.distribution = Distribution::new(pmf)?;
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let answer = self.told("learned", lessons)?;
        let new = lessons.iter().filter(|lesson| lesson.replaces.is_none()).count() as u64;
        JsPolicy::answered(&self.base, answer, self.lessons + new)?
            .ok_or_else(|| Error::invalid("learned", "the policy after the lessons is missing"))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        if !self.base.declared.unlearns {
            return Ok(Unlearned::Rebuild);
        }
        let left = self.lessons.saturating_sub(lessons.len() as u64);
        let after = JsPolicy::answered(&self.base, self.told("unlearned", lessons)?, left)?;
        Ok(after.map_or(Unlearned::Rebuild, Unlearned::Exact))
    }

    fn explain(&self, given: &Actions<'_>, index: usize) -> Result<Explanation> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Said {
            contributions: Vec<f64>,
            intercept: f64,
            mean: f64,
            width: f64,
            score: f64,
        }
        if !self.base.declared.explains {
            return Ok(Explanation::default());
        }
        let mut about = self.about(given);
        about["index"] = json!(index);
        let answer = self.base.asker.ask("explain", &about, given.values)?;
        let Some(said) = door::read::<Option<Said>>(&answer.about)? else { return Ok(Explanation::default()) };
        let Said { contributions, intercept, mean, width, score } = said;
        Ok(Explanation { contributions, intercept, mean, width, score })
    }

    fn save(&self) -> Vec<u8> {
        self.saved.clone()
    }

    fn identity(&self) -> PolicyIdentity {
        // The engine's wrapper says the rest.
        PolicyIdentity {
            kind: String::new(),
            spec: String::new(),
            schema: self.base.ground.schema.hash(),
            state: [0; 32],
            lessons: self.lessons,
        }
    }

    fn replays(&self) -> bool {
        self.base.declared.replays
    }
}
