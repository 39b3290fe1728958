// Policies in JavaScript: the engine teaches them from the log, saves them, and checks every probability they state.
import type { Explanation, NativeQuestion } from '../../native'
import { InvalidInputError } from '../errors'
import { vectorOf, type Vector } from '../policies/numbers'
import { wire } from '../wire'
import { answering, type Answering, type Said } from './answering'

/** The candidates of one decision as a policy sees them. */
export interface Actions {
  /** One row a candidate, one number a feature of the schema. */
  X: readonly Float64Array[]
  /** The arm of each row. */
  arms: readonly string[]
  /** Whose decision it is, as the log knows them. */
  person: string | null
  /** The UTC day of the decision, counted from 1970-01-01. */
  day: number
}

/** A decision's drawn candidate and the reward it got. */
export interface Lesson {
  /** The drawn candidate's features. */
  x: Float64Array
  /** Its arm. */
  arm: string
  /** The reward. */
  reward: number
  /** The reward that this one takes the place of, when it is a revision. */
  replaces: number | null
  /** Whose decision it was, as the log knows them. */
  person: string | null
  /** The logged probability of the drawn candidate. */
  propensity: number
  /** The UTC day of the decision. */
  day: number
  /** The decision's id. */
  decision: string
}

/** What a policy states of a decision. */
export interface Distribution {
  /** A probability for each row; they sum to 1 within 1e-9. */
  pmf: Vector
  /** A score for each row; the probabilities, when left out. */
  scores?: Vector | undefined
}

/**
 * A policy of your own. Its methods answer at once or later, within `timeBudgetMs`; do not call the engine from inside
 * them. It has `learned` or `learn`, and `load`, which may be a static method of its class.
 */
export interface CustomPolicy {
  /** Its stable name, the `type` in the log. */
  name: string
  /** Whether the same lessons give the same probabilities, bit for bit; only then `replay` compares them. */
  replays: boolean
  /** Data that it is made of. With other settings than the stored ones it is taught from the log and takes over. */
  settings?: object | undefined
  /** A score and a probability for each row. */
  distribution(actions: Actions): Distribution | Promise<Distribution>
  /** The policy after `lessons`; changes nothing. */
  learned?(lessons: readonly Lesson[]): CustomPolicy | Promise<CustomPolicy>
  /** Learns in place: on a copy, which the engine makes with `save` and `load`. */
  learn?(lessons: readonly Lesson[]): void | Promise<void>
  /** The policy that never saw `lessons`. Without it the policy is rebuilt from the log when a person is forgotten. */
  unlearned?(lessons: readonly Lesson[]): CustomPolicy | Promise<CustomPolicy>
  /** What each column contributed to the score of row `index`, or an explanation with all its parts. */
  explain?(actions: Actions, index: number): Vector | Explanation | Promise<Vector | Explanation>
  /** The state, for snapshots. */
  save(): Uint8Array | Promise<Uint8Array>
  /** The policy that `bytes` were saved from. */
  load?(bytes: Uint8Array): CustomPolicy | Promise<CustomPolicy>
}

/** What a policy declares to the native half. */
export interface Declared {
  name: string
  settings: string
  replays: boolean
  explains: boolean
  unlearns: boolean
}

/** Whether `given` is a policy of the caller's own. */
export function isCustom(given: unknown): given is CustomPolicy {
  return typeof given === 'object' && given !== null && typeof (given as CustomPolicy).distribution === 'function'
}

/** What `policy` declares, and the function that answers for it and its successors. */
export function policyOf(policy: CustomPolicy): { declared: Declared; function: (question: NativeQuestion) => void } {
  const wrong = (message: string) => new InvalidInputError(message, { field: 'policy' })
  const { name, replays, settings = {} } = policy
  if (typeof name !== 'string' || name === '') throw wrong('a policy of your own has a `name`')
  const said = `the policy ${JSON.stringify(name)}`
  if (typeof policy.save !== 'function') throw wrong(`${said} has no method save`)
  if (!loaderOf(policy)) throw wrong(`${said} has no method load, nor has its class`)
  if (typeof policy.learned !== 'function' && typeof policy.learn !== 'function') {
    throw wrong(`${said} has neither learned(lessons) nor learn(lessons)`)
  }
  if (typeof replays !== 'boolean') throw wrong(`${said} does not declare \`replays\`, true or false`)
  if (typeof settings !== 'object' || settings === null) throw wrong(`the settings of ${said} are no object`)
  const explains = typeof policy.explain === 'function'
  const unlearns = typeof policy.unlearned === 'function'
  const declared = { name, settings: wire(sorted(settings)), replays, explains, unlearns }
  return { declared, function: answering(said, verbs(policy)) }
}

