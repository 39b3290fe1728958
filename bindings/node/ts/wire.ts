// What crosses to the native half: strict JSON. What JSON would bend in silence is refused by name.
import { InvalidInputError } from './errors'

/** The JSON text of a call's arguments. */
export function wire(args: object): string {
  try {
    return JSON.stringify(args, checked)
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) throw thrown
    throw new InvalidInputError(`the arguments are no JSON: ${(thrown as Error).message}`, { cause: thrown })
  }
}

function checked(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key]
  if (original instanceof Date && Number.isNaN(original.getTime())) {
    throw new InvalidInputError('this is an invalid date; pass a real one, or RFC 3339 text', { field: key })
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new InvalidInputError(`${value} is not a finite number; leave it out when it is unknown`, { field: key })
  }
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    throw new InvalidInputError('the text is not well-formed Unicode: it holds half of a surrogate pair', { field: key })
  }
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') {
    throw new InvalidInputError(`a ${typeof value} cannot be passed here`, { field: key })
  }
  return value
}
