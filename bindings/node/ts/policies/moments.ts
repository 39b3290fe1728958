// Whose rows they are, of which day, and how a draw is seeded.
import { randomBytes } from 'node:crypto'

import { InvalidInputError } from '../errors'
import { type Arm, isArm } from './arms'
import { numbersOf, type TypedNumbers, vectorOf, type Vector } from './numbers'

const DAY_MS = 86_400_000

/** A person, by your id of them. */
export type Person = Arm

/** A UTC day: a whole number since 1970-01-01, or a Date. */
export type Day = number | Date

/** The seed of a draw: a whole number from 0 to 2⁶⁴−1 (a bigint beyond 2⁵³), or a UUID. */
export type Seed = number | bigint | string

/** The person of a decision. */
export function personOf(given: Person | undefined): string | undefined {
  return given === undefined ? undefined : named(given, 'person')
}

/** The people of rows: one for all, or one a row. */
export function peopleOf(given: Person | readonly Person[] | undefined): string[] {
  if (given === undefined) return []
  return Array.isArray(given) ? Array.from(given, (one) => named(one, 'people')) : [named(given as Person, 'people')]
}

/** The day of a decision; day 0 when left out. */
export function dayOf(given: Day | undefined): number {
  return given === undefined ? 0 : day(given, 'day')
}

/** The days of rows: one for all, or one a row. */
export function daysOf(given: Day | readonly Day[] | TypedNumbers | undefined): Int32Array {
  if (given === undefined) return new Int32Array(0)
  if (typeof given === 'number' || given instanceof Date) return Int32Array.of(day(given, 'days'))
  const all = Array.isArray(given) ? Array.from(given as Day[]) : numbersOf(given, 'days').values
  return Int32Array.from(all, (one) => day(one, 'days'))
}

/** The probabilities of rows when they were drawn: one for all, or one a row. */
export function propensitiesOf(given: number | Vector | undefined): Float64Array {
  if (given === undefined) return new Float64Array(0)
  return typeof given === 'number' ? Float64Array.of(given) : vectorOf(given, 'propensities')
}

/** The seed of a decision; random when left out. */
export function seedOf(given: Seed | undefined): bigint | string {
  if (given === undefined) return randomBytes(8).readBigUInt64LE()
  if (typeof given === 'number' && Number.isSafeInteger(given)) return BigInt(given)
  if (typeof given === 'bigint' || typeof given === 'string') return given
  throw new InvalidInputError('a seed is a whole number from 0 to 2**64 - 1 (a bigint beyond 2**53), or a UUID', {
    field: 'seed',
  })
}

/** A seed for each of `count` decisions: a number is decision 0's, the next is decision 1's; or one a decision. */
export function seedsOf(given: Seed | readonly Seed[] | undefined, count: number): string[] {
  const text = (seed: bigint | string) => (typeof seed === 'bigint' ? `#${seed}` : seed.replace(/^#/, '?'))
  if (!Array.isArray(given)) {
    const first = seedOf(given as Seed | undefined)
    if (typeof first === 'bigint') {
      // Beyond the last seed comes the first; one that is none is said to be none.
      const wraps = first >= 0n && first < 1n << 64n
      return Array.from({ length: count }, (_, n) => text(wraps ? BigInt.asUintN(64, first + BigInt(n)) : first))
    }
    if (count === 1) return [text(first)]
    throw new InvalidInputError("one UUID is one decision's; pass an array of them, or a number", { field: 'seed' })
  }
  if (given.length !== count) {
    throw new InvalidInputError(`${count} decisions need one or ${count} seeds, not ${given.length}`, { field: 'seed' })
  }
  return Array.from(given as Seed[], (seed) => {
    if (seed === undefined) throw new InvalidInputError('a seed is missing', { field: 'seed' })
    return text(seedOf(seed))
  })
}

function named(given: unknown, field: string): string {
  if (!isArm(given)) throw new InvalidInputError('a person is a text or a whole number', { field })
  return String(given)
}

function day(given: unknown, field: string): number {
  const day = given instanceof Date ? Math.floor(given.getTime() / DAY_MS) : given
  if (typeof day === 'number' && day === Math.trunc(day) && Math.abs(day) < 2 ** 31) return day
  throw new InvalidInputError('a day is a whole number since 1970-01-01 or a Date; one, or one a row', { field })
}
