// Numbers from JavaScript. A Float64Array, or a part of one, is taken as it is, without a copy; other typed arrays,
// nested arrays and strided views are converted to one. What holds anything but numbers is refused by name.
import { types } from 'node:util'

import { InvalidInputError } from '../errors'

/** Typed arrays of numbers; only a Float64Array is taken without a copy. */
export type TypedNumbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

/** A view with a shape, as npm's `ndarray` is: element (i, j) is `data[offset + i·stride[0] + j·stride[1]]`. */
export interface View {
  /** The numbers. */
  data: TypedNumbers | readonly number[]
  /** How many there are along each axis. */
  shape: readonly number[]
  /** How far the next one lies along each axis; row by row, without gaps, when left out. */
  stride?: readonly number[] | undefined
  /** Where the first one lies; 0 when left out. */
  offset?: number | undefined
}

/** One number after the other. */
export type Vector = TypedNumbers | readonly number[] | View

/** Rows of numbers: one typed array, row by row; an array of rows; or a view. */
export type Matrix = TypedNumbers | readonly (readonly number[] | TypedNumbers)[] | View

/** Numbers row by row, and their shape where they say it: a typed array alone does not. */
export interface Numbers {
  readonly values: Float64Array
  readonly shape: readonly number[] | undefined
}

/** The numbers of `given`. */
export function numbersOf(given: unknown, field: string): Numbers {
  if (types.isTypedArray(given)) return { values: float64(given, field), shape: undefined }
  if (Array.isArray(given)) return nested(given, field)
  if (typeof given === 'object' && given !== null && 'data' in given && 'shape' in given) return viewed(given as View, field)
  throw new InvalidInputError('pass a Float64Array, row by row, or an array of rows', { field })
}

/** The numbers of `given`, one after the other. */
export function vectorOf(given: unknown, field: string): Float64Array {
  const { values, shape } = numbersOf(given, field)
  if (shape && shape.length !== 1) throw new InvalidInputError('the array must be flat: one number a row', { field })
  return values
}

/** Rows of `columns` numbers: of which a typed array has as many as it holds, and `rows` says how many there must be. */
export function rowsOf({ values, shape }: Numbers, columns: number, rows: number | undefined, field = 'x'): number {
  if (shape && !(shape.length === 2 || shape[0] === 0)) {
    throw new InvalidInputError('the array must be rows of numbers: one row a candidate, one column a feature', { field })
  }
  if (shape && shape[0] !== 0 && shape[1] !== columns) {
    const message = `it has ${shape[1]} columns and the policy ${columns}; pass dim: ${shape[1]} or the right columns`
    throw new InvalidInputError(message, { field })
  }
  const held = shape ? shape[0]! : Math.ceil(values.length / columns)
  if (rows === undefined) return held
  if (!isCount(rows)) throw new InvalidInputError('rows are a whole number', { field: 'rows' })
  if (shape && held !== rows) throw new InvalidInputError(`it has ${held} rows, not ${rows}`, { field })
  return rows
}

/** Centres of rows: one of `columns` numbers and one more for each. */
export function centresOf(given: Matrix | undefined, columns: number, rows: number): Float64Array {
  if (given === undefined) return new Float64Array(0)
  const { values, shape } = numbersOf(given, 'centres')
  const fits = shape ? shape.length === 2 && shape[0] === rows && shape[1] === columns + 1 : values.length === rows * (columns + 1)
  if (fits || (rows === 0 && values.length === 0)) return values
  const message = `${rows} rows of ${columns} columns have ${rows} centres of ${columns + 1} numbers, as \`centre\` gives them`
  throw new InvalidInputError(message, { field: 'centres' })
}

/** Whether `given` is a whole number that can be a length. */
export function isCount(given: unknown): given is number {
  return typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= 0xffff_ffff
}

