// The policies alone: pure arithmetic, so they answer at once, but for `fit`. The bits are those of the engine.
import type { Explanation, NativeBandit, NativeFit } from '../../native'
import { abortable } from '../abort'
import { InvalidInputError, now } from '../errors'
import { native } from '../native'
import { wire } from '../wire'
import { type Asked, askedOf, batchOf, rowsOption } from './asked'
import type { ArmOptions, BatchOptions, DecideOptions, FitOptions, LearnOptions, RowOptions } from './calls'
import { armsOf } from './arms'
import { batchHandle, Decided, DecidedBatch, decidedHandle } from './decided'
import { daysOf, peopleOf, propensitiesOf, seedOf } from './moments'
import { centresOf, isCount, type Matrix, numbersOf, rowsOf, type Vector, vectorOf } from './numbers'
import type { PolicyOptions, Range } from './options'
import { camelError, checked, optionsOf, type Whole } from './settings'
import type { PolicySpec } from './spec'

const FORMAT = 'oo.policy.v1'
/** Fits that are tried before the event loop has to wait for one. */
const TRIES = 4

/** A policy in JSON, in the form of every language. */
export interface PolicyJSON {
  /** `oo.policy.v1`. */
  format: string
  /** Its settings. */
  settings: PolicySpec
  /** The bytes of `save` in base64; `null` for an engine's policy. */
  state: string | null
}

/** What a policy object is made of. */
export type Made = { native: NativeBandit } | { settings: PolicySpec }
/** A class of policies. */
export type PolicyClass<P extends Policy> = { readonly prototype: P; readonly name: string }

const CLASSES = new Map<string, PolicyClass<Policy>>()

/**
 * What all policies do. One row of `X` is one candidate, one column a feature. Without `dim` a policy is settings for an
 * engine, and everything here that needs columns throws.
 */
export abstract class Policy {
  readonly #made: Made
  #held: number | undefined

  /** Subclasses pass what they are made of. */
  protected constructor(made: object) {
    this.#made = made as Made
  }

  /** The policy of settings in the form of `Engine.open` and of HTTP. */
  static ofSettings(settings: PolicySpec, options: PolicyOptions = {}): Policy {
    return made(makingOf(checked(settings), options), Policy)
  }

  /** The number of columns; `undefined` for an engine's policy. */
  get dim(): number | undefined {
    return this.#whole()?.dim
  }

  /** The settings, defaults filled in. */
  get spec(): PolicySpec {
    return 'settings' in this.#made ? structuredClone(this.#made.settings) : this.#whole()!.policy
  }

  /** The options that make such a policy; a range that was `'auto'` is the one the first call fixed. */
  get options(): Record<string, unknown> {
    const whole = this.#whole()
    const arrays: Whole = whole ? { dim: whole.dim, range: whole.range, rewardRange: whole.reward_range } : {}
    return optionsOf(this.spec, arrays)
  }

  /** How many lessons are in it. */
  get lessons(): number {
    return 'settings' in this.#made ? 0 : now(() => this.#native.lessons())
  }

