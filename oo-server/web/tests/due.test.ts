import { describe, expect, it } from 'vitest'
import { dayOf, momentOf, plus, readDue } from '../src/due'

// A Friday.
const now = new Date(2026, 10, 20, 10, 15)

function read(text: string): [string, string] | null {
  const due = readDue(text, now)
  return due && [due.title, due.timed ? momentOf(due.at).slice(0, 16) : dayOf(due.at)]
}

describe('readDue', () => {
  it.each([
    ['File taxes today', 'File taxes', '2026-11-20'],
    ['File taxes tonight', 'File taxes', '2026-11-20'],
    ['File taxes tomorrow', 'File taxes', '2026-11-21'],
    ['  File   taxes  Tomorrow ', 'File taxes', '2026-11-21'],
    ['File taxes, by tomorrow', 'File taxes', '2026-11-21'],
    ['File taxes due monday', 'File taxes', '2026-11-23'],
    ['File taxes due on monday', 'File taxes', '2026-11-23'],
    ['Call Ana thursday', 'Call Ana', '2026-11-26'],
    ['Call Ana on thu', 'Call Ana', '2026-11-26'],
    ['Call Ana next friday', 'Call Ana', '2026-11-27'],
    ['Call Ana next sunday', 'Call Ana', '2026-11-29'],
    ['Water plants in 3 days', 'Water plants', '2026-11-23'],
    ['Water plants in a week', 'Water plants', '2026-11-27'],
    ['Renew passport 2027-02-28', 'Renew passport', '2027-02-28'],
    ['Renew passport by 2028-02-29', 'Renew passport', '2028-02-29'],
    ['Call Ana tomorrow 10:00', 'Call Ana', '2026-11-21T10:00'],
    ['Call Ana on monday at 9:05', 'Call Ana', '2026-11-23T09:05'],
    ['Call Ana 2026-12-01 23.59', 'Call Ana', '2026-12-01T23:59'],
  ])('%s', (text, title, due) => {
    expect(read(text)).toEqual([title, due])
  })

  it('takes the same weekday as the one a week away, because today has its own word', () => {
    expect(read('Clean desk friday')).toEqual(['Clean desk', '2026-11-27'])
  })

  it.each([
    'File taxes',
    'Ask where Tom sat',
    'Buy sun cream for monday mornings',
    'Watch the Today show',
    'Renew passport 2027-02-29',
    'Renew passport 2027-13-01',
    'tomorrow',
    'Call Ana at 10:00',
    'Call Ana tomorrow 25:00',
    '',
  ])('leaves "%s" whole', (text) => {
    expect(read(text)).toBeNull()
  })
})

describe('dates', () => {
  it('adds days by the calendar, not by hours', () => {
    expect(dayOf(plus(new Date(2026, 11, 31), 1))).toBe('2027-01-01')
    // Clocks change in this night in the zone the tests run in.
    const day = plus(new Date(2026, 9, 24), 1)
    expect([dayOf(day), day.getHours()]).toEqual(['2026-10-25', 0])
    expect(dayOf(plus(day, 1))).toBe('2026-10-26')
  })

  it('writes the offset of the moment itself', () => {
    expect(momentOf(new Date(2026, 6, 1, 18, 0))).toBe('2026-07-01T18:00:00+02:00')
    expect(momentOf(new Date(2026, 11, 1, 18, 0))).toBe('2026-12-01T18:00:00+01:00')
    expect(new Date(momentOf(now)).getTime()).toBe(now.getTime())
  })
})
