// What a policy decided, once or many times.
import type { NativeBatch, NativeDecided } from '../../native'
import { InvalidInputError } from '../errors'

/** The native half of what `decide` returned. */
export let decidedHandle: (decided: unknown) => NativeDecided
/** The native half of what `decideBatch` returned; nothing for anything else. */
export let batchHandle: (decided: unknown) => NativeBatch | undefined

/** A decision as plain data, with the names of the JSON form. */
export interface DecidedJSON {
  /** The drawn row. */
  index: number
  /** Its arm. */
  arm: string
  /** Its probability. */
  propensity: number
  /** The probability of each row. */
  pmf: number[]
  /** The score of each row. */
  scores: number[]
  /** Whether the probabilities are an estimate. */
  estimated: boolean
  /** The rows whose score is only an upper bound. */
  bounded: number[]
}

/** One decision of a policy. Pass it to `update` with its reward. */
export class Decided {
  readonly #native: NativeDecided
  /** The drawn row. */
  readonly index: number
  /** Its probability, from before the draw. */
  readonly propensity: number
  #pmf: Float64Array | undefined
  #scores: Float64Array | undefined

  /** Policies make them. */
  constructor(handle: object) {
    this.#native = handle as NativeDecided
    this.index = this.#native.index
    this.propensity = this.#native.propensity
  }

  /** The arm of the drawn row; its number when none were named. */
  get arm(): string {
    return this.#native.arm
  }

  /** The probability of each row. */
  get pmf(): Float64Array {
    return (this.#pmf ??= this.#native.pmf())
  }

  /** The score of each row. */
  get scores(): Float64Array {
    return (this.#scores ??= this.#native.scores())
  }

  /** Whether the probabilities are an estimate of the policy's own; they are what was drawn from. */
  get estimated(): boolean {
    return this.#native.estimated
  }

  /** The rows whose score is only an upper bound, because they could not win; empty for most decisions. */
  get bounded(): Uint32Array {
    return this.#native.bounded()
  }

  /** As plain data. */
  toJSON(): DecidedJSON {
    const { index, arm, propensity, pmf, scores, estimated, bounded } = this
    return { index, arm, propensity, pmf: [...pmf], scores: [...scores], estimated, bounded: [...bounded] }
  }

  static {
    decidedHandle = (decided) => {
      if (typeof decided === 'object' && decided !== null && #native in decided) return decided.#native
      throw new InvalidInputError('pass what `decide` returned; learn(X, rewards) takes rows', { field: 'decided' })
    }
  }
}

/** The decisions of `decideBatch`. Pass it to `updateBatch` with their rewards. */
export class DecidedBatch implements Iterable<Decided> {
  readonly #native: NativeBatch

  /** Policies make them. */
  constructor(handle: object) {
    this.#native = handle as NativeBatch
  }

  /** How many decisions there are. */
  get length(): number {
    return this.#native.length
  }

  /** The drawn row of each decision. */
  get index(): Uint32Array {
    return this.#native.indices()
  }

  /** The probability of each drawn row, from before the draw. */
  get propensity(): Float64Array {
    return this.#native.propensities()
  }

  /** The arm of each drawn row. */
  get arm(): string[] {
    return this.#native.arms()
  }

  /** How many rows each decision had. */
  get rows(): Uint32Array {
    return this.#native.rows()
  }

  /** The probability of each row, decision by decision. */
  get pmf(): Float64Array {
    return this.#native.pmf()
  }

  /** The score of each row, decision by decision. */
  get scores(): Float64Array {
    return this.#native.scores()
  }

  /** Whether the probabilities of each decision are an estimate. */
  get estimated(): boolean[] {
    return this.#native.estimated()
  }

  /** The rows of each decision whose score is only an upper bound. */
  get bounded(): Uint32Array[] {
    return this.#native.bounded()
  }

  /** Decision `place`, counted from the end where it is negative; `undefined` when there is none. */
  at(place: number): Decided | undefined {
    const from = Math.trunc(place) + (place < 0 ? this.length : 0)
    const handle = from >= 0 && from < this.length ? this.#native.at(from) : null
    return handle ? new Decided(handle) : undefined
  }

  /** Decision by decision. */
  *[Symbol.iterator](): IterableIterator<Decided> {
    for (let place = 0; place < this.length; place++) yield this.at(place)!
  }

  static {
    batchHandle = (decided) =>
      typeof decided === 'object' && decided !== null && #native in decided ? decided.#native : undefined
  }
}
