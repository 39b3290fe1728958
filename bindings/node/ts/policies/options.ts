// What the classes of policies take: their settings, in camelCase.
import type { Policy } from './policy'
import type { Exploration, LogisticExploration, PolicySpec } from './spec'

/** A closed range, lowest and highest. */
export type Range = readonly [lo: number, hi: number]

/** What every policy is made of. */
export interface PolicyOptions {
  /** The number of columns. Without it the policy is for an engine, which has columns of its own. */
  dim?: number | undefined
  /**
   * The range of all columns; −16 to 16 when left out. `'auto'` takes the next power of two of the largest magnitude in
   * the first call.
   */
  range?: Range | 'auto' | undefined
  /** The range of rewards; −16 to 16 when left out, 0 to 1 for `BetaTS`, `UCB1` and `Logistic`. */
  rewardRange?: Range | undefined
}

/** How scores become probabilities, one of: */
export interface ExplorationOptions {
  /** The share that is spread uniformly, 0 to 1; 0.05 when nothing is said. */
  epsilon?: number | undefined
  /** τ > 0 of softmax(score/τ). */
  tau?: number | undefined
  /** The settings in the JSON form. */
  exploration?: Exploration | undefined
}

/** What policies on a ridge regression take. */
export interface LinearOptions extends PolicyOptions {
  /** One model over joint vectors, one an arm, or one of all and what each arm adds to it. */
  sharing?: 'shared' | 'disjoint' | 'hybrid' | undefined
  /** How many of the first columns are the context of hybrid sharing; all, when left out. */
  context?: number | undefined
  /** λ > 0, the ridge; 1 when left out. */
  lambda?: number | undefined
  /** Whether a constant 1 is appended to every row; it is, when left out. */
  intercept?: boolean | undefined
}

/** What `Auto` takes: nothing to tune. */
export interface AutoOptions extends PolicyOptions, ExplorationOptions {
  /** One model over joint vectors, or one an arm. */
  sharing?: 'shared' | 'disjoint' | undefined
  /** Whether a constant 1 is appended to every row; it is, when left out. */
  intercept?: boolean | undefined
}

/** What `LinUCB` takes. */
export interface LinUCBOptions extends LinearOptions, ExplorationOptions {
  /** α ≥ 0, the factor of the width; 1 when left out. */
  alpha?: number | undefined
}

