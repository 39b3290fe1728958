//! A mixture: π = Σ wᵢπᵢ of several policies, each of which learns every lesson.
//!
//! The weights are settings: part of the settings' JSON, of the state hash and of every snapshot, and fixed until a
//! mixture with others is promoted in its place. They are not moved by rewards: what a member would have drawn at the
//! time cannot be known from a lesson, and weighing by an estimate of it is myopic (it drifts to the greediest member).
//! A mixture states its pmf exactly where its members do, subtracts and merges where they do.

use std::sync::Arc;

use oo_core::lesson::Lesson;
use oo_core::personal::Personal;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::Digest;

use crate::bytes::{Reader, put_len};
use crate::kind::{Ground, Kind, People};
use crate::saved;
use crate::spec::{PolicySpec, build, build_population};
use crate::uniform::UniformSpec;

/// The most members of a mixture.
const MOST: usize = 32;

/// The settings of a mixture.
///
/// ```
/// use oo_policies::PolicySpec;
///
/// let json = r#"{"type": "mixture", "members": [
///     {"weight": 0.9, "policy": {"type": "linucb"}},
///     {"weight": 0.1, "policy": {"type": "uniform"}}]}"#;
/// assert!(PolicySpec::parse(json).is_ok());
/// assert!(PolicySpec::parse(r#"{"type": "mixture", "members": []}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MixtureSpec {
    /// The members, 1 to 32; none is a mixture itself.
    pub members: Vec<MemberSpec>,
}

/// A member of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSpec {
    /// Its weight, positive; the share is the weight over the sum of all.
    pub weight: f64,
    /// Its settings.
    pub policy: PolicySpec,
}

impl Default for MixtureSpec {
    /// Nine parts of the default policy, one of uniform.
    fn default() -> Self {
        let uniform = PolicySpec::Uniform(UniformSpec::default());
        MixtureSpec {
            members: vec![
                MemberSpec { weight: 0.9, policy: PolicySpec::default() },
                MemberSpec { weight: 0.1, policy: uniform },
            ],
        }
    }
}

impl Kind for MixtureSpec {
    fn validate(&self) -> Result<()> {
        if self.members.is_empty() || self.members.len() > MOST {
            let got = self.members.len();
            let message = format!("a mixture of {got} members; pass 1 to {MOST} of {{\"weight\", \"policy\"}}");
            return Err(Error::invalid("members", message));
        }
        for (index, member) in self.members.iter().enumerate() {
            if !(1e-9..=1e9).contains(&member.weight) {
                let message =
                    format!("the weight of member {index} is {}; pass a number in [1e-9, 1e9]", member.weight);
                return Err(Error::invalid("weight", message));
            }
            if matches!(member.policy, PolicySpec::Mixture(_)) {
                let message =
                    format!("member {index} is a mixture; list its members here, with the product of weights");
                return Err(Error::invalid("members", message));
            }
            member.policy.validate()?;
        }
        let mut holds = self.members.iter().filter_map(|member| member.policy.hold());
        let first = holds.next();
        if let Some(other) = holds.find(|hold| Some(*hold) != first) {
            let message = format!("members hold by the arms {:?} and {other:?}; name one", first.unwrap_or_default());
            return Err(Error::invalid("hold", message));
        }
        Ok(())
    }

    fn canonicalise(&mut self) {
        for member in &mut self.members {
            member.policy.canonicalise();
        }
    }

    fn needs_arms(&self) -> bool {
        self.members.iter().any(|member| member.policy.needs_arms())
    }

    fn hold(&self) -> Option<&str> {
        self.members.iter().find_map(|member| member.policy.hold())
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let build = match ground.people {
            People::Held => build,
            People::Loaded => build_population,
        };
        let make = |member: &MemberSpec| build(&member.policy, &ground.schema, ground.reward);
        let members = self.members.iter().map(make).collect::<Result<_>>()?;
        Ok(Arc::new(Mixture::new(ground, self, members)))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let members = self.read(&ground, body)?;
        Ok(Arc::new(Mixture::new(ground, self, members)))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let mut all: Vec<Vec<Arc<dyn Policy>>> = self.members.iter().map(|_| Vec::new()).collect();
        for mut body in bodies {
            for (of_member, policy) in all.iter_mut().zip(self.read(&ground, &mut body)?) {
                of_member.push(policy);
            }
            body.end()?;
        }
        let members =
            all.iter().map(|of_member| saved::merge(of_member, &ground.schema)).collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(Mixture::new(ground, self, members)))
    }
}

