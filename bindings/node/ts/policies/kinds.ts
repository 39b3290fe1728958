// The policies by name: a class a kind, whose options are the kind's settings. A test walks the kinds of the core.
import type {
  ActionCentredTSOptions,
  AutoOptions,
  BetaTSOptions,
  DLinUCBOptions,
  EpsilonGreedyOptions,
  HierarchicalOptions,
  LinTSOptions,
  LinUCBOptions,
  LinearOptions,
  LogisticOptions,
  MixtureOptions,
  PolicyOptions,
  RecoveringSoftmaxOptions,
  SlidingWindowLinUCBOptions,
  SoftmaxOptions,
  SquareCBOptions,
  UCB1Options,
} from './options'
import { enter, makingOf, Policy } from './policy'
import { settingsOf } from './settings'

/**
 * Auto, the one without a knob: LinUCB that estimates its ridge, its noise and the width of its optimism from the exact
 * sums, and notices drift.
 */
export class Auto extends Policy {
  constructor(options?: AutoOptions) {
    super(fresh('auto', Auto.name, options))
  }

  static {
    enter('auto', this)
  }
}

/** LinUCB: expected reward plus `alpha` widths, the more the less is known (Li, Chu, Langford & Schapire 2010). */
export class LinUCB extends Policy {
  constructor(options?: LinUCBOptions) {
    super(fresh('linucb', LinUCB.name, options))
  }

  static {
    enter('linucb', this)
  }
}

/**
 * Thompson sampling on the linear model: each candidate with the probability that a draw of θ from its posterior prefers
 * it (Agrawal & Goyal 2013).
 */
export class LinTS extends Policy {
  constructor(options?: LinTSOptions) {
    super(fresh('lin_ts', LinTS.name, options))
  }

  static {
    enter('lin_ts', this)
  }
}

/** SquareCB: probabilities by the inverse of the gap to the best expected reward (Foster & Rakhlin 2020). */
export class SquareCB extends Policy {
  constructor(options?: SquareCBOptions) {
    super(fresh('square_cb', SquareCB.name, options))
  }

  static {
    enter('square_cb', this)
  }
}

/** Softmax of the expected rewards: one that is `tau` lower is e times less probable. */
export class Softmax extends Policy {
  constructor(options?: SoftmaxOptions) {
    super(fresh('softmax', Softmax.name, options))
  }

  static {
    enter('softmax', this)
  }
}

/** ε-greedy on exact ridge regression: the best expected reward, `epsilon` of the probability spread uniformly. */
export class EpsilonGreedy extends Policy {
  constructor(options?: EpsilonGreedyOptions) {
    super(fresh('epsilon_greedy', EpsilonGreedy.name, options))
  }

  static {
    enter('epsilon_greedy', this)
  }
}

/** Greedy on exact ridge regression: always the best expected reward, ties split equally. It never explores. */
export class Greedy extends Policy {
  constructor(options?: LinearOptions) {
    super(fresh('greedy', Greedy.name, options))
  }

  static {
    enter('greedy', this)
  }
}

/**
 * D-LinUCB, which forgets by and by: for worlds that drift (Russac, Vernade & Cappé 2019). By half-life in days it is
 * exact; by step it neither merges nor unlearns.
 */
export class DLinUCB extends Policy {
  constructor(options?: DLinUCBOptions) {
    super(fresh('dlinucb', DLinUCB.name, options))
  }

  static {
    enter('dlinucb', this)
  }
}

/**
 * LinUCB over a sliding window: for worlds that change at once (Cheung, Simchi-Levi & Zhu 2019). In days it is exact; in
 * steps it neither merges nor unlearns.
 */
export class SlidingWindowLinUCB extends Policy {
  constructor(options?: SlidingWindowLinUCBOptions) {
    super(fresh('sw_linucb', SlidingWindowLinUCB.name, options))
  }

  static {
    enter('sw_linucb', this)
  }
}

/** Beta–Bernoulli Thompson sampling of arms without features, its probabilities by quadrature (Chapelle & Li 2011). */
export class BetaTS extends Policy {
  constructor(options?: BetaTSOptions) {
    super(fresh('beta_ts', BetaTS.name, options))
  }

  static {
    enter('beta_ts', this)
  }
}

/** UCB1 of arms without features (Auer, Cesa-Bianchi & Fischer 2002). Arms that were never tried come first. */
export class UCB1 extends Policy {
  constructor(options?: UCB1Options) {
    super(fresh('ucb1', UCB1.name, options))
  }

  static {
    enter('ucb1', this)
  }
}

/**
 * Softmax of the arms' mean rewards, less a penalty for an arm that this person was shown lately, which fades by half-life
 * (Yancey & Settles 2020). Pass `person` and `day` where they are known.
 */
export class RecoveringSoftmax extends Policy {
  constructor(options?: RecoveringSoftmaxOptions) {
    super(fresh('recovering_softmax', RecoveringSoftmax.name, options))
  }

  static {
    enter('recovering_softmax', this)
  }
}

/**
 * Logistic regression for rewards that are chances: online Laplace, with any exploration (Chapelle & Li 2011). Lessons are
 * ordered: it neither merges nor unlearns.
 */
export class Logistic extends Policy {
  constructor(options?: LogisticOptions) {
    super(fresh('logistic', Logistic.name, options))
  }

  static {
    enter('logistic', this)
  }
}

/**
 * Thompson sampling of the advantage over doing nothing, the row of the arm `hold` (Greenewald et al. 2017): something is
 * done with a probability from `piMin` to `piMax`. It learns from its own decisions: `update` and `updateBatch`.
 */
export class ActionCentredTS extends Policy {
  constructor(options?: ActionCentredTSOptions) {
    super(fresh('action_centred', ActionCentredTS.name, options))
  }

  static {
    enter('action_centred', this)
  }
}

/** Several policies by weight: a decision's probabilities are the weighted mean of theirs, and all learn every lesson. */
export class Mixture extends Policy {
  constructor(options?: MixtureOptions) {
    super(fresh('mixture', Mixture.name, options))
  }

  static {
    enter('mixture', this)
  }
}

/**
 * Personal and pooled: a ridge of everybody, and beside it what is each person's own. Whose a row is, `person` of `decide`
 * and `people` of `learn` say; nobody's rows are the population's.
 */
export class Hierarchical extends Policy {
  constructor(options?: HierarchicalOptions) {
    super(fresh('hierarchical', Hierarchical.name, options))
  }

  static {
    enter('hierarchical', this)
  }
}

/** Uniform: every row with the same probability. */
export class Uniform extends Policy {
  constructor(options?: PolicyOptions) {
    super(fresh('uniform', Uniform.name, options))
  }

  static {
    enter('uniform', this)
  }
}

/** What a policy of the kind `type` that has learned nothing is made of. */
function fresh(type: string, name: string, options: object | undefined): object {
  const { settings, whole } = settingsOf(type, name, options)
  return makingOf(settings, whole)
}