/** What `LinTS` takes. */
export interface LinTSOptions extends LinearOptions {
  /** v ≥ 0, the scale of the posterior; 1 when left out. */
  scale?: number | undefined
  /** How many draws estimate the probabilities of more than two candidates; 128 when left out. */
  draws?: number | undefined
  /** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
  epsilon?: number | undefined
}

/** What `SquareCB` takes. */
export interface SquareCBOptions extends LinearOptions {
  /** γ₀ ≥ 0, in units of one over the reward: the greater, the greedier; 10 when left out. */
  gamma?: number | undefined
  /** ρ, 0 to 2: γ is γ₀·t^ρ after t lessons; 0.5 when left out. */
  exponent?: number | undefined
}

/** What `Softmax` takes. */
export interface SoftmaxOptions extends LinearOptions {
  /** τ > 0, in units of the reward; 0.1 when left out. */
  tau?: number | undefined
}

/** What `EpsilonGreedy` takes. */
export interface EpsilonGreedyOptions extends LinearOptions {
  /** The share that is spread uniformly, 0 to 1; 0.1 when left out. */
  epsilon?: number | undefined
}

/** What policies for drifting worlds take. */
export interface DriftOptions extends PolicyOptions, ExplorationOptions {
  /** One model over joint vectors, or one an arm. */
  sharing?: 'shared' | 'disjoint' | undefined
  /** α ≥ 0, the factor of the width, 1 when left out; `null` for the papers' β of the next four. */
  alpha?: number | null | undefined
  /** δ, between 0 and 1, of the papers' β. */
  delta?: number | undefined
  /** S ≥ 0 of the papers' β, the bound on ‖θ‖. */
  bound?: number | undefined
  /** σ ≥ 0 of the papers' β, the noise of rewards. */
  noise?: number | undefined
  /** L ≥ 0 of the papers' β, the bound on ‖x‖. */
  length?: number | undefined
  /** λ > 0, the ridge; 1 when left out. */
  lambda?: number | undefined
  /** Whether a constant 1 is appended to every row; it is, when left out. */
  intercept?: boolean | undefined
}

/** What `DLinUCB` takes. */
export interface DLinUCBOptions extends DriftOptions {
  /** A lesson weighs half as much after so many days; or every lesson weighs those before it by γ. */
  forgetting?: { halfLifeDays: number } | { perStep: number } | undefined
}

/** What `SlidingWindowLinUCB` takes. */
export interface SlidingWindowLinUCBOptions extends DriftOptions {
  /** What counts: the newest days, 60 of them when left out, or the last lessons. */
  window?: { days: number } | { steps: number } | undefined
}

/** What `BetaTS` takes. */
export interface BetaTSOptions extends PolicyOptions {
  /** (a₀, b₀) > 0, the prior of every arm; (1, 1) when left out. */
  prior?: readonly [a: number, b: number] | undefined
  /** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
  epsilon?: number | undefined
}

/** What `UCB1` takes. */
export interface UCB1Options extends PolicyOptions, ExplorationOptions {
  /** α ≥ 0, the factor of the width; 1, the paper's, when left out. */
  alpha?: number | undefined
}

/** What `RecoveringSoftmax` takes. */
export interface RecoveringSoftmaxOptions extends PolicyOptions {
  /** After so many days half of the penalty is left; 15 when left out. */
  halfLifeDays?: number | undefined
  /** γ ≥ 0, the penalty on the day an arm was shown, in units of the reward; 0.017 when left out. */
  penalty?: number | undefined
  /** τ > 0, in units of the reward; 0.0025 when left out. */
  tau?: number | undefined
  /** The mean of an arm without lessons; 0 when left out. */
  priorMean?: number | undefined
  /** How many lessons that mean counts for; 1 when left out. */
  priorLessons?: number | undefined
  /** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
  epsilon?: number | undefined
}

/** What `Logistic` takes. Its `rewardRange`, 0 to 1 when left out, says which rewards are a chance of 0 and of 1. */
export interface LogisticOptions extends LinearOptions, Omit<ExplorationOptions, 'exploration'> {
  /** α ≥ 0, the factor of the width, in log-odds; 1 when left out. */
  alpha?: number | undefined
  /** How scores become probabilities, in the JSON form. */
  exploration?: LogisticExploration | undefined
  /** For how many days a lesson may be revised; 7 when left out. */
  horizonDays?: number | undefined
  /** The most lessons that may; 4096 when left out. */
  openLessons?: number | undefined
}

/** What `ActionCentredTS` takes. */
export interface ActionCentredTSOptions extends PolicyOptions {
  /** The arm that does nothing; `hold` when left out. */
  hold?: string | undefined
  /** The least probability of doing anything; 0.1 when left out. */
  piMin?: number | undefined
  /** The most probability of doing anything; 0.9 when left out. */
  piMax?: number | undefined
  /** v ≥ 0, the scale of the posterior; 0.5 when left out. */
  scale?: number | undefined
  /** How many draws estimate which candidate is the best; 128 when left out. */
  draws?: number | undefined
  /** The share that is spread over all candidates but `hold`; 0.05 when left out. */
  epsilon?: number | undefined
  /** λ > 0, the ridge; 1 when left out. */
  lambda?: number | undefined
  /** Whether the advantage has a constant part; it has, when left out. */
  intercept?: boolean | undefined
}

/** What `Mixture` takes. */
export interface MixtureOptions extends PolicyOptions {
  /** Policies without `dim`, or their settings, with their weights. */
  members?: readonly { weight: number; policy: Policy | PolicySpec }[] | undefined
}

/** What `Hierarchical` takes. */
export interface HierarchicalOptions extends PolicyOptions, ExplorationOptions {
  /** α ≥ 0, the factor of the width, in units of the estimated noise; 1 when left out. */
  alpha?: number | undefined
  /** λ > 0, the ridge of the population; 1 when left out. */
  lambda?: number | undefined
  /** κ > 0, the ridge of what is personal; chosen by each person's own lessons when left out. */
  personalRidge?: number | null | undefined
  /** The most columns in which people differ; 32 when left out. */
  rank?: number | undefined
  /** Whether a constant 1 is appended to every row; it is, when left out. */
  intercept?: boolean | undefined
}
