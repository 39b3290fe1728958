// Typed errors: one class for each kind of the engine's errors, under one base class.

/** The kinds of errors; the same names as in Rust, in Python and over HTTP. */
export type ErrorCode =
  | 'invalid_input'
  | 'not_found'
  | 'denied'
  | 'incompatible'
  | 'busy'
  | 'storage'
  | 'key'
  | 'internal'

/** What an error carries besides its message. */
export interface ErrorDetail {
  /** The field of the input that is wrong. */
  field?: string
  /** What it follows from. */
  cause?: unknown
}

/** The base of oO's errors: its message says what is wrong and what to do next. */
export class OoError extends Error {
  /** What to do next, as a stable name. */
  readonly code: ErrorCode
  /** The field of the input that is wrong, where one is. */
  readonly field: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.field = detail.field
  }
}

/** The call itself is wrong: correct it; a retry will not help. */
export class InvalidInputError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('invalid_input', message, detail)
  }
}

/** There is no such thing: check the id. */
export class NotFoundError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('not_found', message, detail)
  }
}

/** The person has not agreed to this kind of signal: ask them, then record their consent. */
export class DeniedError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('denied', message, detail)
  }
}

/** Two things do not fit, such as a saved policy or a database of a newer version: migrate, or upgrade oO. */
export class IncompatibleError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('incompatible', message, detail)
  }
}

/** The store is locked, or the engine overloaded or out of time: try again later. */
export class BusyError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('busy', message, detail)
  }
}

/** The storage failed: full, read-only, corrupted or gone. Mend it; nothing acknowledged was lost. */
export class StorageError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('storage', message, detail)
  }
}

/** The master key is missing or is not the one this database was written with: put the right key back. */
export class MasterKeyError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('key', message, detail)
  }
}

/** A defect of oO: report it with the message. */
export class InternalError extends OoError {
  constructor(message: string, detail?: ErrorDetail) {
    super('internal', message, detail)
  }
}

/** The caller's `AbortSignal` fired before the answer; its reason is the `cause`. */
export class AbortError extends Error {
  /** As Node's own. */
  readonly code = 'ABORT_ERR'

  constructor(cause?: unknown) {
    super('the call was aborted', { cause })
    this.name = 'AbortError'
  }
}

const CLASSES = new Map<string, new (message: string, detail?: ErrorDetail) => OoError>([
  ['invalid_input', InvalidInputError],
  ['not_found', NotFoundError],
  ['denied', DeniedError],
  ['incompatible', IncompatibleError],
  ['busy', BusyError],
  ['storage', StorageError],
  ['key', MasterKeyError],
  ['internal', InternalError],
])

/** The typed error of what the native half threw. A kind that is unknown here is the base class. */
export function typed(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof OoError) return thrown
  const said = reason(thrown.message)
  if (!said) return new InternalError(`the native half refused the call: ${thrown.message}`, { cause: thrown })
  const detail: ErrorDetail = said.field === null ? {} : { field: said.field }
  const known = CLASSES.get(said.kind)
  return known ? new known(said.message, detail) : new OoError(said.kind as ErrorCode, said.message, detail)
}

/** Does something at once, with typed errors. */
export function now<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw typed(thrown)
  }
}

function reason(text: string): { kind: string; message: string; field: string | null } | undefined {
  try {
    const said = JSON.parse(text)
    return typeof said?.kind === 'string' && typeof said.message === 'string' ? said : undefined
  } catch {
    return undefined
  }
}
