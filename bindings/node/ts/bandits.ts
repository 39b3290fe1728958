// Named bandits of an engine: what they are asked, and what they are.
import type { CallOptions } from './abort'
import { InvalidInputError } from './errors'
import { type ArmList, namesOf } from './policies/arms'
import { rowsOption } from './policies/asked'
import { isCount, type Matrix, numbersOf } from './policies/numbers'
import type { Range } from './policies/options'
import type { Policy } from './policies/policy'
import { forEngine, rangeOf } from './policies/settings'
import type { PolicySpec } from './policies/spec'
import { wire } from './wire'

/** Which bandit, and what it is. */
export interface BanditOptions {
  /** The bandit's name; `default` when left out. Its first decision opens it. */
  bandit?: string | undefined
  /** A policy without `dim`, or its settings; the default policy when left out at its opening, later only a check. */
  policy?: Policy | PolicySpec | undefined
  /** The range of all columns, −16 to 16 when left out; `'auto'` is fixed by the first decision. As `policy`. */
  range?: Range | 'auto' | undefined
  /** The range of rewards, −16 to 16 when left out. As `policy`. */
  rewardRange?: Range | undefined
}

/** What a decision says beside its rows. */
export interface DecisionOptions {
  /** How many rows `X` is, where it is one typed array and `arms` are left out. */
  rows?: number | undefined
  /** The arm of each row; a row's number when left out. */
  arms?: ArmList | undefined
  /** Whom the decision is for: exported and forgotten with them. */
  user?: string | undefined
  /** The decision's UUID, which seeds the draw; made when left out. The same id answers the same decision again. */
  id?: string | undefined
}

/** What `decide` takes. */
export interface EngineDecideOptions extends BanditOptions, DecisionOptions, CallOptions {}

/** One of several decisions that is more than its rows. */
export interface Decision extends BanditOptions, DecisionOptions {
  /** The rows to choose from; or, with `arms`, one context for all of them. */
  X: Matrix | readonly number[]
}

/** What `decideAll` takes: what decisions that do not say otherwise have. */
export interface BatchDecideOptions extends BanditOptions, CallOptions {
  /** The arm of each row; a row's number when left out. */
  arms?: ArmList | undefined
  /** Whom the decisions are for: exported and forgotten with them. */
  user?: string | undefined
}

/** A named bandit. */
export interface NamedBandit {
  /** Its name. */
  name: string
  /** Policy, columns and ranges. */
  settings: { policy: PolicySpec; dim: number; range: Range; reward_range: Range }
  /** How many lessons are in it. */
  lessons: number
  /** The hash of settings and sums, hexadecimal: equal for the same set of lessons. */
  state_hash: string
}

const SHARED = ['bandit', 'policy', 'range', 'rewardRange', 'arms', 'user']
const DECISION = ['X', 'rows', 'id', ...SHARED]

/** Decisions as the native half takes them: their numbers one after the other, and everything else as JSON. */
export function rowsOfAll(decisions: readonly unknown[], shared: object = {}): { args: string; values: Float64Array } {
  if (!Array.isArray(decisions)) throw new InvalidInputError('decisions are an array of matrices, or of { X, … }', { field: 'decisions' })
  rowsOption(shared, SHARED)
  const read = Array.from(decisions, (decision, place) => at(place, decisions.length, () => one(decision, shared)))
  const args = wire({ decisions: read.map(({ said }) => said) })
  if (read.length === 1) return { args, values: read[0]!.values }
  const values = new Float64Array(read.reduce((size, { values }) => size + values.length, 0))
  let end = 0
  for (const { values: own } of read) {
    values.set(own, end)
    end += own.length
  }
  return { args, values }
}

/** One decision; in a batch, one that is rows alone is a matrix. */
function one(given: unknown, shared: object): { values: Float64Array; said: object } {
  const said = isMatrix(given) ? { X: given } : (given as Decision)
  rowsOption(said, DECISION)
  const { X, rows, arms, policy, range, rewardRange, ...rest } = { ...shared, ...withoutUndefined(said) } as Decision
  if (X === undefined) throw new InvalidInputError('pass the rows to choose from', { field: 'x' })
  if (rest.id !== undefined && typeof rest.id !== 'string') throw new InvalidInputError('an id is a UUID', { field: 'id' })
  const names = arms === undefined ? undefined : namesOf(arms)
  const { values, count } = rowsOf(X, rows, names)
  const ranges = { range: rangeOf(range, 'range', true), rewardRange: rangeOf(rewardRange, 'rewardRange') }
  return { values, said: { ...rest, ...ranges, policy: forEngine(policy), arms: names, rows: count, numbers: values.length } }
}

/** Rows; one flat array for several arms is a row for each. */
function rowsOf(X: unknown, rows: number | undefined, arms: string[] | undefined): { values: Float64Array; count: number } {
  const { values, shape } = numbersOf(X, 'x')
  if (shape?.length === 1 && shape[0] !== 0 && arms?.length) {
    const twice = arms.find((arm, place) => arms.indexOf(arm) !== place)
    if (twice !== undefined) {
      const message = `${JSON.stringify(twice)} is named twice for one context; name each arm once`
      throw new InvalidInputError(message, { field: 'arms' })
    }
    const all = new Float64Array(values.length * arms.length)
    for (const place of arms.keys()) all.set(values, place * values.length)
    return { values: all, count: arms.length }
  }
  if (shape && !(shape.length === 1 && arms) && (shape.length !== 2 || shape[1] === 0) && shape[0] !== 0) {
    throw new InvalidInputError('the array must be rows of numbers: one row a candidate, one column a feature', { field: 'x' })
  }
  const count = shape?.length === 1 && arms ? 0 : shape ? shape[0]! : (rows ?? arms?.length)
  if (count === 0) throw new InvalidInputError('there is no candidate; pass at least one row', { field: 'candidates' })
  if (count === undefined) throw new InvalidInputError('say how many rows the typed array is: pass `rows` or `arms`', { field: 'rows' })
  if (!isCount(count) || (rows !== undefined && rows !== count)) {
    throw new InvalidInputError(`rows are a whole number; the array has ${count}`, { field: 'rows' })
  }
  return { values, count }
}

/** What is `undefined` is left out: it takes the place of nothing. */
function withoutUndefined(said: object): object {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

function isMatrix(given: unknown): boolean {
  return Array.isArray(given) || ArrayBuffer.isView(given) || (typeof given === 'object' && given !== null && 'data' in given)
}

function at<T>(place: number, count: number, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError) || count === 1) throw thrown
    throw new InvalidInputError(thrown.message, { field: `decisions[${place}].${thrown.field ?? 'x'}`, cause: thrown })
  }
}
