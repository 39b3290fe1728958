// Reads a due date at the end of a line somebody typed: "File taxes tomorrow", "Call Ana on friday 10:00".
// Only the end counts, only these words count, and the same line at the same moment gives the same date:
// a title is never guessed apart. Weekdays mean the next such day after today; "next friday" is the one of next week.

export interface Due {
  /** The line without its date. */
  title: string
  /** The local day or moment that was meant. */
  at: Date
  /** True when an hour was given. */
  timed: boolean
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const HOUR = /\s+(?:at\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)$/i
const LEAD = '(?:\\s+(by|on|due|due on|due by))?\\s+'

type Reading = (match: RegExpMatchArray, today: Date) => Date | null

const READINGS: [RegExp, Reading][] = [
  [end('(today|tonight)'), (_, today) => today],
  [end('tomorrow'), (_, today) => plus(today, 1)],
  [end('(next\\s+)?(sunday|monday|tuesday|wednesday|thursday|friday|saturday)'), weekday],
  [end('(next\\s+)?(sun|mon|tue|wed|thu|fri|sat)', 'required'), weekday],
  [end('in\\s+(\\d{1,3}|a|one)\\s+(day|week)s?'), inSome],
  [end('(\\d{4})-(\\d{2})-(\\d{2})'), iso],
]

/** The date at the end of `text`, or null when there is none or nothing else is left. */
export function readDue(text: string, now: Date): Due | null {
  const line = text.trim().replace(/\s+/g, ' ')
  const hour = line.match(HOUR)
  const head = hour ? line.slice(0, hour.index) : line
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate())
  for (const [pattern, read] of READINGS) {
    const match = head.match(pattern)
    const day = match && read(match, today)
    if (!match || !day) continue
    const title = head.slice(0, match.index).replace(/[\s,;:–-]+$/u, '')
    if (title === '') return null
    if (!hour) return { title, at: day, timed: false }
    const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), Number(hour[1]), Number(hour[2]))
    return { title, at, timed: true }
  }
  return null
}

/** `2026-11-30`, in local time. */
export function dayOf(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** RFC 3339 with the local offset of that very moment, so that nobody later needs a time-zone table. */
export function momentOf(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  return `${dayOf(date)}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${offset}`
}

/** The local midnight `days` later; right across a change of clocks. */
export function plus(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days)
}

function end(words: string, lead: 'optional' | 'required' = 'optional'): RegExp {
  return new RegExp(`${lead === 'required' ? LEAD.replace(')?', ')') : LEAD}${words}$|^${words}$`, 'i')
}

function weekday(match: RegExpMatchArray, today: Date): Date {
  const words = match[0].toLowerCase().trim().split(' ')
  const name = words.at(-1) ?? ''
  const wanted = DAYS.findIndex((day) => day.startsWith(name))
  if (words.includes('next')) {
    const monday = plus(today, 7 - ((today.getDay() + 6) % 7))
    return plus(monday, (wanted + 6) % 7)
  }
  return plus(today, (wanted - today.getDay() + 6) % 7 + 1)
}

function inSome(match: RegExpMatchArray, today: Date): Date {
  const [, count = 'a', unit = 'day'] = match[0].trim().match(/in (\w+) (day|week)/i) ?? []
  const days = (/^\d+$/.test(count) ? Number(count) : 1) * (unit.toLowerCase() === 'week' ? 7 : 1)
  return plus(today, days)
}

function iso(match: RegExpMatchArray): Date | null {
  const text = match[0].trim().slice(-10)
  const date = new Date(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8)))
  return dayOf(date) === text ? date : null
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
