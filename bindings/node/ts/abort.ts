// AbortSignal: the caller stops waiting at once.
import { AbortError, InvalidInputError, typed } from './errors'

/** What every verb takes. */
export interface CallOptions {
  /**
   * Stops waiting: the promise is rejected with an `AbortError` at once. What was already on its way lands or fails as a
   * whole, as after a lost connection: a tip that was decided is answered by the next `recommend`.
   */
  signal?: AbortSignal | undefined
}

/** Starts a call and waits for it until `signal` fires; the call is not started when it has fired already. */
export async function abortable<T>(signal: AbortSignal | undefined, start: () => Promise<T>): Promise<T> {
  if (signal === undefined) return settle(start)
  if (!(signal instanceof AbortSignal)) {
    throw new InvalidInputError('pass an AbortSignal, such as AbortSignal.timeout(300)', { field: 'signal' })
  }
  if (signal.aborted) throw new AbortError(signal.reason)
  let fire: () => void = () => {}
  const fired = new Promise<never>((_, reject) => {
    fire = () => reject(new AbortError(signal.reason))
    signal.addEventListener('abort', fire, { once: true })
  })
  const call = settle(start)
  // Nobody waits for it after an abort; its error is then nobody's either.
  call.catch(() => {})
  try {
    return await Promise.race([call, fired])
  } finally {
    signal.removeEventListener('abort', fire)
  }
}

async function settle<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (thrown) {
    throw typed(thrown)
  }
}
