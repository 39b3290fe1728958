// What the calls of a policy take beside their rows.
import type { ArmList } from './arms'
import type { Day, Person, Seed } from './moments'
import type { Matrix, TypedNumbers, Vector } from './numbers'

/** What calls on rows take. */
export interface ArmOptions {
  /** The arm of each row, for disjoint policies; a row's number when left out of `decide`. */
  arms?: ArmList | undefined
}

/** What calls on candidates take. */
export interface RowOptions extends ArmOptions {
  /** How many rows there are, to be checked; as many as `X` holds, when left out. */
  rows?: number | undefined
  /** Whose decision it is. */
  person?: Person | undefined
  /** When it is: a UTC day. */
  day?: Day | undefined
}

/** What `decide` takes. */
export interface DecideOptions extends RowOptions {
  /** The draw's seed: a whole number from 0 to 2⁶⁴−1, or a decision's UUID. Random when left out. */
  seed?: Seed | undefined
}

/** What `decideBatch` takes. */
export interface BatchOptions {
  /** The arms of all decisions, or a list of them for each. */
  arms?: ArmList | readonly ArmList[] | undefined
  /** How many rows each decision has, where `X` is one typed array. */
  rows?: number | undefined
  /** A number is decision 0's, the next is decision 1's, and so on; or one seed a decision. */
  seed?: Seed | readonly Seed[] | undefined
  /** Whose the decisions are: one person's, or one a decision. */
  people?: Person | readonly Person[] | undefined
  /** The UTC day of the decisions: one, or one a decision. */
  days?: Day | readonly Day[] | TypedNumbers | undefined
}

/** What `learn`, `revise` and `unlearn` take. */
export interface LearnOptions extends ArmOptions {
  /** How many rows there are, to be checked; as many as `X` holds, when left out. */
  rows?: number | undefined
  /** Whose the rows are: one person's, or one a row. */
  people?: Person | readonly Person[] | undefined
  /** The UTC day of the rows: one, or one a row. */
  days?: Day | readonly Day[] | TypedNumbers | undefined
  /** The probability with which each row was drawn, where a log knows it: one for all, or one a row. */
  propensities?: number | Vector | undefined
  /** What the decision of each row would have shown on average, as `centre` gives it: `ActionCentredTS` needs them. */
  centres?: Matrix | undefined
}

/** What `fit` takes. */
export interface FitOptions extends LearnOptions {
  /** Stops the fit and leaves the policy as it was; the promise is rejected with an `AbortError` at once. */
  signal?: AbortSignal | undefined
  /** Told how many rows are learned, and of how many. What it throws ends the fit. */
  progress?: ((done: number, total: number) => void) | undefined
}
