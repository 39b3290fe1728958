//! A long learning, off the event loop: on a copy of the bandit, over copies of the arrays, which the caller may change
//! meanwhile. The copy takes the bandit's place on the event loop, unless it was stopped or the bandit learned beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{AsyncTask, FnArgs};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, Task};
use napi_derive::napi;
use oo::NamedArms;

use super::NativeBandit;
use super::arms::NativeArms;
use super::log::{Log, OwnLog};
use super::place::{Copied, Place};
use crate::door;

/// Multiplications between two looks at whether it is stopped: some milliseconds.
const PART: usize = 1 << 22;

/// Told how many rows are learned, and of how many.
type Progress = ThreadsafeFunction<FnArgs<(u32, u32)>, (), FnArgs<(u32, u32)>, Status, false, true>;

/// A learning that has not begun, or is under way.
#[napi]
pub struct NativeFit {
    place: Arc<Place>,
    work: Arc<Work>,
}

struct Work {
    x: Vec<f64>,
    rewards: Vec<f64>,
    arms: Option<NamedArms>,
    log: OwnLog,
    stopped: AtomicBool,
}

#[napi]
impl NativeBandit {
    /// A learning of rewards of rows.
    #[napi]
    pub fn fit(&self, x: &[f64], rewards: &[f64], arms: Option<&NativeArms>, log: Log) -> NativeFit {
        let work = Work {
            x: x.to_vec(),
            rewards: rewards.to_vec(),
            arms: arms.map(|arms| arms.keys.clone()),
            log: log.into(),
            stopped: AtomicBool::new(false),
        };
        NativeFit { place: self.place.clone(), work: Arc::new(work) }
    }
}

#[napi]
impl NativeFit {
    /// Learns; whether the bandit has now learned. It has not when it was stopped, or learned something else meanwhile.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn run(
        &self,
        #[napi(ts_arg_type = "((done: number, total: number) => void) | undefined")] progress: Option<Progress>,
    ) -> AsyncTask<Fitting> {
        AsyncTask::new(Fitting { place: self.place.clone(), work: self.work.clone(), progress })
    }

    /// Stops it; the bandit is as it was.
    #[napi]
    pub fn stop(&self) {
        self.work.stopped.store(true, Ordering::Relaxed);
    }
}

/// A learning on a thread of Node's pool.
pub struct Fitting {
    place: Arc<Place>,
    work: Arc<Work>,
    progress: Option<Progress>,
}

impl Work {
    fn learn(&self, copied: &mut Copied, progress: Option<&Progress>) -> oo::Result<()> {
        let dim = copied.bandit.dim();
        let part = (PART / (dim * dim)).clamp(16, 1 << 13);
        let total = u32::try_from(self.rewards.len()).unwrap_or(u32::MAX);
        let rows = self.log.rows(&self.x, self.arms.as_deref());
        copied.bandit.learn_in_parts(&rows, &self.rewards, part, &mut |done| {
            if self.stopped.load(Ordering::Relaxed) {
                return Err(oo::Error::busy("the learning was stopped; nothing of it was learned"));
            }
            if let Some(progress) = progress {
                let done = u32::try_from(done).unwrap_or(u32::MAX);
                // One that cannot be told any more is told nothing.
                let _ = progress.call((done, total).into(), ThreadsafeFunctionCallMode::NonBlocking);
            }
            Ok(())
        })
    }
}

impl Task for Fitting {
    type Output = Copied;
    type JsValue = bool;

    fn compute(&mut self) -> napi::Result<Copied> {
        door::now(|| {
            let mut copied = self.place.lend();
            self.work.learn(&mut copied, self.progress.as_ref())?;
            Ok(copied)
        })
    }

    fn resolve(&mut self, _env: Env, copied: Copied) -> napi::Result<bool> {
        Ok(!self.work.stopped.load(Ordering::Relaxed) && self.place.take_back(copied))
    }
}
