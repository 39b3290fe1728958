// The policies alone, on `Float64Array`: pure arithmetic, so they answer at once. The bits are those of the engine.
import { randomBytes } from 'node:crypto'

import type { Explanation, NativeBandit, NativeDecided } from '../native'
import { InvalidInputError, now } from './errors'
import { native } from './native'
import type { Exploration, PolicySpec } from './options'
import { wire } from './wire'

/** A closed range, lowest and highest. */
export type Range = readonly [lo: number, hi: number]

/** What every policy is made of. */
export interface PolicyOptions {
  /** The number of columns. */
  dim: number
  /**
   * The range of all columns; −16 to 16 when left out. `'auto'` takes the next power of two of the largest magnitude in
   * the first call.
   */
  range?: Range | 'auto' | undefined
  /** The range of rewards; −16 to 16 when left out. */
  rewardRange?: Range | undefined
}

/** What policies on a ridge regression take. */
export interface LinearOptions extends PolicyOptions {
  /** One model over joint vectors, or one an arm. */
  sharing?: 'shared' | 'disjoint' | undefined
  /** λ > 0, the ridge; 1 when left out. */
  lambda?: number | undefined
  /** Whether a constant 1 is appended to every row; it is, when left out. */
  intercept?: boolean | undefined
}

/** What `LinUCB` takes. */
export interface LinUCBOptions extends LinearOptions {
  /** α ≥ 0, the factor of the width; 1 when left out. */
  alpha?: number | undefined
  /** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
  epsilon?: number | undefined
  /** Another way from scores to probabilities than the ε-floor. */
  exploration?: Exploration | undefined
}

/** What `EpsilonGreedy` takes. */
export interface EpsilonGreedyOptions extends LinearOptions {
  /** The share that is spread uniformly, 0 to 1; 0.1 when left out. */
  epsilon?: number | undefined
}

/** What calls on rows take. */
export interface ArmOptions {
  /** The arm of each row, for disjoint policies; a row's number when left out of `decide`. */
  arms?: readonly (string | number)[] | undefined
}

/** What calls on candidates take. */
export interface RowOptions extends ArmOptions {
  /** How many rows there are, to be checked; as many as `X` holds, when left out. */
  rows?: number | undefined
}

/** What `decide` takes. */
export interface DecideOptions extends RowOptions {
  /** The draw's seed: a whole number from 0 to 2⁶⁴−1, or a decision's UUID. Random when left out. */
  seed?: number | bigint | string | undefined
}

/** A decision, for `update`. */
export interface Decided {
  /** The drawn row. */
  readonly index: number
  /** Its probability, from before the draw. */
  readonly propensity: number
  /** The probability of each row. */
  readonly pmf: Float64Array
  /** The score of each row. */
  readonly scores: Float64Array
}

const handles = new WeakMap<Decided, NativeDecided>()

/** What all policies do. Matrices are row-major: one row a candidate, `dim` columns. */
export abstract class Policy {
  readonly #native: NativeBandit
  readonly #spec: { policy: PolicySpec; dim: number }

  /** Subclasses pass their native half. */
  protected constructor(handle: object) {
    this.#native = handle as NativeBandit
    this.#spec = JSON.parse(now(() => this.#native.spec()))
  }

  /** The policy of settings in the form of `Engine.open` and of HTTP. */
  static ofSettings(settings: PolicySpec, options: PolicyOptions): Policy {
    return made(create(settings, options), Policy)
  }

  /** The number of columns. */
  get dim(): number {
    return this.#spec.dim
  }