  /** The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order. */
  get stateHash(): string {
    return now(() => this.#native.stateHash())
  }

  /**
   * Draws one of the rows of `X`; or, where `arms` are named and `X` is one row, one of the arms in that context.
   *
   * Throws `InvalidInputError` for no rows, a wrong length, or a number that is not finite or outside the range; `field`
   * names the column.
   */
  decide(X: Matrix | Vector, options: DecideOptions = {}): Decided {
    const asked = this.#asked(X, options)
    const seed = seedOf(options.seed)
    return new Decided(now(() => this.#native.decide(asked.values, asked, asked.arms, seed)))
  }

  /**
   * Decides many times: an array of matrices, a view of (decisions, rows, columns), or a typed array of them with `rows`;
   * or, with `arms`, one context a row.
   */
  decideBatch(X: Matrix | readonly Matrix[] | readonly (readonly (readonly number[])[])[], options: BatchOptions = {}): DecidedBatch {
    const asked = batchOf(X, this.#columns(), options)
    return new DecidedBatch(now(() => this.#native.decideBatch(asked.values, asked, asked.arms)))
  }

  /** Why row `index` of `X` scores as it does. */
  explain(X: Matrix | Vector, index: number, options: RowOptions = {}): Explanation {
    const asked = this.#asked(X, options)
    const rows = asked.context ? asked.armCount : asked.rows
    if (!isCount(index) || (index >= rows && rows > 0)) {
      throw new InvalidInputError(`there is no row ${index}; X has ${rows} rows`, { field: 'index' })
    }
    return now(() => this.#native.explain(asked.values, asked, asked.arms, index))
  }

  /** Learns the reward of a decision of this policy. */
  update(decided: Decided, reward: number): void {
    const handle = decidedHandle(decided)
    if (typeof reward !== 'number') throw new InvalidInputError('pass a number', { field: 'reward' })
    now(() => this.#native.update(handle, reward))
  }

  /** Learns the rewards of what `decideBatch` returned, or of an array of decisions, in their order; all or nothing. */
  updateBatch(decided: DecidedBatch | readonly Decided[], rewards: Vector): void {
    const batch = batchHandle(decided)
    const numbers = vectorOf(rewards, 'rewards')
    if (batch) return now(() => this.#native.updateBatch(batch, numbers))
    if (!Array.isArray(decided)) {
      throw new InvalidInputError('pass what `decideBatch` returned, or an array of what `decide` returned', { field: 'decided' })
    }
    const handles = Array.from(decided as readonly unknown[], (one) => decidedHandle(one))
    now(() => this.#native.updateAll(handles, numbers))
  }

  /**
   * What `decided` would have shown on average, for policies that learn the advantage over doing nothing: `dim` numbers and
   * the probability of doing anything; empty for other policies. As a row of `centres` it makes `learn`, `revise` and
   * `unlearn` of the decided row what `update` was.
   */
  centre(decided: Decided): Float64Array {
    const handle = decidedHandle(decided)
    return now(() => this.#native.centre(handle))
  }

  /**
   * Learns `rewards` of the rows of `X`, in their order; all of them or none. Or, where `X` is what `decideBatch`
   * returned, its rewards.
   */
  learn(X: Matrix | DecidedBatch, rewards: Vector, options: LearnOptions = {}): void {
    if (batchHandle(X)) return this.updateBatch(X as DecidedBatch, rewards)
    const { values, arms, log } = this.#log(X as Matrix, options)
    const numbers = vectorOf(rewards, 'rewards')
    now(() => this.#native.learn(values, numbers, arms, log))
  }

  /**
   * As `learn`, off the event loop. The arrays are copied at once, so they may be changed meanwhile; what the policy learns
   * elsewhere meanwhile is kept. When `signal` fires or `progress` throws, the policy is as it was.
   */
  async fit(X: Matrix, rewards: Vector, options: FitOptions = {}): Promise<void> {
    const { signal, progress, ...rest } = options
    const { values, arms, log } = this.#log(X, rest)
    const numbers = vectorOf(rewards, 'rewards')
    if (progress !== undefined && typeof progress !== 'function') {
      throw new InvalidInputError('progress is a function of (done, total)', { field: 'progress' })
    }
    for (let turn = 0; turn < TRIES; turn++) {
      const fit = now(() => this.#native.fit(values, numbers, arms, log))
      if (await run(fit, signal, progress)) return progress?.(numbers.length, numbers.length)
    }
    now(() => this.#native.learn(values, numbers, arms, log))
  }

  /** Puts `rewards` in the place of `replaced`, with which the rows were learned. */
  revise(X: Matrix, rewards: Vector, replaced: Vector, options: LearnOptions = {}): void {
    const { values, arms, log } = this.#log(X, options)
    const [next, before] = [vectorOf(rewards, 'rewards'), vectorOf(replaced, 'replaced')]
    now(() => this.#native.revise(values, next, before, arms, log))
  }

  /** Takes lessons away again, exactly: the policy that never saw them. */
  unlearn(X: Matrix, rewards: Vector, options: LearnOptions = {}): void {
    const { values, arms, log } = this.#log(X, options)
    const numbers = vectorOf(rewards, 'rewards')
    now(() => this.#native.unlearn(values, numbers, arms, log))
  }

  /** The policy as tagged, versioned, checked bytes; loading them changes no bit. */
  save(): Buffer {
    return now(() => this.#native.save())
  }

  /** The policy that `bytes` were saved from; each class loads its own only. */
  static load<P extends Policy>(this: PolicyClass<P>, bytes: Uint8Array): P {
    if (!(bytes instanceof Uint8Array)) {
      throw new InvalidInputError('pass the bytes that `save` returned', { field: 'bytes' })
    }
    return made({ native: now(() => native.NativeBandit.load(bytes)) }, this, 'bytes')
  }

  /** The policy for `JSON.stringify`: its settings in words, its state in base64. */
  toJSON(): PolicyJSON {
    const state = 'settings' in this.#made ? null : this.save().toString('base64')
    return { format: FORMAT, settings: this.spec, state }
  }

  /** The policy of what `toJSON` returned, or of its text; no bit of it changes. */
  static fromJSON<P extends Policy>(this: PolicyClass<P>, json: string | PolicyJSON): P {
    const { settings, state } = read(json)
    if (state === null) return made({ settings: checked(settings) }, this, 'json')
    return made({ native: now(() => native.NativeBandit.load(Buffer.from(state, 'base64'))) }, this, 'json')
  }

  /** The policy of the lessons of all `policies` together: exact, whatever the order. */
  static merge<P extends Policy>(policies: readonly P[]): P {
    if (!Array.isArray(policies) || !policies.every((policy) => policy instanceof Policy)) {
      throw new InvalidInputError('pass an array of policies', { field: 'policies' })
    }
    const handles = policies.map((policy) => policy.#native)
    return made({ native: now(() => native.NativeBandit.merge(handles)) }, Policy) as P
  }

  get #native(): NativeBandit {
    if ('native' in this.#made) return this.#made.native
    throw new InvalidInputError('a policy on arrays needs the number of columns: pass `dim`', { field: 'dim' })
  }

  #whole(): { policy: PolicySpec; dim: number; range: Range | 'auto'; reward_range: Range } | undefined {
    return 'settings' in this.#made ? undefined : JSON.parse(now(() => this.#native.spec()))
  }

  #columns(): number {
    return (this.#held ??= this.#native.dim)
  }

  #asked(X: Matrix | Vector, options: RowOptions): Asked {
    return askedOf(X, this.#columns(), options)
  }

  #log(X: Matrix, options: LearnOptions) {
    rowsOption(options, ['arms', 'rows', 'people', 'days', 'propensities', 'centres'])
    const numbers = numbersOf(X, 'x')
    const rows = rowsOf(numbers, this.#columns(), options.rows)
    const log = {
      rows,
      people: peopleOf(options.people),
      days: daysOf(options.days),
      propensities: propensitiesOf(options.propensities),
      centres: centresOf(options.centres, this.#columns(), rows),
    }
    return { values: numbers.values, arms: armsOf(options.arms as ArmOptions['arms'])?.handle, log }
  }
}

/** Enters a class for the policies of a kind. */
export function enter(type: string, policy: PolicyClass<Policy>): void {
  CLASSES.set(type, policy)
}

/** What a policy of `settings` is made of. */
export function makingOf(settings: PolicySpec, { dim, range, rewardRange }: Whole): Made {
  if (dim === undefined) {
    const field = range !== undefined ? 'range' : rewardRange !== undefined ? 'rewardRange' : undefined
    if (field === undefined) return { settings }
    throw new InvalidInputError('an engine has ranges of its own; pass `dim`, or leave the range out', { field })
  }
  const spec = wire({ policy: settings, dim, range, reward_range: rewardRange })
  return { native: camelError(() => now(() => native.NativeBandit.create(spec))) }
}

/** A policy object of the class that its settings name. */
function made<P extends Policy>(making: Made, wanted: PolicyClass<P>, field = 'bytes'): P {
  const { type } = 'settings' in making ? making.settings : (JSON.parse(now(() => making.native.spec())) as { policy: PolicySpec }).policy
  const own = (CLASSES.get(type) ?? Policy) as PolicyClass<Policy>
  const policy: Policy = Reflect.construct(Policy, [making], own as unknown as new () => Policy)
  if (policy instanceof (wanted as unknown as new () => P)) return policy
  throw new InvalidInputError(`this is a saved ${own.name}; load it as that`, { field })
}

function read(json: unknown): PolicyJSON {
  const wrong = () => new InvalidInputError("this is no policy's JSON; pass what toJSON returned", { field: 'json' })
  let said = json
  if (typeof json === 'string') {
    try {
      said = JSON.parse(json)
    } catch {
      throw wrong()
    }
  }
  if (typeof said !== 'object' || said === null || (said as PolicyJSON).format !== FORMAT) throw wrong()
  const { settings, state } = said as PolicyJSON
  const isState = state === null || (typeof state === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(state))
  if (!isState || typeof settings !== 'object' || settings === null) throw wrong()
  return said as PolicyJSON
}

/** Runs a fit until it ends, is aborted, or `progress` throws: whether the policy has learned. */
async function run(fit: NativeFit, signal: AbortSignal | undefined, progress: FitOptions['progress']): Promise<boolean> {
  let failed: { error: unknown } | undefined
  let over = false
  const tell = (done: number, total: number): void => {
    if (over || failed || done === total) return
    try {
      progress?.(done, total)
    } catch (error) {
      failed = { error }
      fit.stop()
    }
  }
  const stop = () => fit.stop()
  signal?.addEventListener?.('abort', stop, { once: true })
  try {
    return await abortable(signal, () => fit.run(progress ? tell : undefined))
  } catch (error) {
    throw failed ? failed.error : error
  } finally {
    over = true
    signal?.removeEventListener?.('abort', stop)
  }
}
