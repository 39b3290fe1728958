// Every sentence the page says, in one voice: short, warm, no exclamation marks, no streaks, no guilt.

import type { Trouble } from './client'
import { clock, dayWords } from './later'
import type { Entry } from './line'

export interface Saying {
  words: string
  more?: string
}

/** At most this many words of a tip are on the face; the rest is under "why". */
export const WORDS_ON_FACE = 22
const LETTERS_ON_FACE = 180

export function onFace(content: string): { text: string; cut: boolean } {
  const words = content.trim().split(/\s+/)
  const letters = [...words.slice(0, WORDS_ON_FACE).join(' ')]
  const text = letters.slice(0, LETTERS_ON_FACE).join('').trimEnd()
  const cut = words.length > WORDS_ON_FACE || letters.length > LETTERS_ON_FACE
  return { text: cut ? `${text.replace(/[\s,;:.–-]+$/u, '')}…` : text, cut }
}

export const DISMISSED: Record<string, string> = {
  not_now: 'Another time.',
  not_relevant: 'Noted.',
  never: 'Gone for good.',
}

export function quietWords(reason: string): Saying {
  if (reason === 'daily_cap') return { words: 'That is enough for today.', more: 'More tomorrow.' }
  if (reason === 'quiet_hours') return { words: 'Quiet hours.', more: 'It can wait until morning.' }
  return { words: 'Nothing needs you now.' }
}

export function troubleWords(trouble: Trouble, kept: boolean): Saying {
  const safe = kept ? 'Your answer is kept.' : 'Nothing is lost.'
  switch (trouble.kind) {
    case 'offline':
      return { words: 'You are offline.', more: `${safe} The next tip comes when you are back.` }
    case 'unreachable':
      return { words: 'oO is not answering.', more: `${safe} It keeps trying.` }
    case 'busy':
      return { words: 'One moment.', more: `oO has its hands full. ${safe}` }
    default:
      return { words: 'Something is not right.', more: trouble.detail || safe }
  }
}

/** What the line will do, said while it is typed. `first` names the permission that the first one gives. */
export function lineWords(entry: Entry, now: Date, first: boolean): string {
  switch (entry.kind) {
    case 'nothing':
      return 'File taxes tomorrow · mood 4 tired today'
    case 'unclear':
      return 'A mood is a number from 1 to 5, then your words.'
    case 'mood':
      return `mood ${entry.level} of 5${first ? ' · lets oO use your moods' : ''}`
    case 'task': {
      const due = entry.due ? `task, due ${dueWords(entry.due.at, entry.due.timed, now)}` : 'task'
      return `${due}${first ? ' · lets oO use your tasks' : ''}`
    }
  }
}

export function addedWords(entry: Entry, now: Date): string {
  if (entry.kind === 'mood') return 'Noted.'
  if (entry.kind === 'task' && entry.due) return `Added, due ${dueWords(entry.due.at, entry.due.timed, now)}.`
  return 'Added.'
}

function dueWords(at: Date, timed: boolean, now: Date): string {
  return timed ? `${dayWords(at, now)} at ${clock(at)}` : dayWords(at, now)
}
