// Answers that have not reached the server yet. An answer is written down first and removed when the server
// has it, so a stopped server or a closed tab loses none; its id makes sending it twice harmless.

import { failureOf, type Client, type Feedback } from './client'

type Shelf = Pick<Storage, 'getItem' | 'setItem'>

interface Waiting {
  answer: Feedback
  since: string
}

const KEY = 'oo.outbox'
/** A younger answer is timed by the server's clock, which needs no trust in ours. */
const LATE_MS = 30_000

export class Outbox {
  constructor(
    private readonly client: Pick<Client, 'feedback'>,
    private readonly shelf: Shelf | null,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.waiting = this.load()
  }

  private waiting: Waiting[]

  get size(): number {
    return this.waiting.length
  }

  put(answer: Feedback): void {
    this.waiting.push({ answer, since: this.now().toISOString() })
    this.keep()
  }

  /** Sends what waits, oldest first. Rejects with the first failure; a refused answer is dropped, a failed one stays. */
  async flush(): Promise<void> {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      try {
        await this.client.feedback(this.timed(next))
      } catch (error) {
        const failure = failureOf(error)
        if (!failure.passes) this.drop(next)
        throw failure
      }
      this.drop(next)
    }
  }

  private timed({ answer, since }: Waiting): Feedback {
    return this.now().getTime() - Date.parse(since) > LATE_MS ? { ...answer, at: since } : answer
  }

  private drop(sent: Waiting): void {
    this.waiting = this.waiting.filter((other) => other !== sent)
    this.keep()
  }

  private load(): Waiting[] {
    try {
      const kept: unknown = JSON.parse(this.shelf?.getItem(KEY) ?? '[]')
      return Array.isArray(kept) ? kept.filter((one) => one?.answer?.tip && one.since) : []
    } catch {
      return []
    }
  }

  private keep(): void {
    try {
      this.shelf?.setItem(KEY, JSON.stringify(this.waiting))
    } catch {
      // A full or forbidden storage only costs the safety net, never the answer in flight.
    }
  }
}
