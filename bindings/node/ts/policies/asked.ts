// What a decision is about: rows, or one context for many arms; once or many times.
import type { NativeArms } from '../../native'
import { InvalidInputError } from '../errors'
import { type ArmList, Arms, armsOf } from './arms'
import type { BatchOptions, RowOptions } from './calls'
import { dayOf, daysOf, peopleOf, personOf, seedsOf } from './moments'
import { isCount, type Numbers, numbersOf, rowsOf } from './numbers'

/** Rows as the native half takes them. */
export interface Asked {
  values: Float64Array
  rows: number
  context: boolean
  arms: NativeArms | undefined
  armCount: number
  person?: string
  day: number
}

/** Many decisions as the native half takes them. */
export interface AskedBatch {
  values: Float64Array
  rows: number[]
  contexts: boolean
  arms: NativeArms[]
  seeds: string[]
  people: string[]
  days: number[]
}

const DECIDE = ['arms', 'rows', 'seed', 'person', 'day']
const BATCH = ['arms', 'rows', 'seed', 'people', 'days']

/** Reads what one decision is about. */
export function askedOf(X: unknown, columns: number, options: RowOptions): Asked {
  rowsOption(options, DECIDE)
  const numbers = numbersOf(X, 'x')
  const arms = armsOf(options.arms)
  const context = arms !== undefined && options.rows === undefined && isContext(numbers, columns, arms.length)
  const rows = context ? 1 : rowsOf(numbers, columns, options.rows)
  const person = personOf(options.person)
  const asked = { values: numbers.values, rows, context, arms: arms?.handle, armCount: arms?.length ?? 0, day: dayOf(options.day) }
  return person === undefined ? asked : { ...asked, person }
}

/** Reads what many decisions are about. */
export function batchOf(X: unknown, columns: number, options: BatchOptions): AskedBatch {
  rowsOption(options, BATCH)
  const each = Array.isArray(options.arms) && options.arms.some((one) => Array.isArray(one) || one instanceof Arms)
  const shared = each ? undefined : armsOf(options.arms as ArmList | undefined)
  const { values, rows, contexts } = decisionsOf(X, columns, options.rows, shared?.length)
  const [people, days] = [peopleOf(options.people), [...daysOf(options.days)]]
  for (const [field, { length }] of Object.entries({ people, days })) {
    if (length > 1 && length !== rows.length) {
      throw new InvalidInputError(`${rows.length} decisions need one or ${rows.length} of them, not ${length}`, { field })
    }
  }
  const arms = each ? Array.from(options.arms as readonly ArmList[], armsOfDecision) : shared ? [shared.handle] : []
  if (each && arms.length !== rows.length) {
    throw new InvalidInputError('each decision needs its arms', { field: 'arms' })
  }
  return { values, rows, contexts, arms, seeds: seedsOf(options.seed, rows.length), people, days }
}

/** The arms of decision `place`, which must name them where others do. */
function armsOfDecision(one: ArmList | undefined, place: number): NativeArms {
  return ofDecision(place, () => {
    const arms = armsOf(one)
    if (!arms) throw new InvalidInputError('each decision needs its arms', { field: 'arms' })
    return arms.handle
  })
}

/** Reads what is of decision `place`; an error says so. */
function ofDecision<T>(place: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    throw new InvalidInputError(`decision ${place}: ${error.message}`, error.field === undefined ? {} : { field: error.field })
  }
}

/** Refuses options that are misspelt. */
export function rowsOption(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidInputError('options are an object', { field: 'options' })
  }
  for (const name in options) {
    if (!known.includes(name)) {
      throw new InvalidInputError(`there is no option ${JSON.stringify(name)}; there are ${known.join(', ')}`, { field: name })
    }
  }
}

/** Whether numbers are one context of so many arms, and not a row for each. */
function isContext({ values, shape }: Numbers, columns: number, arms: number): boolean {
  if (shape) return shape.length === 1 && shape[0] === columns
  return values.length === columns && arms !== 1
}

function decisionsOf(
  X: unknown,
  columns: number,
  rows: number | undefined,
  arms: number | undefined,
): Pick<AskedBatch, 'values' | 'rows' | 'contexts'> {
  const wrong = (message: string) => new InvalidInputError(message, { field: 'x' })
  if (rows !== undefined && !isCount(rows)) throw new InvalidInputError('rows are a whole number', { field: 'rows' })
  const first: unknown = Array.isArray(X) ? X[0] : undefined
  if (Array.isArray(X) && X.length > 0 && isMatrix(first, columns, arms)) {
    const all = Array.from(X, (matrix, place) => ofDecision(place, () => numbersOf(matrix, 'x')))
    const counts = all.map((numbers, place) => ofDecision(place, () => rowsOf(numbers, columns, rows)))
    const values = new Float64Array(counts.reduce((size, count) => size + count * columns, 0))
    let end = 0
    for (const [place, numbers] of all.entries()) {
      if (numbers.values.length !== counts[place]! * columns) {
        throw wrong(`matrix ${place} has rows of ${columns} numbers and a part of one`)
      }
      values.set(numbers.values, end)
      end += numbers.values.length
    }
    return { values, rows: counts, contexts: false }
  }
  const numbers = numbersOf(X, 'x')
  const { values, shape } = numbers
  if (shape?.length === 3 || (!shape && rows !== undefined)) {
    const size = shape ? shape[1]! : rows!
    if (shape && shape[0] !== 0 && shape[2] !== columns) {
      throw wrong(`it has ${shape[2]} columns and the policy ${columns}; pass dim: ${shape[2]} or the right columns`)
    }
    const decisions = shape ? shape[0]! : values.length / (rows! * columns)
    if (!Number.isInteger(decisions)) {
      throw wrong(`${values.length} numbers are no whole number of decisions of ${size} rows of ${columns} columns`)
    }
    return { values, rows: new Array(decisions).fill(size), contexts: false }
  }
  if (arms !== undefined && (!shape || shape.length === 2)) {
    const decisions = rowsOf(numbers, columns, rows)
    if (values.length !== decisions * columns) {
      throw wrong(`${values.length} numbers are no whole number of contexts of ${columns}`)
    }
    return { values, rows: new Array(decisions).fill(1), contexts: true }
  }
  if (shape?.[0] === 0) return { values, rows: [], contexts: false }
  throw wrong('pass an array of matrices, a typed array with `rows`, or with `arms` one context a row')
}

/** Whether the first of several is a matrix, and not a context. */
function isMatrix(first: unknown, columns: number, arms: number | undefined): boolean {
  if (Array.isArray(first)) return typeof first[0] === 'object'
  if (typeof first !== 'object' || first === null) return false
  if ('shape' in first) return true
  return ArrayBuffer.isView(first) && (arms === undefined || (first as unknown as ArrayLike<number>).length !== columns)
}