function float64(given: NodeJS.TypedArray, field: string): Float64Array {
  if (types.isBigInt64Array(given) || types.isBigUint64Array(given)) {
    throw new InvalidInputError('an array of bigints holds no plain numbers; convert it to a Float64Array', { field })
  }
  if (Buffer.isBuffer(given)) {
    throw new InvalidInputError('a Buffer is bytes; pass a typed array over its memory, such as a Float64Array', { field })
  }
  if (given.length === 0 && isDetached(given.buffer)) {
    throw new InvalidInputError('the memory of this array was transferred away; pass one that still has its numbers', { field })
  }
  // Memory that another thread may write meanwhile is copied first.
  if (types.isFloat64Array(given) && !types.isSharedArrayBuffer(given.buffer)) return given
  return new Float64Array(given)
}

/** Whether `buffer` was transferred to somebody else; nothing can be made over it then. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}

/** Arrays in arrays, all of one length on each level. */
function nested(given: readonly unknown[], field: string): Numbers {
  const shape: number[] = []
  // An array may hold itself.
  for (let level: unknown = given; isList(level); level = level[0]) {
    if (shape.push(level.length) > 3) throw new InvalidInputError('the arrays are nested too deeply', { field })
  }
  const values = new Float64Array(shape.reduce((size, length) => size * length, 1))
  let end = 0
  const read = (level: unknown, depth: number, place: string): void => {
    if (depth === shape.length) {
      if (typeof level !== 'number') throw new InvalidInputError(`${place} is ${said(level)}, not a number`, { field })
      values[end++] = level
    } else if (!isList(level) || level.length !== shape[depth]) {
      throw new InvalidInputError(`${place} is no array of ${shape[depth]}; all rows have the same length`, { field })
    } else if (types.isTypedArray(level)) {
      values.set(float64(level as NodeJS.TypedArray, field), end)
      end += level.length
    } else {
      // By index: a hole is no number either.
      for (let index = 0; index < level.length; index++) {
        read(level[index], depth + 1, depth === 0 ? `row ${index}` : `${place}, column ${index}`)
      }
    }
  }
  read(given, 0, 'the array')
  return { values, shape }
}

/** A view: without a copy where it has no gaps. */
function viewed({ data, shape, stride, offset = 0 }: View, field: string): Numbers {
  const wrong = (message: string) => new InvalidInputError(message, { field })
  // A view of a view may be one of itself.
  if (!isList(data)) throw wrong("a view's data is flat")
  const { values, shape: flat } = numbersOf(data, field)
  if (flat && flat.length !== 1) throw wrong("a view's data is flat")
  if (!Array.isArray(shape) || shape.length > 3 || !shape.every(isCount)) throw wrong("a view's shape is at most three lengths")
  const whole: number[] = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, 1))
  const strides: readonly number[] = stride ?? whole
  if (!Array.isArray(strides) || strides.length !== shape.length || !strides.every(Number.isInteger) || !Number.isInteger(offset)) {
    throw wrong('a view has a whole stride for each axis, and a whole offset')
  }
  const size = shape.reduce((size, length) => size * length, 1)
  if (size === 0) return { values: new Float64Array(0), shape }
  const reach = (far: boolean) =>
    shape.reduce((end, length, axis) => end + (strides[axis]! > 0 === far ? (length - 1) * strides[axis]! : 0), offset)
  if (reach(false) < 0 || reach(true) >= values.length) throw wrong('the view reaches beyond its data')
  if (strides.every((step, axis) => step === whole[axis] || shape[axis] === 1)) {
    return { values: values.subarray(offset, offset + size), shape }
  }
  const out = new Float64Array(size)
  let end = 0
  const gather = (axis: number, at: number): void => {
    if (axis === shape.length) out[end++] = values[at]!
    else for (let index = 0; index < shape[axis]!; index++) gather(axis + 1, at + index * strides[axis]!)
  }
  gather(0, offset)
  return { values: out, shape }
}

function isList(given: unknown): given is ArrayLike<unknown> {
  return Array.isArray(given) || types.isTypedArray(given)
}

function said(given: unknown): string {
  return given === undefined ? 'missing' : given === null ? 'null' : typeof given === 'object' ? 'an object' : `a ${typeof given}`
}
