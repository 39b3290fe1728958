// Arms: texts or whole numbers, read once.
import type { NativeArms } from '../../native'
import { InvalidInputError } from '../errors'
import { native } from '../native'

/** The name of an arm. */
export type Arm = string | number

/** The arms of a policy's decisions, read once: pass it as `arms` in a loop. */
export class Arms {
  /** The names, as texts. */
  readonly names: readonly string[]

  constructor(arms: readonly Arm[]) {
    this.names = Object.freeze(namesOf(arms))
    handles.set(this, native.NativeArms.of([...this.names]))
  }

  /** How many there are. */
  get length(): number {
    return this.names.length
  }
}

const handles = new WeakMap<Arms, NativeArms>()
let last: { given: readonly Arm[]; handle: NativeArms } | undefined

/** What is taken as arms. */
export type ArmList = readonly Arm[] | Arms

/** The native half of arms that may not be named, and how many there are. */
export function armsOf(given: ArmList | undefined): { handle: NativeArms; length: number } | undefined {
  if (given === undefined) return undefined
  if (given instanceof Arms) return { handle: handles.get(given)!, length: given.length }
  // The same names as the last time need not be read again.
  if (!last || !Array.isArray(given) || given.length !== last.given.length || !last.given.every((arm, n) => arm === given[n])) {
    last = { handle: native.NativeArms.of(namesOf(given)), given: [...given] }
  }
  return { handle: last.handle, length: given.length }
}

/** The names of arms, as texts. */
export function namesOf(given: ArmList): string[] {
  if (given instanceof Arms) return [...given.names]
  // `every` would pass over holes.
  if (!Array.isArray(given) || !Array.from(given).every(isArm)) {
    throw new InvalidInputError('arms are an array of texts or whole numbers, one a row', { field: 'arms' })
  }
  return given.map(String)
}

/** Whether `given` names an arm or a person: well-formed text or a whole number. */
export function isArm(given: unknown): given is Arm {
  return typeof given === 'string' ? !/\p{Surrogate}/u.test(given) : Number.isSafeInteger(given)
}
