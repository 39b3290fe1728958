// The engine: every verb is a promise and runs off the event loop.
import type {
  Backup,
  Choice,
  Consents,
  Explained,
  Exported,
  Health,
  Imported,
  Ingested,
  Metrics,
  NativeEngine,
  PastTip,
  Preferences,
  Reacted,
  Receipt,
  Recommendation,
  Replayed,
  Retained,
  Restored,
  Rewarded,
  Tip,
  VerifiedReceipt,
} from '../native'
import { abortable, type CallOptions } from './abort'
import { type BatchDecideOptions, type Decision, type EngineDecideOptions, type NamedBandit, rowsOfAll } from './bandits'
import { componentsOf } from './components/components'
import type { Candidate } from './components/sources'
import { InvalidInputError, type OoError, typed } from './errors'
import { EventStream, type EventsOptions } from './events'
import { native } from './native'
import type { OpenOptions, Settings } from './options'
import type { Matrix } from './policies/numbers'
import { camelField } from './policies/settings'
import type { RegisteredPolicy } from './registry'
import type { Instant, Signal } from './signals'
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

/** What came of a choice. */
export interface ChoiceReward {
  /** The choice, or its id. */
  decision: Choice | string
  /** Its reward. */
  reward: number
}

/** What `backup` takes. */
export interface BackupOptions extends CallOptions {
  /** Whether a backup that is there is replaced. */
  overwrite?: boolean | undefined
}

