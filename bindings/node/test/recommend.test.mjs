import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError, task } from '../index.mjs'
import { failing, opened, world } from '../support/harness.mjs'

test('a person unknown so far gets a tip at once', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u-42')
  assert.equal(typeof tip.content, 'string')
  assert.ok(tip.content.length > 0)
  assert.equal(tip.kind, 'advice')
  assert.ok(tip.propensity > 0 && tip.propensity <= 1)
  assert.ok(Date.parse(tip.expires) > Date.parse(tip.decided_at))
  assert.equal(tip.why.sentence.length > 0, true)
  assert.equal('due' in tip, false)
  assert.equal(Object.getPrototypeOf(tip), Object.prototype)
})

test('the tip stays until it is reacted to', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  assert.deepEqual(await engine.recommend('u'), tip)
  await engine.react(tip, 'dismiss')
  assert.notEqual((await engine.recommend('u')).id, tip.id)
})

test('a request id answers the same decision again', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u', { requestId: 'r1' })
  await engine.react(tip, 'done')
  assert.equal((await engine.recommend('u', { requestId: 'r1' })).id, tip.id)
  assert.notEqual((await engine.recommend('u', { requestId: 'r2' })).id, tip.id)
})

test('candidates of the caller are among those of the sources', async (t) => {
  const engine = await opened(t, { builtInSources: false })
  const due = '2026-12-01'
  const candidates = [{ id: 'c1', content: 'File taxes', kind: 'todo', due, priority: 1, effort_min: 30 }]
  const tip = await engine.recommend('u', { candidates })
  assert.equal(tip.content, 'File taxes')
  assert.equal(tip.candidate, 'c1')
  assert.equal(tip.source, 'caller')
  assert.equal(tip.due, due)
  assert.equal(tip.propensity, 1)
})

test('null, and a reason, when there can be no tip', async (t) => {
  const engine = await opened(t, { builtInSources: false })
  assert.equal(await engine.recommend('u'), null)
  assert.deepEqual(await engine.recommendWith('u'), { tip: null, reason: 'no_candidate' })
})

test('a daily cap is said', async (t) => {
  const engine = await opened(t)
  await engine.setPreferences('u', { daily_cap: 1 })
  await engine.react(await engine.recommend('u'), 'done')
  assert.deepEqual(await engine.recommendWith('u'), { tip: null, reason: 'daily_cap' })
})

test('an open task is a candidate, with its sealed text', async (t) => {
  const engine = await opened(t, { testWorld: world(t).path })
  await engine.ingest('u', task('t1', 'Taxes'))
  const tip = await engine.recommend('u')
  assert.equal(tip.candidates, 17)
})

test('what is wrong in the question is named', async (t) => {
  const engine = await opened(t)
  const wrong = (call, field) => assert.rejects(call, failing(InvalidInputError, 'invalid_input', field))
  await wrong(engine.recommend(''), 'user')
  await wrong(engine.recommend('a\u0007b'), 'user')
  await wrong(engine.recommend('\ud800'), 'user')
  await wrong(engine.recommend('x'.repeat(10_000_000)), 'user')
  await wrong(engine.recommend(undefined), 'user')
  await wrong(engine.recommend(7))
  await wrong(engine.recommend('u', { request_id: 'r' }), 'request_id')
  await wrong(engine.recommend('u', { shown: 'maybe' }))
  await wrong(engine.recommend('u', { candidates: [{ id: 'a', content: '' }] }), 'content')
  await wrong(engine.recommend('u', { candidates: [{ id: 'a', content: 'b', features: { x: Number.POSITIVE_INFINITY } }] }), 'x')
  await wrong(engine.recommend('u', { candidates: [{ id: 'a', content: 'b', prio: 1 }] }), 'candidates')
  await wrong(engine.recommend('u', { candidates: [{ id: 'a', content: 'b', category: 'nonsense' }] }), 'category')
  await wrong(engine.recommend('u', 'r1'), 'options')
})
