import { describe, expect, it } from 'vitest'
import { readLine } from '../src/line'
import { addedWords, DISMISSED, lineWords, onFace, quietWords, troubleWords, WORDS_ON_FACE } from '../src/words'

const now = new Date(2026, 10, 20, 10, 15)

describe('onFace', () => {
  it('shows a short tip as it is', () => {
    expect(onFace('Step outside.')).toEqual({ text: 'Step outside.', cut: false })
  })

  it('shows at most 22 words', () => {
    const words = Array.from({ length: 30 }, (_, index) => `w${index}`)
    const { text, cut } = onFace(words.join(' '))
    expect([text.split(' ').length, cut, text.endsWith('w21…')]).toEqual([WORDS_ON_FACE, true, true])
    expect(onFace(words.slice(0, 22).join(' ')).cut).toBe(false)
  })

  it('cuts an endless word and never halves a letter', () => {
    const { text } = onFace('😀'.repeat(400))
    expect([...text].length).toBe(181)
    expect(text).not.toMatch(/[\ud800-\udbff]…/u)
  })
})

describe('the voice', () => {
  const trouble = (kind: string, detail = '') => ({ kind, detail, retryAfter: null })
  const sayings = [
    ...['daily_cap', 'no_candidate', 'quiet_hours', ''].map(quietWords),
    ...['offline', 'unreachable', 'busy', 'internal', 'storage'].flatMap((kind) => [
      troubleWords(trouble(kind), true),
      troubleWords(trouble(kind), false),
    ]),
  ].flatMap(({ words, more }) => [words, more ?? ''])
  const lines = ['', 'mood 9', 'mood 4', 'File taxes tomorrow'].map((text) => lineWords(readLine(text, now), now, true))

  it('has no exclamation marks, no streaks, no guilt, and stays short', () => {
    for (const text of [...sayings, ...lines, ...Object.values(DISMISSED)]) {
      expect(text).not.toMatch(/!|streak|missed|should|fail|sorry/i)
      expect(text.split(' ').length).toBeLessThanOrEqual(22)
    }
  })

  it('says what the server said when the server knows better', () => {
    expect(troubleWords(trouble('denied', 'Grant tasks first.'), false).more).toBe('Grant tasks first.')
  })
})

describe('the line', () => {
  it('says what it will do', () => {
    expect(lineWords(readLine('File taxes tomorrow', now), now, false)).toBe('task, due tomorrow')
    expect(lineWords(readLine('File taxes on friday 10:00', now), now, true)).toBe(
      'task, due on 27 November at 10:00 · lets oO use your tasks',
    )
    expect(lineWords(readLine('mood 4 tired', now), now, true)).toBe('mood 4 of 5 · lets oO use your moods')
  })

  it('confirms what it did', () => {
    expect(addedWords(readLine('File taxes tomorrow', now), now)).toBe('Added, due tomorrow.')
    expect(addedWords(readLine('File taxes', now), now)).toBe('Added.')
    expect(addedWords(readLine('mood 4', now), now)).toBe('Noted.')
  })
})
