// What one typed line means: a task with an optional due date, or a mood ("mood 4 tired today").
// Anything that does not say it is a mood is a task, word for word.

import { readDue, type Due } from './due'

export type Entry =
  | { kind: 'task'; title: string; due: Due | null }
  | { kind: 'mood'; level: number; energy: number | null; note: string }
  | { kind: 'unclear' }
  | { kind: 'nothing' }

const MOOD = /^mood[\s:]+(\d+)(?:\/5)?(?:[\s,]+energy[\s:]+(\d+)(?:\/5)?)?(?:[\s,:;–-]+(.*))?$/iu

/** Reads a line. `unclear` is a mood that is not on the scale of 1 to 5: the page says so and keeps the words. */
export function readLine(text: string, now: Date): Entry {
  const line = text.trim().replace(/\s+/g, ' ')
  if (line === '') return { kind: 'nothing' }
  if (/^mood:?$/i.test(line)) return { kind: 'unclear' }
  const mood = line.match(MOOD)
  if (mood) {
    const level = Number(mood[1])
    const energy = mood[2] === undefined ? null : Number(mood[2])
    if (!onScale(level) || (energy !== null && !onScale(energy))) return { kind: 'unclear' }
    return { kind: 'mood', level, energy, note: mood[3] ?? '' }
  }
  const due = readDue(line, now)
  return { kind: 'task', title: due?.title ?? line, due }
}

function onScale(value: number): boolean {
  return value >= 1 && value <= 5
}
