import { describe, expect, it } from 'vitest'
import { backWords, choices, dayWords, fieldOf } from '../src/later'

const at = (hour: number, minute = 0) => new Date(2026, 10, 20, hour, minute)

describe('choices', () => {
  it.each([
    [at(0, 5), 'this evening', '2026-11-20T18:00'],
    [at(16, 59), 'this evening', '2026-11-20T18:00'],
    [at(17), 'tonight', '2026-11-20T21:00'],
    [at(19, 59), 'tonight', '2026-11-20T21:00'],
    [at(20), 'tomorrow evening', '2026-11-21T18:00'],
    [at(23, 59), 'tomorrow evening', '2026-11-21T18:00'],
  ])('at %s the evening is %s', (now, words, when) => {
    const [hour, evening, tomorrow] = choices(now)
    expect([evening.words, fieldOf(evening.at)]).toEqual([words, when])
    expect(hour.at.getTime() - now.getTime()).toBe(3_600_000)
    expect(fieldOf(tomorrow.at)).toBe('2026-11-21T09:00')
  })

  it('only offers what is still to come', () => {
    for (let minute = 0; minute < 1440; minute += 7) {
      const now = at(0, minute)
      for (const choice of choices(now)) expect(choice.at.getTime()).toBeGreaterThan(now.getTime())
    }
  })
})

describe('backWords', () => {
  it.each([
    [at(18), 'Back at 18:00.'],
    [new Date(2026, 10, 21, 9), 'Back tomorrow at 09:00.'],
    [new Date(2026, 10, 24, 9, 30), 'Back on Tuesday at 09:30.'],
    [new Date(2026, 11, 3, 9), 'Back on 3 December at 09:00.'],
    [new Date(2027, 0, 3, 9), 'Back on 3 January 2027 at 09:00.'],
  ])('%s', (until, words) => {
    expect(backWords(until, at(10))).toBe(words)
  })

  it('does not call the same weekday of next week by its name', () => {
    expect(dayWords(new Date(2026, 10, 27), at(10))).toBe('on 27 November')
  })
})