type Of = { policy: number }

/** The verbs of a policy and of its successors, which are kept here by number until the engine lets them go. */
function verbs(prototype: CustomPolicy): Record<string, Answering> {
  const kept = new Map<number, CustomPolicy>()
  let next = 0
  const of = ({ policy }: Of): CustomPolicy => {
    const known = kept.get(policy)
    if (!known) throw new Error('the policy was let go; report this as a defect of oO')
    return known
  }
  const keep = async (policy: CustomPolicy): Promise<Said> => {
    const bytes = await saved(policy)
    const number = next++
    kept.set(number, policy)
    return { about: number, bytes, late: () => kept.delete(number) }
  }
  return {
    fresh: () => keep(prototype),
    load: async (_: never, question) => keep(await load(prototype, question.bytes())),
    release: ({ policy }: Of) => (kept.delete(policy), {}),
    distribution: async (about: Of & Omit<Actions, 'X'>, question) => {
      const { pmf, scores = pmf } = await of(about).distribution(actions(about, question))
      return { numbers: vectorOf(scores, 'scores'), more: vectorOf(pmf, 'pmf') }
    },
    learned: async (about: Of & { lessons: Lesson[] }, question) => {
      const policy = of(about)
      const given = lessons(about.lessons, question)
      if (typeof policy.learned === 'function') return keep(checked(await policy.learned(given)))
      const after = await load(policy, await saved(policy))
      await after.learn!(given)
      return keep(after)
    },
    unlearned: async (about: Of & { lessons: Lesson[] }, question) => {
      const after = await of(about).unlearned!(lessons(about.lessons, question))
      return after === null || after === undefined ? {} : keep(checked(after))
    },
    explain: async (about: Of & Omit<Actions, 'X'> & { index: number }, question) => {
      const said = await of(about).explain!(actions(about, question), about.index)
      if (said === null || said === undefined) return {}
      const parts = 'contributions' in said ? said : { contributions: said, intercept: 0, mean: 0, width: 0, score: 0 }
      const { contributions, intercept, mean, width, score } = parts
      for (const part of [intercept, mean, width, score]) {
        if (!Number.isFinite(part)) throw new TypeError('the parts of an explanation are finite numbers')
      }
      return { about: { contributions: [...vectorOf(contributions, 'contributions')], intercept, mean, width, score } }
    },
  }
}

function actions({ arms, person, day }: Omit<Actions, 'X'>, question: NativeQuestion): Actions {
  return { X: split(question.numbers(), arms.length), arms, person, day }
}

function lessons(given: readonly Lesson[], question: NativeQuestion): Lesson[] {
  const X = split(question.numbers(), given.length)
  return given.map((lesson, row) => ({ ...lesson, x: X[row]! }))
}

function split(values: Float64Array, rows: number): Float64Array[] {
  const columns = values.length / Math.max(rows, 1)
  return Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns))
}

async function saved(policy: CustomPolicy): Promise<Uint8Array> {
  const bytes = await policy.save()
  if (bytes instanceof Uint8Array) return bytes
  throw new TypeError('save() has to return a Uint8Array')
}

function loaderOf(policy: CustomPolicy): CustomPolicy['load'] {
  if (typeof policy.load === 'function') return policy.load.bind(policy)
  const Class = policy.constructor as unknown as CustomPolicy
  return typeof Class?.load === 'function' ? Class.load.bind(Class) : undefined
}

async function load(policy: CustomPolicy, bytes: Uint8Array): Promise<CustomPolicy> {
  return checked(await loaderOf(policy)!(bytes))
}

function checked(policy: CustomPolicy): CustomPolicy {
  if (isCustom(policy)) return policy
  throw new TypeError('learned, unlearned and load have to return a policy')
}

/** The same settings with their names in order: what differs in order alone is the same. */
function sorted(settings: object): object {
  return Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
}
