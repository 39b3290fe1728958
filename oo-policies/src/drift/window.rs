//! The last τ lessons and their exact sums: a sliding window in steps (SW-LinUCB, Cheung, Simchi-Levi & Zhu 2019).

use oo_core::Result;
use oo_core::lesson::Lesson;
use sha2::{Digest, Sha256};

use super::stepped::Fold;
use super::trail::{Step, Trail};
use super::weighted::Weighted;
use crate::bytes::Reader;
use crate::frame::{Frame, Work};
use crate::sums::Sums;

/// A window of `most` lessons.
#[derive(Clone, Debug)]
pub(crate) struct LastSteps {
    most: usize,
    lessons: u64,
    trail: Trail,
    sums: Sums,
}

impl LastSteps {
    /// An empty window.
    pub(crate) fn new(most: usize, frame: &Frame) -> Self {
        LastSteps { most, lessons: 0, trail: Trail::default(), sums: Sums::new(frame.size) }
    }

    /// Reads what [`write`](Fold::write) wrote: u64 lessons ever, the [`Trail`]; the sums follow.
    pub(crate) fn read(reader: &mut Reader<'_>, most: usize, frame: &Frame) -> Result<Self> {
        let lessons = reader.u64()?;
        let mut window = LastSteps::new(most, frame);
        window.trail = Trail::read(reader, frame.dim)?;
        if window.trail.len() > most || lessons < window.trail.len() as u64 {
            return Err(reader.corrupt());
        }
        for step in window.trail.iter() {
            window.sums.add(&entries(step, frame), step.reward).map_err(|_| reader.corrupt())?;
        }
        window.lessons = lessons;
        Ok(window)
    }
}

/// The features of `step` with the intercept.
fn entries(step: &Step, frame: &Frame) -> Vec<i16> {
    let mut x = step.x.to_vec();
    x.resize(frame.size, 1);
    x
}

impl Fold for LastSteps {
    fn take(&mut self, frame: &Frame, lesson: &Lesson, work: &Work) -> Result<()> {
        if let Some(replaced) = lesson.replaces {
            // A lesson that has left the window counts no more, whatever its reward becomes.
            if self.trail.revise(lesson, replaced) {
                self.sums.revise(&work.integers, lesson.reward, replaced)?;
            }
            return Ok(());
        }
        self.sums.add(&work.integers, lesson.reward)?;
        self.trail.push(Step::from(lesson));
        self.lessons += 1;
        if self.trail.len() > self.most
            && let Some(step) = self.trail.pop()
        {
            self.sums.subtract(&entries(&step, frame), step.reward)?;
        }
        Ok(())
    }

    fn lessons(&self) -> u64 {
        self.lessons
    }

    fn weighted(&self, frame: &Frame) -> Weighted {
        let mut sums = Weighted::new(frame.size, false);
        sums.add(&self.sums, 1.0, frame);
        sums
    }

    fn hash_into(&self, hash: &mut Sha256) {
        hash.update(self.lessons.to_le_bytes());
        self.trail.hash_into(hash);
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.lessons.to_le_bytes());
        self.trail.write(out);
    }
}
