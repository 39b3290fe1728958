// What the face shows and how it moves from one state to the next. Everything the page does to the server
// goes through here; the components only read `view` and call these verbs.

import {
  failureOf,
  newId,
  type Client,
  type Consents,
  type Feedback,
  type Recommended,
  type Signal,
  type Tip,
  type Trouble,
} from './client'
import { momentOf } from './due'
import { backWords } from './later'
import type { Entry } from './line'
import { Outbox } from './outbox'
import { addedWords, DISMISSED } from './words'

/** The short confirmation under a tip that was answered. */
export interface Said {
  words: string
  done: boolean
}

export type View =
  | { at: 'waiting' }
  | { at: 'tip'; tip: Tip; said: Said | null }
  | { at: 'snoozed'; until: Date; words: string }
  | { at: 'quiet'; reason: string }
  | { at: 'trouble'; trouble: Trouble; kept: boolean }

export type Panel = 'none' | 'later' | 'pass' | 'why'

export interface World {
  client: Client
  shelf: Storage | null
  zone: string
  now: () => Date
  /** Resolves after a while; the pause in which a confirmation can be read. */
  wait: (ms: number) => Promise<void>
  /** Resolves when what was rendered is on the glass and somebody can see it. */
  painted: () => Promise<void>
}

const READ_MS = 1_500
const QUIET_MS = 15 * 60_000
/** A tip is not asked for again sooner than this, whatever its expiry says. */
const SAME_TIP_MS = 60_000
const FIRST_RETRY_MS = 2_000
const LAST_RETRY_MS = 30_000

export class Face {
  view = $state<View>({ at: 'waiting' })
  panel = $state<Panel>('none')
  /** For screen readers: what just happened. */
  spoken = $state('')
  /** Which kinds of signal may be used; null until somebody touches the line. */
  consents = $state<Consents | null>(null)

  private readonly outbox: Outbox
  private readonly seen = new Set<string>()
  private shown: Promise<unknown> = Promise.resolve()
  private wakeAt = Infinity
  private retryMs = FIRST_RETRY_MS
  private asking: Promise<void> | null = null

  constructor(private readonly world: World) {
    this.outbox = new Outbox(world.client, world.shelf, world.now)
  }

  /** The first tip of this visit. */
  async start(): Promise<void> {
    await Promise.race([this.tellZone(), this.world.wait(800)])
    await this.ask()
  }

  /** Sends what waits, then asks for a tip. Two callers share one question. */
  ask(): Promise<void> {
    this.asking ??= this.next().then(
      (answer) => this.show(answer),
      (error: unknown) => this.fail(error),
    ).finally(() => (this.asking = null))
    return this.asking
  }

  toggle(panel: Panel): void {
    if (!this.open()) return
    this.panel = this.panel === panel ? 'none' : panel
  }

  async done(): Promise<void> {
    const tip = this.open()
    if (!tip) return
    await this.answer({ tip: tip.id, reaction: 'done' }, { words: 'Done.', done: true })
  }

  async dismiss(reason?: NonNullable<Feedback['reason']>): Promise<void> {
    const tip = this.open()
    if (!tip) return
    const words = (reason && DISMISSED[reason]) || 'Set aside.'
    await this.answer({ tip: tip.id, reaction: 'dismiss', ...(reason ? { reason } : {}) }, { words, done: false })
  }

  async snooze(until: Date): Promise<void> {
    const tip = this.open()
    if (!tip) return
    const words = backWords(until, this.world.now())
    this.outbox.put({ tip: tip.id, reaction: 'snooze', until: momentOf(until), id: newId() })
    this.spoken = words
    this.set({ at: 'snoozed', until, words }, until.getTime())
    try {
      await this.send()
    } catch (error) {
      this.fail(error)
    }
  }

  /** Adds what the line says. Resolves with what to answer; rejects when it could not be saved, `id` makes a retry harmless. */
  async add(entry: Entry, id: string): Promise<string> {
    const signal = signalOf(entry, id)
    if (!signal) return ''
    await this.world.client.signals({ by_hand: true, signals: [signal] })
    if (this.consents) this.consents = { ...this.consents, [signal.kind]: true }
    if (this.view.at === 'quiet' || this.view.at === 'trouble') void this.ask()
    return addedWords(entry, this.world.now())
  }

