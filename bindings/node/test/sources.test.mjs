import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { opened, world } from '../support/harness.mjs'

const one = (id) => [{ id, content: `Do ${id}`, kind: 'advice', category: 'focus' }]

test('a source is asked with its context, at once or later', async (t) => {
  const asked = []
  const clock = world(t)
  const engine = await opened(t, {
    builtInSources: false,
    testWorld: clock.path,
    settings: { source_deadline_ms: 10_000 },
    sources: [
      { name: 'now', candidates: (context) => (asked.push(context), one('a')) },
      { name: 'later', candidates: async () => (await sleep(5), one('b')) },
    ],
  })
  await engine.setPreferences('u', { zone: 'Europe/Berlin', language: 'de' })
  const tip = await engine.recommend('u')
  assert.equal(tip.candidates, 2)
  assert.deepEqual(asked, [
    { user: 'u', now: '2026-03-02T08:00:00Z', zone: 'Europe/Berlin', language: 'de', decision: tip.id, limit: 16 },
  ])
  assert.ok(['now', 'later'].includes(tip.source))
  assert.ok(['a', 'b'].includes(tip.candidate))
})

test('a method keeps its object', async (t) => {
  class Own {
    name = 'own'
    #id = 'mine'
    candidates() {
      return one(this.#id)
    }
  }
  const engine = await opened(t, { builtInSources: false, sources: [new Own()], settings: { source_deadline_ms: 10_000 } })
  assert.equal((await engine.recommend('u')).candidate, 'mine')
})

test('beside the built-in ones, unless they are left out', async (t) => {
  const engine = await opened(t, { sources: [{ name: 'own', candidates: () => one('a') }], settings: { source_deadline_ms: 10_000 } })
  assert.equal((await engine.recommend('u')).candidates, 17)
})

test('one that throws, rejects, answers nonsense or is late is left out and counted', async (t) => {
  const sources = [
    { name: 'good', candidates: () => one('a') },
    { name: 'throws', candidates: () => { throw new Error('out of ideas') } },
    { name: 'rejects', candidates: () => Promise.reject(new Error('out of ideas')) },
    { name: 'throws nothing', candidates: () => Promise.reject() },
    { name: 'undefined', candidates: () => undefined },
    { name: 'text', candidates: () => 'text' },
    { name: 'not a number', candidates: () => [{ ...one('x')[0], features: { x: Number.NaN } }] },
    { name: 'misspelt', candidates: () => [{ ...one('y')[0], contents: 'y' }] },
    { name: 'loop', candidates: () => { const a = []; a.push(a); return a } },
    { name: 'late', candidates: () => sleep(10_000, one('z'), { ref: false }) },
  ]
  const engine = await opened(t, { builtInSources: false, sources, settings: { source_deadline_ms: 1_000 } })
  const started = performance.now()
  const tip = await engine.recommend('u')
  assert.ok(performance.now() - started < 8_000, `${performance.now() - started} ms`)
  assert.equal(tip.candidate, 'a')
  assert.equal(tip.candidates, 1)
  assert.equal((await engine.metrics()).source_failures, 9)
})

test('what comes late is there the next time', async (t) => {
  const slow = { name: 'slow', candidates: () => sleep(150, one('s')) }
  const engine = await opened(t, { builtInSources: false, sources: [slow], settings: { source_deadline_ms: 20 } })
  assert.equal(await engine.recommend('u'), null)
  await sleep(300)
  assert.equal((await engine.recommend('u')).candidate, 's')
})

test('at most as many as the limit', async (t) => {
  const many = { name: 'many', candidates: () => Array.from({ length: 50 }, (_, n) => one(`c${n}`)[0]) }
  const engine = await opened(t, { builtInSources: false, sources: [many], settings: { candidates_per_source: 8, source_deadline_ms: 10_000 } })
  assert.equal((await engine.recommend('u')).candidates, 8)
})