/** What `restore` takes. */
export interface RestoreOptions {
  /** Whether a database that is there is moved aside; else it is an error. */
  replace?: boolean | undefined
  /** Settings that say where the master key is, as for `Engine.open`. */
  settings?: Settings | string | undefined
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
    const { said, sources, policies, featurisers } = componentsOf(record(options))
    const args = wire({ ...said, path })
    return new Engine(await abortable(undefined, () => native.open(args, sources, policies, featurisers)))
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
    return this.#call(options, { tip: idOf(tip, 'id'), reaction }, (args) => this.#native.react(args))
  }

  /** Everything about the decision of a tip: why it was chosen, every probability and score, the features. */
  async explain(tip: Tip | string, options?: CallOptions): Promise<Explained> {
    return this.#call(options, { tip: idOf(tip, 'id') }, (args) => this.#native.explain(args))
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

  /**
   * The last receipts, newest first; 50 when no limit is given. They name nobody; one whose answer was lost is among
   * them.
   */
  async receipts(options?: LimitOptions): Promise<Receipt[]> {
    return this.#call(options, {}, (args) => this.#native.receipts(args))
  }

  /** Checks a receipt against the log, as `forget` gave it. One that does not hold is an answer, not an error. */
  async verifyReceipt(receipt: Receipt, options?: CallOptions): Promise<VerifiedReceipt> {
    return this.#call(options, { receipt }, (args) => this.#native.verifyReceipt(args))
  }

  /** Erases what has been held for longer than the settings' `retain_…_days` say. */
  async retain(options?: CallOptions): Promise<Retained> {
    return this.#call(options, {}, () => this.#native.retain())
  }

  /** Writes the export of a person to the new file `path`, which `forget` removes. */
  async exportTo(user: string, path: string, options?: CallOptions): Promise<Exported> {
    return this.#call(options, { user, path }, (args) => this.#native.exportTo(args))
  }

  /** Takes over the signals, consents and preferences of what `export` gave of a person; each signal once. */
  async importExport(user: string, exported: string, options?: CallOptions): Promise<Imported> {
    return this.#call(options, { user, export: exported }, (args) => this.#native.importExport(args))
  }

  /** Everything that is held of a person, as JSON lines. */
  async export(user: string, options?: CallOptions): Promise<string> {
    return this.#call(options, { user }, (args) => this.#native.export(args))
  }

  /** The last decisions over all people, newest first, without texts; 50 when no limit is given, 10,000 at most. */
  async decisions(options?: LimitOptions): Promise<PastTip[]> {
    return this.#call(options, {}, (args) => this.#native.decisions(args))
  }

  /**
   * A named bandit chooses one row of `X`. It is opened by its first decision; what it chose is on disk before this
   * answers, and it has learned from every reward that was acknowledged before, in any process.
   */
  async decide(X: Matrix | readonly number[], options: EngineDecideOptions = {}): Promise<Choice> {
    const { signal, ...rest } = record(options)
    const [choice] = await this.#choose(signal, rowsOfAll([{ ...rest, X }]))
    return choice!
  }

  /** As `decide` for each of `decisions`, at most 1000, in one commit: all of them or none. */
  async decideAll(decisions: readonly (Decision | Matrix)[], options: BatchDecideOptions = {}): Promise<Choice[]> {
    const { signal, ...rest } = record(options)
    return this.#choose(signal, rowsOfAll(decisions, rest))
  }

  /** Records the reward of a choice; another one later takes its place. The bandit's next choice has learned from it. */
  async reward(decision: Choice | string, reward: number, options?: CallOptions): Promise<Rewarded> {
    if (typeof reward !== 'number') throw new InvalidInputError('pass a number', { field: 'reward' })
    return this.#call(options, { decision: idOf(decision, 'decision'), reward }, (args) => this.#native.reward(args))
  }

  /**
   * As `reward` for each of `rewards`, at most 1000, in few commits. Each stands for itself: one that is refused has its
   * {@link OoError} in its place, and the others are recorded. What is no id with a number is rejected before that.
   */
  async rewardAll(rewards: readonly ChoiceReward[], options?: CallOptions): Promise<(Rewarded | OoError)[]> {
    const all = await this.#call(options, { rewards: rewardsOf(rewards) }, (args) => this.#native.rewardAll(args))
    return all.map(({ rewarded, reason }) => rewarded ?? (typed(new Error(reason)) as OoError))
  }

  /** A choice as it was logged, with the reward it has now. */
  async choice(decision: Choice | string, options?: CallOptions): Promise<Choice> {
    return this.#call(options, { decision: idOf(decision, 'decision') }, (args) => this.#native.choice(args))
  }

  /** The named bandits, by name, with their settings and what they have learned. */
  async bandits(options?: CallOptions): Promise<NamedBandit[]> {
    return JSON.parse(await this.#call(options, {}, () => this.#native.bandits()))
  }

  /** Every policy of the registry, oldest first: which one serves, which are shadows, which are retired. */
  async policies(options?: CallOptions): Promise<RegisteredPolicy[]> {
    return JSON.parse(await this.#call(options, {}, () => this.#native.policies()))
  }

  /**
   * Committed events in the order of the log, own and other processes', each at least once: `for await (const event of
   * engine.events({ follow: true }))`. The log holds no texts.
   */
  events(options: EventsOptions = {}): EventStream {
    const { signal, ...rest } = record(options)
    const text = wire(rest)
    const stopping = signal as AbortSignal | undefined
    return new EventStream(() => abortable(stopping, () => this.#native.events(text)), stopping)
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

  /**
   * Writes a whole, consistent copy of the store to the file at `path`, while others go on writing. A file that is there
   * is an error, or replaced with `overwrite`. It holds neither the master key nor the list of forgotten people.
   */
  async backup(path: string, options?: BackupOptions): Promise<Backup> {
    return this.#call(options, { path: fileOf(path, 'path') }, (args) => this.#native.backup(args))
  }

  /**
   * Rewrites the whole database, so that nothing of what was erased is left in unused parts of its pages. One of up to
   * 16 MiB is rewritten after each erasure; a larger one when this is called.
   */
  async compact(options?: CallOptions): Promise<void> {
    return this.#call(options, {}, () => this.#native.compact())
  }

  /** Closes the engine: what is queued is done, a final snapshot is written, every later call is refused. */
  async close(): Promise<void> {
    return abortable(undefined, () => this.#native.close())
  }

  /** `await using engine = await Engine.open(…)` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #choose(signal: unknown, { args, values }: ReturnType<typeof rowsOfAll>): Promise<Choice[]> {
    try {
      return await abortable(signal as AbortSignal | undefined, () => this.#native.decideAll(args, values))
    } catch (thrown) {
      throw camelField(thrown)
    }
  }

  /** Options and positional arguments become one record; the native half refuses names it does not know. */
  async #call<T>(options: CallOptions | undefined, args: object, call: (args: string) => Promise<T>): Promise<T> {
    const { signal, ...rest } = record(options ?? {})
    const text = wire({ ...rest, ...args })
    return abortable(signal as AbortSignal | undefined, () => call(text))
  }
}

/**
 * Restores the file `backup` as the database at `path`. Whoever is on the list of forgotten people is forgotten again
 * when it is opened, before anything is served.
 */
export async function restore(backup: string, path: string, options: RestoreOptions = {}): Promise<Restored> {
  const args = wire({ ...record(options), backup: fileOf(backup, 'backup'), path: fileOf(path, 'path') })
  return abortable(undefined, () => native.restore(args))
}

function fileOf(path: unknown, field: string): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new InvalidInputError('pass the path of a file', { field })
}

function record(options: object): Record<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidInputError('options are an object', { field: 'options' })
  }
  return options as Record<string, unknown>
}

function idOf<K extends string>(given: { [key in K]: string } | string, key: K): string {
  const id: unknown = typeof given === 'object' && given !== null ? given[key] : given
  if (typeof id === 'string') return id
  throw new InvalidInputError('pass an id, or what has one', { field: key === 'id' ? 'tip' : key })
}

function rewardsOf(given: readonly ChoiceReward[]): { decision: string; reward: number }[] {
  if (!Array.isArray(given)) throw new InvalidInputError('rewards are an array of { decision, reward }', { field: 'rewards' })
  return Array.from(given as readonly unknown[], (one, place) => {
    const { decision, reward, ...more } = (typeof one === 'object' && one !== null ? one : {}) as Partial<ChoiceReward>
    const wrong = (field: string, message: string) => new InvalidInputError(message, { field: `rewards[${place}].${field}` })
    const id: unknown = typeof decision === 'object' && decision !== null ? decision.decision : decision
    for (const name of Object.keys(more)) throw wrong(name, 'there is no such field; a reward has `decision` and `reward`')
    if (typeof id !== 'string') throw wrong('decision', 'pass an id, or what has one')
    if (typeof reward !== 'number' || Number.isNaN(reward)) throw wrong('reward', 'pass a number')
    return { decision: id, reward }
  })
}
