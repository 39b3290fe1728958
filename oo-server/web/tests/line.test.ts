import { describe, expect, it } from 'vitest'
import { dayOf } from '../src/due'
import { readLine } from '../src/line'

const now = new Date(2026, 10, 20, 10, 15)

describe('readLine', () => {
  it('reads a task and its date', () => {
    const entry = readLine('File taxes tomorrow', now)
    expect(entry.kind === 'task' && [entry.title, entry.due && dayOf(entry.due.at)]).toEqual(['File taxes', '2026-11-21'])
  })

  it('keeps a task without a date word for word', () => {
    expect(readLine('  Read the   moodboard ', now)).toEqual({ kind: 'task', title: 'Read the moodboard', due: null })
  })

  it('reads a mood, its note and its energy', () => {
    expect(readLine('mood 4 tired today', now)).toEqual({ kind: 'mood', level: 4, energy: null, note: 'tired today' })
    expect(readLine('Mood: 2/5, slept badly', now)).toEqual({ kind: 'mood', level: 2, energy: null, note: 'slept badly' })
    expect(readLine('mood 5 energy 3', now)).toEqual({ kind: 'mood', level: 5, energy: 3, note: '' })
  })

  it('never turns a mood that is off the scale into a task', () => {
    for (const text of ['mood 0', 'mood 6 great', 'mood 10', 'mood 3 energy 9', 'mood']) {
      expect(readLine(text, now), text).toEqual({ kind: 'unclear' })
    }
  })

  it('takes a mood board for a task', () => {
    expect(readLine('mood board for the kitchen', now).kind).toBe('task')
  })

  it('says nothing about an empty line', () => {
    expect(readLine('   ', now)).toEqual({ kind: 'nothing' })
  })
})
