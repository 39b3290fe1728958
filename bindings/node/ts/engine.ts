// The engine: every verb is a promise and runs off the event loop.
import type {
  Consents,
  Explained,
  Health,
  Ingested,
  Metrics,
  NativeEngine,
  PastTip,
  Preferences,
  Reacted,
  Receipt,
  Recommendation,
  Replayed,
  Tip,
} from '../native'
import { abortable, type CallOptions } from './abort'
import { InvalidInputError } from './errors'
import { native } from './native'
import type { OpenOptions } from './options'
import type { Instant, Signal } from './signals'
import { type Candidate, called } from './sources'
import { wire } from './wire'

/** What a person did with a tip. */
export type Reaction = 'shown' | 'done' | 'snooze' | 'dismiss'

/** What `recommend` takes. */
export interface RecommendOptions extends CallOptions {
  /** The caller's id of this request: the same id answers the same decision again. */
  requestId?: string | undefined
  /** When the tip counts as shown: when the answer leaves, or when `react(tip, 'shown')` reports it. */
  shown?: 'on_answer' | 'reported' | undefined
  /** Candidates of the caller, beside those of the sources. */
  candidates?: readonly Candidate[] | undefined
}

/** What `react` takes. */
export interface ReactOptions extends CallOptions {
  /** When a snoozed tip comes back; a snooze needs it. */
  until?: Instant | undefined
  /** Why a tip was dismissed; `never` denies the candidate for good. */
  reason?: 'not_now' | 'not_relevant' | 'never' | undefined
  /** The caller's id of this message: sending it twice changes nothing. */
  id?: string | undefined
  /** When it happened; now, when left out. */
  at?: Instant | undefined
}

/** What the verbs take that answer a list. */
export interface LimitOptions extends CallOptions {
  /** At most that many, newest first. */
  limit?: number | undefined
}

/**
 * An open engine on one SQLite file. Its verbs reject with an {@link OoError}, or with an {@link AbortError} when their
 * `signal` fires. Answers are plain objects with the names of the JSON form, as over HTTP and in Python.
 */
export class Engine implements AsyncDisposable {
  readonly #native: NativeEngine

  private constructor(handle: NativeEngine) {
    this.#native = handle
  }

  /**
   * Opens the engine on the SQLite file at `path`; the file and its master key `PATH.key` are made when there are none.
   *
   * Rejects with `StorageError`, `BusyError`, `MasterKeyError` or `IncompatibleError`, each with what to do.
   */
  static async open(path: string, options: OpenOptions = {}): Promise<Engine> {
    if (typeof path !== 'string' || path === '' || path.includes('\0')) {
      throw new InvalidInputError('pass the path of the SQLite file', { field: 'path' })
    }
    const { sources, ...rest } = record(options)
    const { names, functions } = called((sources as OpenOptions['sources']) ?? [])
    const schema = Array.isArray(rest.schema) ? { features: rest.schema } : rest.schema
    const args = wire({ ...rest, schema, path, sources: names })
    return new Engine(await abortable(undefined, () => native.open(args, functions)))
  }

  /** Stores signals in one transaction: all of them or none. */
  async ingest(user: string, signals: Signal | readonly Signal[], options?: CallOptions): Promise<Ingested> {
    const all = Array.isArray(signals) ? signals : [signals]
    return this.#call(options, { user, signals: all }, (args) => this.#native.ingest(args))
  }

  /** One tip for a person: the same one until it is reacted to or expires; `null` when there can be none now. */
  async recommend(user: string, options?: RecommendOptions): Promise<Tip | null> {
    return (await this.recommendWith(user, options)).tip
  }

  /** As `recommend`, saying why when there is no tip. */
  async recommendWith(user: string, options?: RecommendOptions): Promise<Recommendation> {
    return this.#call(options, { user }, (args) => this.#native.recommend(args))
  }