impl MixtureSpec {
    /// Reads the members' saved bytes: u32 members; each: u32 length and what the member saved.
    fn read(&self, ground: &Ground, body: &mut Reader<'_>) -> Result<Vec<Arc<dyn Policy>>> {
        if body.len()? != self.members.len() {
            return Err(body.corrupt());
        }
        let mut members = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let len = body.len()?;
            let bytes = body.bytes(len)?;
            let policy = saved::load(bytes, &ground.schema)?;
            if policy.identity().spec != member.policy.to_json()? {
                return Err(body.corrupt());
            }
            members.push(policy);
        }
        Ok(members)
    }
}

/// A mixture of policies.
#[derive(Clone, Debug)]
struct Mixture {
    ground: Arc<Ground>,
    /// The share of each member; they sum to 1.
    shares: Arc<[f64]>,
    members: Vec<Arc<dyn Policy>>,
}

impl Mixture {
    fn new(ground: Ground, spec: &MixtureSpec, members: Vec<Arc<dyn Policy>>) -> Self {
        let sum: f64 = spec.members.iter().map(|member| member.weight).sum();
        let shares = spec.members.iter().map(|member| member.weight / sum).collect();
        Mixture { ground: Arc::new(ground), shares, members }
    }

    fn weighted(&self) -> impl Iterator<Item = (f64, &dyn Policy)> {
        self.shares.iter().copied().zip(self.members.iter().map(|member| member.as_ref()))
    }

    fn with(&self, members: Vec<Arc<dyn Policy>>) -> Arc<dyn Policy> {
        Arc::new(Mixture { members, ..self.clone() })
    }

    /// Fills `out`, each member in turn deciding in `inner`.
    fn mix(&self, actions: &Actions<'_>, inner: &mut Scored, out: &mut Scored) -> Result<()> {
        let count = actions.count();
        out.scores.clear();
        out.scores.resize(count, 0.0);
        out.scratch.clear();
        out.scratch.resize(count, 0.0);
        out.unmark();
        for (share, member) in self.weighted() {
            inner.unmark();
            member.distribution(actions, inner)?;
            out.estimated |= inner.estimated;
            if !inner.bounded.is_empty() {
                out.bounded.resize(count, false);
                for (bounded, inner) in out.bounded.iter_mut().zip(&inner.bounded) {
                    *bounded |= inner;
                }
            }
            for (score, inner) in out.scores.iter_mut().zip(&inner.scores) {
                *score += share * inner;
            }
            for (p, inner) in out.scratch.iter_mut().zip(inner.distribution.pmf()) {
                *p += share * inner;
            }
        }
        out.distribution.set_shares(&out.scratch, 0.0);
        Ok(())
    }
}

impl Policy for Mixture {
    /// The scores are Σ wᵢsᵢ. They explain, and say little: members may score in different units, and the pmf is not
    /// made of them.
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let mut inner = out.nested.take().unwrap_or_default();
        let result = self.mix(actions, &mut inner, out);
        out.nested = Some(inner);
        result
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(self.with(self.members.iter().map(|member| member.learned(lessons)).collect::<Result<_>>()?))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut members = Vec::with_capacity(self.members.len());
        let (mut summed, mut rebuild) = (false, false);
        for member in &self.members {
            match member.unlearned(lessons)? {
                Unlearned::Exact(policy) => members.push(policy),
                Unlearned::Summed(policy) => {
                    summed = true;
                    members.push(policy);
                }
                Unlearned::Rebuild => rebuild = true,
            }
        }
        Ok(match (rebuild, summed) {
            (true, _) => Unlearned::Rebuild,
            (false, true) => Unlearned::Summed(self.with(members)),
            (false, false) => Unlearned::Exact(self.with(members)),
        })
    }

    /// Σ wᵢ of what the members say.
    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let mut all = Explanation::default();
        for (share, member) in self.weighted() {
            let own = member.explain(actions, index)?;
            all.contributions.resize(all.contributions.len().max(own.contributions.len()), 0.0);
            for (sum, own) in all.contributions.iter_mut().zip(&own.contributions) {
                *sum += share * own;
            }
            all.intercept += share * own.intercept;
            all.mean += share * own.mean;
            all.width += share * own.width;
            all.score += share * own.score;
        }
        Ok(all)
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.ground, |out| {
            put_len(out, self.members.len());
            for member in &self.members {
                let bytes = member.save();
                put_len(out, bytes.len());
                out.extend_from_slice(&bytes);
            }
        })
    }

    fn identity(&self) -> PolicyIdentity {
        let mut hash = self.ground.hasher();
        for member in &self.members {
            hash.update(member.identity().state);
        }
        self.ground.identity(hash, self.lessons())
    }

    fn lessons(&self) -> u64 {
        self.members.iter().map(|member| member.lessons()).max().unwrap_or_default()
    }

    /// What its members ask for: only one kind tells people apart, so they ask for the same.
    fn personal(&self) -> Option<Arc<dyn Personal>> {
        self.members.iter().find_map(|member| member.personal())
    }
}
