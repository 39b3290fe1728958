//! The personal and pooled policy that holds its people itself, for those who have no engine around it.

use std::sync::Arc;

use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};

use super::crowd::Crowd;
use super::person::Person;
use super::population::Population;
use crate::kind::People;

/// The population and its people.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    population: Population,
    crowd: Crowd,
    /// Whoever has no lesson yet.
    nobody: Arc<Person>,
}

impl Held {
    /// The policy of `population` and `crowd`.
    pub(crate) fn new(population: Population, crowd: Crowd) -> Self {
        let nobody = Arc::new(Person::new(population.frame().dim));
        Held { population, crowd, nobody }
    }

    /// Whose decision it is: somebody held, somebody new, or nobody in particular.
    fn person(&self, actions: &Actions<'_>) -> Option<&Person> {
        actions.person.map(|person| self.crowd.get(&person).unwrap_or(&self.nobody))
    }
}

impl Policy for Held {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        self.population.score(actions, self.person(actions), out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let population = self.population.after(lessons)?;
        let dim = population.frame().dim;
        let mut crowd = self.crowd.clone();
        for lesson in lessons {
            if let Some(person) = lesson.person {
                crowd.change(person, dim).learn(lesson)?;
            }
        }
        Ok(Arc::new(Held { population, crowd, nobody: self.nobody.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let population = self.population.without(lessons)?;
        let mut crowd = self.crowd.clone();
        for lesson in lessons {
            let Some(person) = lesson.person else { continue };
            if crowd.get(&person).is_none() {
                let message = "this person never had a lesson here; unlearn only what was learned";
                return Err(Error::invalid("person", message));
            }
            crowd.change(person, population.frame().dim).forget(lesson)?;
        }
        let touched = lessons.iter().filter_map(|lesson| crowd.get(&lesson.person?));
        let outgrown = touched.into_iter().any(Person::is_outgrown);
        crowd.prune();
        let left = Arc::new(Held { population, crowd, nobody: self.nobody.clone() });
        Ok(if outgrown { Unlearned::Summed(left) } else { Unlearned::Exact(left) })
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        self.population.why(actions, self.person(actions), index)
    }

    fn save(&self) -> Vec<u8> {
        self.population.saved(People::Held, &self.crowd)
    }

    fn identity(&self) -> PolicyIdentity {
        self.population.identified(&self.crowd)
    }

    fn lessons(&self) -> u64 {
        self.population.statistic().sums().lessons()
    }
}