  /** The settings, defaults filled in. */
  get spec(): PolicySpec {
    return structuredClone(this.#spec.policy)
  }

  /** How many lessons are in it. */
  get lessons(): number {
    return now(() => this.#native.lessons())
  }

  /** The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order. */
  get stateHash(): string {
    return now(() => this.#native.stateHash())
  }

  /**
   * Draws one of the rows of `X`.
   *
   * Throws `InvalidInputError` for no rows, a wrong length, or a number that is not finite or outside the range; `field`
   * names the column.
   */
  decide(X: Float64Array, options: DecideOptions = {}): Decided {
    const rows = this.#rows(X, options)
    const seed = seedOf(options.seed)
    const handle = now(() => this.#native.decide(X, rows, armsOf(options), seed))
    const { index, propensity, pmf, scores } = handle
    const decided: Decided = Object.freeze({ index, propensity, pmf, scores })
    handles.set(decided, handle)
    return decided
  }

  /** Learns the reward of a decision of this policy. */
  update(decided: Decided, reward: number): void {
    const handle = handles.get(decided)
    if (!handle) {
      throw new InvalidInputError('pass what `decide` returned; learn(X, rewards) takes rows', { field: 'decided' })
    }
    now(() => this.#native.update(handle, numberOf(reward, 'reward')))
  }

  /** Learns `rewards` of the rows of `X`, in their order; all of them or none. */
  learn(X: Float64Array, rewards: Float64Array, options: ArmOptions = {}): void {
    now(() => this.#native.learn(arrayOf(X, 'x'), arrayOf(rewards, 'reward'), armsOf(options)))
  }

  /** Puts `rewards` in the place of `replaced`, with which the rows were learned. */
  revise(X: Float64Array, rewards: Float64Array, replaced: Float64Array, options: ArmOptions = {}): void {
    const [next, before] = [arrayOf(rewards, 'reward'), arrayOf(replaced, 'replaced')]
    now(() => this.#native.revise(arrayOf(X, 'x'), next, before, armsOf(options)))
  }

  /** Takes lessons away again, exactly. */
  unlearn(X: Float64Array, rewards: Float64Array, options: ArmOptions = {}): void {
    now(() => this.#native.unlearn(arrayOf(X, 'x'), arrayOf(rewards, 'reward'), armsOf(options)))
  }

  /** Why row `index` of `X` scores as it does. */
  explain(X: Float64Array, index: number, options: RowOptions = {}): Explanation {
    const rows = this.#rows(X, options)
    if (!Number.isInteger(index) || index < 0 || index >= rows) {
      throw new InvalidInputError(`there is no row ${index}; the rows are 0 to ${rows - 1}`, { field: 'index' })
    }
    return now(() => this.#native.explain(X, rows, armsOf(options), index))
  }

  /** The policy as tagged, versioned, checked bytes; loading them changes no bit. */
  save(): Buffer {
    return now(() => this.#native.save())
  }

  /** The policy that `bytes` were saved from; each class loads its own only. */
  static load(bytes: Uint8Array): Policy {
    if (!(bytes instanceof Uint8Array)) {
      throw new InvalidInputError('pass the bytes that `save` returned', { field: 'bytes' })
    }
    return made(now(() => native.NativeBandit.load(bytes)), this)
  }

  /** The policy of the lessons of all `policies` together: exact, whatever the order. */
  static merge<P extends Policy>(policies: readonly P[]): P {
    if (!Array.isArray(policies) || !policies.every((policy) => policy instanceof Policy)) {
      throw new InvalidInputError('pass an array of policies', { field: 'policies' })
    }
    const handles = policies.map((policy) => policy.#native)
    return made(now(() => native.NativeBandit.merge(handles)), Policy) as P
  }

  #rows(X: Float64Array, { rows }: RowOptions): number {
    const { length } = arrayOf(X, 'x')
    if (rows === undefined) return Math.ceil(length / this.dim)
    if (!Number.isInteger(rows) || rows < 0 || rows > 0xffff_ffff) {
      throw new InvalidInputError('rows are a whole number', { field: 'rows' })
    }
    return rows
  }
}

/** LinUCB (Li, Chu, Langford & Schapire, WWW 2010), served through a pmf. */
export class LinUCB extends Policy {
  constructor(options: LinUCBOptions) {
    super(fresh('linucb', options))
  }

  /** The policy that `bytes` were saved from. */
  static override load(bytes: Uint8Array): LinUCB {
    return super.load(bytes) as LinUCB
  }
}

/** ε-greedy on the same ridge regression. */
export class EpsilonGreedy extends Policy {
  constructor(options: EpsilonGreedyOptions) {
    super(fresh('epsilon_greedy', options))
  }

  /** The policy that `bytes` were saved from. */
  static override load(bytes: Uint8Array): EpsilonGreedy {
    return super.load(bytes) as EpsilonGreedy
  }
}

/** Greedy on the same ridge regression: it never explores. */
export class Greedy extends Policy {
  constructor(options: LinearOptions) {
    super(fresh('greedy', options))
  }

  /** The policy that `bytes` were saved from. */
  static override load(bytes: Uint8Array): Greedy {
    return super.load(bytes) as Greedy
  }
}

/** Every row with the same probability. */
export class Uniform extends Policy {
  constructor(options: PolicyOptions) {
    super(fresh('uniform', options))
  }

  /** The policy that `bytes` were saved from. */
  static override load(bytes: Uint8Array): Uniform {
    return super.load(bytes) as Uniform
  }
}

const CLASSES = { linucb: LinUCB, epsilon_greedy: EpsilonGreedy, greedy: Greedy, uniform: Uniform }

/** A policy object around a native half, of the class that its settings name. */
function made(handle: NativeBandit, wanted: typeof Policy): Policy {
  const { type } = (JSON.parse(now(() => handle.spec())) as { policy: PolicySpec }).policy
  const policy: Policy = Reflect.construct(Policy, [handle], CLASSES[type])
  if (!(policy instanceof wanted)) {
    const { name } = CLASSES[type]
    throw new InvalidInputError(`these bytes are a saved ${name}; load them with ${name}.load`, { field: 'bytes' })
  }
  return policy
}

/** The native half of a fresh policy of flat options. */
function fresh(type: PolicySpec['type'], options: LinUCBOptions | EpsilonGreedyOptions): NativeBandit {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidInputError('pass options, such as { dim: 32 }', { field: 'options' })
  }
  const { dim, range, rewardRange, ...settings } = options as LinUCBOptions
  if (type === 'linucb' && settings.epsilon !== undefined) {
    if (settings.exploration) {
      throw new InvalidInputError('pass epsilon or exploration, not both', { field: 'epsilon' })
    }
    settings.exploration = { type: 'epsilon_floor', epsilon: settings.epsilon }
    delete settings.epsilon
  }
  return create({ type, ...settings } as PolicySpec, { dim, range, rewardRange })
}

function create(policy: PolicySpec, { dim, range, rewardRange }: PolicyOptions): NativeBandit {
  const spec = wire({ policy, dim, range, reward_range: rewardRange })
  return now(() => native.NativeBandit.create(spec))
}

function arrayOf(array: Float64Array, field: string): Float64Array {
  if (!(array instanceof Float64Array)) {
    throw new InvalidInputError('pass a Float64Array, row by row', { field })
  }
  return array
}

function numberOf(value: number, field: string): number {
  if (typeof value !== 'number') throw new InvalidInputError('pass a number', { field })
  return value
}

function armsOf({ arms }: ArmOptions): string[] | undefined {
  if (arms === undefined) return undefined
  if (!Array.isArray(arms) || !arms.every((arm) => typeof arm === 'string' || typeof arm === 'number')) {
    throw new InvalidInputError('arms are an array of strings or numbers, one a row', { field: 'arms' })
  }
  return arms.map(String)
}

function seedOf(seed: DecideOptions['seed']): bigint | string {
  if (seed === undefined) return randomBytes(8).readBigUInt64LE()
  if (typeof seed === 'number' && Number.isSafeInteger(seed)) return BigInt(seed)
  if (typeof seed === 'bigint' || typeof seed === 'string') return seed
  throw new InvalidInputError('a seed is a whole number from 0 to 2**64 - 1 (a bigint beyond 2**53), or a UUID', {
    field: 'seed',
  })
}
