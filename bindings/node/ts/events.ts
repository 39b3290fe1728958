// What was committed, and what will be: an async iterator.
import type { NativeEventStream } from '../native'
import { abortable, type CallOptions } from './abort'

/** What an event says; every other field of its type is beside these (`docs/events.schema.json`). */
export interface Event {
  /** What happened. */
  type: EventType
  /** Its place in the log: counting up, with gaps where somebody was forgotten. Pass it as `after` to go on from there. */
  position: number
  /** Its id: a second event with the same id changes nothing. */
  event: string
  /** When it happened, RFC 3339. */
  at: string
  /** The IANA zone it happened in. */
  zone: string
  /** The offset from UTC that was in force there, in seconds. */
  offset_s: number
  /** When it reached oO, RFC 3339. */
  recorded: string
  /** The person; `null` for the engine's own events and for parked reactions. */
  pseudonym: string | null
  [field: string]: unknown
}

/** The types of events. */
export type EventType =
  | 'signal'
  | 'decision'
  | 'reaction'
  | 'returned'
  | 'expired'
  | 'horizon'
  | 'parking_lapsed'
  | 'consent'
  | 'preferences'
  | 'policy_role'
  | 'shadow'
  | 'bandit'
  | 'choice'
  | 'reward'
  | 'forgotten'
  | 'lesson'
  | 'trimmed'
  | 'exported'

/** What `events` takes. `signal` ends the stream with an `AbortError`. */
export interface EventsOptions extends CallOptions {
  /** A position to go on from, or `'now'`; the stream begins with the log when it is left out. */
  after?: number | 'now' | undefined
  /** Only events of this person; everybody's when left out. */
  user?: string | undefined
  /** Only these types. */
  types?: readonly EventType[] | undefined
  /** Whether to wait for what will be committed, rather than to end with what is. */
  follow?: boolean | undefined
}

/** Committed events in the order of the log, for `for await`. Leaving the loop frees it; so does closing the engine. */
export class EventStream implements AsyncIterableIterator<Event>, AsyncDisposable {
  readonly #open: () => Promise<NativeEventStream>
  readonly #signal: AbortSignal | undefined
  #stream: Promise<NativeEventStream> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #over = false

  /** @internal */
  constructor(open: () => Promise<NativeEventStream>, signal: AbortSignal | undefined) {
    this.#open = open
    this.#signal = signal
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next event. Calls wait for each other. */
  async next(): Promise<IteratorResult<Event, undefined>> {
    const turn = this.#turn.then(() => this.#next())
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#over) return { done: true, value: undefined }
    try {
      this.#stream ??= this.#open()
      const stream = await this.#stream
      const line = await abortable(this.#signal, () => stream.next())
      if (typeof line === 'string') return { done: false, value: JSON.parse(line) as Event }
    } catch (thrown) {
      await this.return()
      throw thrown
    }
    return this.return()
  }

  /** Ends the stream; a loop that is left calls it. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#over = true
    // Whoever waits for the next event is answered the end.
    await this.#stream?.then((stream) => stream.close(), () => {})
    return { done: true, value: undefined }
  }

  /** `await using events = engine.events()` ends it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
