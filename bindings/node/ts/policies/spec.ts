// The settings of policies in the JSON form: that of an engine's settings, of HTTP and of the log.

/** How scores become probabilities. */
export type Exploration =
  /** 1−ε over the best, ε spread uniformly. */
  | { type: 'epsilon_floor'; epsilon: number }
  /** softmax(score/τ). */
  | { type: 'softmax'; tau: number }

/** How a logistic policy's scores become probabilities. */
export type LogisticExploration =
  | Exploration
  /** The probability of being the best under the posterior, estimated with `draws` draws and floored by `epsilon`. */
  | { type: 'thompson'; scale?: number | undefined; draws?: number | undefined; epsilon?: number | undefined }
  /** Inverse-gap weighting of expected rewards, γ times a power of the lessons. */
  | { type: 'inverse_gap'; gamma?: number | undefined; exponent?: number | undefined }

/** How arms share what is learned: one model, one an arm, or both, over the first `context` columns or all. */
export type Sharing = 'shared' | 'disjoint' | 'hybrid' | { hybrid: { context: number } }

interface Linear {
  /** How arms share what is learned. */
  sharing?: Sharing | undefined
  /** The ridge. */
  lambda?: number | undefined
  /** Whether a constant 1 is appended to every vector. */
  intercept?: boolean | undefined
}

interface Drifting extends Linear {
  /** The factor of the width; `null` for the papers' β of `delta`, `bound`, `noise` and `length`. */
  alpha?: number | null | undefined
  delta?: number | undefined
  bound?: number | undefined
  noise?: number | undefined
  length?: number | undefined
  exploration?: Exploration | undefined
}

/** Which policy, with which settings; what is left out has its default. */
export type PolicySpec =
  | { type: 'auto'; sharing?: 'shared' | 'disjoint' | undefined; intercept?: boolean | undefined; exploration?: Exploration | undefined }
  | ({ type: 'linucb'; alpha?: number | undefined; exploration?: Exploration | undefined } & Linear)
  | ({ type: 'lin_ts'; scale?: number | undefined; draws?: number | undefined; epsilon?: number | undefined } & Linear)
  | ({ type: 'square_cb'; gamma?: number | undefined; exponent?: number | undefined } & Linear)
  | ({ type: 'softmax'; tau?: number | undefined } & Linear)
  | ({ type: 'greedy' } & Linear)
  | ({ type: 'epsilon_greedy'; epsilon?: number | undefined } & Linear)
  | ({ type: 'dlinucb'; forgetting?: { half_life_days: number } | { per_step: number } | undefined } & Drifting)
  | ({ type: 'sw_linucb'; window?: { days: number } | { steps: number } | undefined } & Drifting)
  | { type: 'beta_ts'; prior?: [number, number] | undefined; reward_range?: [number, number] | undefined; epsilon?: number | undefined }
  | { type: 'ucb1'; alpha?: number | undefined; reward_range?: [number, number] | undefined; exploration?: Exploration | undefined }
  | {
      type: 'recovering_softmax'
      half_life_days?: number | undefined
      penalty?: number | undefined
      tau?: number | undefined
      prior_mean?: number | undefined
      prior_lessons?: number | undefined
      epsilon?: number | undefined
    }
  | ({
      type: 'logistic'
      alpha?: number | undefined
      reward_range?: [number, number] | undefined
      exploration?: LogisticExploration | undefined
      horizon_days?: number | undefined
      open_lessons?: number | undefined
    } & Linear)
  | {
      type: 'action_centred'
      hold?: string | undefined
      pi_min?: number | undefined
      pi_max?: number | undefined
      scale?: number | undefined
      draws?: number | undefined
      epsilon?: number | undefined
      lambda?: number | undefined
      intercept?: boolean | undefined
    }
  | { type: 'mixture'; members?: { weight: number; policy: PolicySpec }[] | undefined }
  | {
      type: 'hierarchical'
      alpha?: number | undefined
      lambda?: number | undefined
      personal_ridge?: number | null | undefined
      rank?: number | undefined
      intercept?: boolean | undefined
      exploration?: Exploration | undefined
    }
  | { type: 'uniform' }