  /** Records what a person did with a tip; the next `recommend`, in any process, has learned from it. */
  async react(tip: Tip | string, reaction: Reaction, options?: ReactOptions): Promise<Reacted> {
    return this.#call(options, { tip: idOf(tip), reaction }, (args) => this.#native.react(args))
  }

  /** Everything about the decision of a tip: why it was chosen, every probability and score, the features. */
  async explain(tip: Tip | string, options?: CallOptions): Promise<Explained> {
    return this.#call(options, { tip: idOf(tip) }, (args) => this.#native.explain(args))
  }

  /** A person's past tips, newest first; 20 when no limit is given. */
  async history(user: string, options?: LimitOptions): Promise<PastTip[]> {
    return this.#call(options, { user }, (args) => this.#native.history(args))
  }

  /** Which kinds of signal a person agrees to, defaults included. */
  async consents(user: string, options?: CallOptions): Promise<Consents> {
    return this.#call(options, { user }, (args) => this.#native.consents(args))
  }

  /** Records what a person agrees to; kinds that are left out stay as they are. Answers the whole. */
  async setConsents(user: string, consents: Consents, options?: CallOptions): Promise<Consents> {
    return this.#call(options, { user, consents }, (args) => this.#native.setConsents(args))
  }

  /** A person's zone, quiet hours, daily cap and language. */
  async preferences(user: string, options?: CallOptions): Promise<Preferences> {
    return this.#call(options, { user }, (args) => this.#native.preferences(args))
  }

  /** Replaces a person's preferences; what is left out has its default. Answers the whole. */
  async setPreferences(user: string, preferences: Partial<Preferences>, options?: CallOptions): Promise<Preferences> {
    return this.#call(options, { user, preferences }, (args) => this.#native.setPreferences(args))
  }

  /** Forgets a person: their rows, texts, key and every lesson in every policy. */
  async forget(user: string, options?: CallOptions): Promise<Receipt> {
    return this.#call(options, { user }, (args) => this.#native.forget(args))
  }

  /** The receipt of a forgetting, by its id. */
  async receipt(id: string, options?: CallOptions): Promise<Receipt> {
    return this.#call(options, { id }, (args) => this.#native.receipt(args))
  }

  /** Everything that is held of a person, as JSON lines. */
  async export(user: string, options?: CallOptions): Promise<string> {
    return this.#call(options, { user }, (args) => this.#native.export(args))
  }

  /** The last decisions over all people, newest first, without texts; 50 when no limit is given. */
  async decisions(options?: LimitOptions): Promise<PastTip[]> {
    return this.#call(options, {}, (args) => this.#native.decisions(args))
  }

  /** How the engine is: position, epoch and state hash. */
  async health(options?: CallOptions): Promise<Health> {
    return this.#call(options, {}, () => this.#native.health())
  }

  /** Counts since the engine was opened. */
  async metrics(options?: CallOptions): Promise<Metrics> {
    return this.#call(options, {}, () => this.#native.metrics())
  }

  /** Reads the whole log from its beginning and compares what it gives with what is live. */
  async replay(options?: CallOptions): Promise<Replayed> {
    return this.#call(options, {}, () => this.#native.replay())
  }

  /** Closes the engine: what is queued is done, a final snapshot is written, every later call is refused. */
  async close(): Promise<void> {
    return abortable(undefined, () => this.#native.close())
  }

  /** `await using engine = await Engine.open(…)` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Options and positional arguments become one record; the native half refuses names it does not know. */
  async #call<T>(options: CallOptions | undefined, args: object, call: (args: string) => Promise<T>): Promise<T> {
    const { signal, ...rest } = record(options ?? {})
    const text = wire({ ...rest, ...args })
    return abortable(signal as AbortSignal | undefined, () => call(text))
  }
}

function record(options: object): Record<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidInputError('options are an object', { field: 'options' })
  }
  return options as Record<string, unknown>
}

function idOf(tip: Tip | string): string {
  return typeof tip === 'object' && tip !== null ? tip.id : tip
}
