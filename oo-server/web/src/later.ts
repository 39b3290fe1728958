// The four answers to "later", and how the page says when something comes back.
// All of it is the local clock of the person who reads, in 24 hours, as a watch shows it.

import { dayOf, plus } from './due'

export interface Choice {
  words: string
  at: Date
}

/** An hour from now, the evening, tomorrow. When the evening has begun it is tonight; when it is over, the next one. */
export function choices(now: Date): [Choice, Choice, Choice] {
  const hour = now.getHours()
  const hourLater = new Date(now.getTime() + 3_600_000)
  hourLater.setSeconds(0, 0)
  const evening =
    hour < 17
      ? { words: 'this evening', at: on(now, 0, 18) }
      : hour < 20
        ? { words: 'tonight', at: on(now, 0, 21) }
        : { words: 'tomorrow evening', at: on(now, 1, 18) }
  return [{ words: 'in an hour', at: hourLater }, evening, { words: 'tomorrow', at: on(now, 1, 9) }]
}

/** `18:00` */
export function clock(at: Date): string {
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
}

/** `today`, `tomorrow`, `on Tuesday`, `on 3 December`, `on 3 December 2027` */
export function dayWords(at: Date, now: Date): string {
  const days = [0, 1, 2, 3, 4, 5, 6].findIndex((step) => dayOf(plus(now, step)) === dayOf(at))
  if (days === 0) return 'today'
  if (days === 1) return 'tomorrow'
  if (days > 1) return `on ${at.toLocaleDateString('en-GB', { weekday: 'long' })}`
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return `on ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', ...year })}`
}

/** `Back at 18:00.`, `Back tomorrow at 09:00.` */
export function backWords(at: Date, now: Date): string {
  const day = dayWords(at, now)
  return day === 'today' ? `Back at ${clock(at)}.` : `Back ${day} at ${clock(at)}.`
}

/** What `<input type="datetime-local">` reads and writes. */
export function fieldOf(at: Date): string {
  return `${dayOf(at)}T${clock(at)}`
}

function on(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour)
}