  /** Adding by hand permits the use of that kind, so the line says when it is the first time. */
  async readConsents(): Promise<void> {
    this.consents ??= await this.world.client.consents().catch(() => null)
  }

  /** Called when time has passed or somebody looks again: does what is due by now. Returns when to call next. */
  tick(): number {
    if (this.world.now().getTime() >= this.wakeAt && this.panel === 'none') {
      this.wakeAt = Infinity
      void this.ask()
    }
    return this.wakeAt
  }

  /** Tells the server once that this tip was on a visible page. */
  async reportShown(tip: Tip): Promise<void> {
    await this.world.painted()
    if (this.seen.has(tip.id) || this.view.at !== 'tip' || this.view.tip.id !== tip.id) return
    this.seen.add(tip.id)
    this.shown = this.world.client
      .feedback({ tip: tip.id, reaction: 'shown', id: newId() })
      .catch(() => this.seen.delete(tip.id))
  }

  private open(): Tip | null {
    return this.view.at === 'tip' && !this.view.said ? this.view.tip : null
  }

  private async answer(feedback: Feedback, said: Said): Promise<void> {
    if (this.view.at !== 'tip') return
    // A tip that comes back is shown anew.
    if (feedback.reaction === 'snooze') this.seen.delete(feedback.tip)
    this.outbox.put({ ...feedback, id: newId() })
    this.spoken = said.words
    this.set({ ...this.view, said }, Infinity)
    const next = this.next().then(
      (answer) => () => this.show(answer),
      (error: unknown) => () => this.fail(error),
    )
    const [land] = await Promise.all([next, this.world.wait(READ_MS)])
    land()
  }

  /** A tip that starts after the answers were acknowledged has learned from them. */
  private async next(): Promise<Recommended> {
    await this.send()
    return this.world.client.recommend()
  }

  private async send(): Promise<void> {
    await Promise.race([this.shown, this.world.wait(1_000)])
    await this.outbox.flush()
  }

  private show(answer: Recommended): void {
    this.retryMs = FIRST_RETRY_MS
    const { tip } = answer
    if (!tip) {
      this.set({ at: 'quiet', reason: answer.reason ?? '' }, this.world.now().getTime() + QUIET_MS)
      return
    }
    const expires = Math.max(Date.parse(tip.expires), this.world.now().getTime() + SAME_TIP_MS)
    if (this.open()?.id === tip.id) {
      this.wakeAt = expires
      this.onchange()
      return
    }
    this.spoken = tip.content
    this.set({ at: 'tip', tip, said: null }, expires)
  }

  private fail(error: unknown): void {
    const { trouble } = failureOf(error)
    const wait = trouble.retryAfter ? trouble.retryAfter * 1_000 : this.retryMs
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS)
    this.set({ at: 'trouble', trouble, kept: this.outbox.size > 0 }, this.world.now().getTime() + wait)
  }

  private set(view: View, wakeAt: number): void {
    this.view = view
    this.panel = 'none'
    this.wakeAt = wakeAt
    this.onchange()
  }

  /** Set by the page: the time to wake has changed. */
  onchange: () => void = () => {}

  /** Hours and weekdays are read on the person's own clock; the server learns its zone when it has another one. */
  private async tellZone(): Promise<void> {
    try {
      const preferences = await this.world.client.preferences()
      if (this.world.zone && preferences.zone !== this.world.zone) {
        await this.world.client.putPreferences({ ...preferences, zone: this.world.zone })
      }
    } catch {
      // The question that follows meets the same trouble and says so.
    }
  }
}

function signalOf(entry: Entry, id: string): Signal | null {
  if (entry.kind === 'task') {
    const due = entry.due && (entry.due.timed ? momentOf(entry.due.at) : momentOf(entry.due.at).slice(0, 10))
    return { kind: 'task', id: `hand-${id}`, title: entry.title, signal_id: id, ...(due ? { due } : {}) }
  }
  if (entry.kind === 'mood') {
    const { level, energy, note } = entry
    return { kind: 'mood', level, signal_id: id, ...(energy ? { energy } : {}), ...(note ? { note } : {}) }
  }
  return null
}
