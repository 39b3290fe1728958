// Featurisers in JavaScript: features of candidates that you compute, appended to the engine's schema.
import type { NativeQuestion } from '../../native'
import { InvalidInputError } from '../errors'
import type { FeatureSpec } from '../options'
import { type Matrix, numbersOf, rowsOf } from '../policies/numbers'
import { answering } from './answering'
import type { SourceContext } from './sources'

/** What a featuriser is asked about. */
export type FeaturiserContext = Omit<SourceContext, 'limit'>

/** A candidate as a featuriser sees it. One whose text is sealed has no `content`. */
export interface OfferedCandidate {
  /** The source's own id of it. */
  id: string
  /** What the person reads. */
  content: string
  /** To-do or advice. */
  kind: 'todo' | 'advice'
  /** The category, such as `focus`. */
  category: string
  /** The source that offers it. */
  source: string
  /** The arm it is to policies. */
  arm: string
  /** When it is due: an ISO date or RFC 3339. */
  due: string | null
  /** When it stops being of use, RFC 3339. */
  expires: string | null
  /** How many minutes it takes. */
  effort_min: number | null
  /** 1 (most urgent) to 4. */
  priority: number | null
  /** The parts of the day it suits. */
  times: string[]
  /** How many words it has. */
  words: number
}

/** Computes features of candidates. One that throws, answers nonsense or is late is missing, and counted. */
export interface Featuriser {
  /** Its stable name; the feature `NAME_missing` is 1 where it failed. */
  name: string
  /** Its features, in order. */
  features: readonly FeatureSpec[]
  /** One row a candidate, one number a feature, at once or later; what lies outside its range is held to it and counted. */
  values(context: FeaturiserContext, candidates: readonly OfferedCandidate[]): Matrix | Promise<Matrix>
}

/** What featurisers declare to the native half, and the functions that answer for them. */
export function featurisersOf(given: readonly Featuriser[]): {
  declared: { name: string; features: readonly FeatureSpec[] }[]
  functions: ((question: NativeQuestion) => void)[]
} {
  const wrong = (message: string) => new InvalidInputError(message, { field: 'featurisers' })
  if (!Array.isArray(given)) throw wrong('featurisers are an array of { name, features, values }')
  const declared = given.map((featuriser) => {
    const { name, features } = featuriser ?? {}
    if (typeof name !== 'string' || name === '' || !Array.isArray(features) || typeof featuriser.values !== 'function') {
      throw wrong('a featuriser has a name, an array `features` and a function `values`')
    }
    return { name, features }
  })
  return { declared, functions: given.map(answeringOf) }
}

function answeringOf(featuriser: Featuriser): (question: NativeQuestion) => void {
  const values = async ({ context, candidates }: { context: FeaturiserContext; candidates: OfferedCandidate[] }) => {
    const numbers = numbersOf(await featuriser.values(context, candidates), 'values')
    const rows = rowsOf(numbers, featuriser.features.length, undefined, 'values')
    if (rows !== candidates.length) throw new TypeError(`${candidates.length} candidates need a row each, not ${rows}`)
    return { numbers: numbers.values }
  }
  return answering(`the featuriser ${JSON.stringify(featuriser.name)}`, { values })
}
