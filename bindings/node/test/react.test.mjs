import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError } from '../index.mjs'
import { failing, opened, world } from '../support/harness.mjs'

test('done gives a reward, and the policy has learned it', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  const reacted = await engine.react(tip.id, 'done')
  assert.equal(reacted.status, 'applied')
  assert.ok(reacted.reward > 0)
  assert.equal((await engine.health()).lessons, 1)
})

test('the same message twice changes nothing', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  await engine.react(tip, 'done', { id: 'm1' })
  const before = await engine.health()
  assert.equal((await engine.react(tip, 'done', { id: 'm1' })).status, 'duplicate')
  assert.deepEqual(await engine.health(), before)
})

test('a snoozed tip comes back at the promised time', async (t) => {
  const clock = world(t)
  const engine = await opened(t, { testWorld: clock.path })
  const tip = await engine.recommend('u')
  await engine.react(tip, 'snooze', { until: new Date('2026-03-02T10:00:00Z') })
  assert.notEqual((await engine.recommend('u')).id, tip.id)
  clock.at('2026-03-02T10:00:01Z')
  const back = await engine.recommend('u')
  assert.equal(back.id, tip.id)
  assert.equal(back.returned, true)
})

test('a reaction to an unknown tip is parked', async (t) => {
  const engine = await opened(t)
  assert.deepEqual(await engine.react('018f3f5e-0000-7000-8000-000000000000', 'done'), { status: 'parked', reward: null })
})

test('a later reaction revises', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  const done = await engine.react(tip, 'done')
  const dismissed = await engine.react(tip, 'dismiss', { reason: 'not_relevant' })
  assert.equal(dismissed.status, 'applied')
  assert.ok(dismissed.reward < done.reward)
  assert.equal((await engine.health()).lessons, 1)
})

test('shown counts from the report on', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u', { shown: 'reported' })
  assert.equal((await engine.react(tip, 'shown')).status, 'applied')
})

test('what is wrong in the reaction is named', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  const before = await engine.health()
  const wrong = (call, field) => assert.rejects(call, failing(InvalidInputError, 'invalid_input', field))
  await wrong(engine.react('not-an-id', 'done'), 'tip')
  await wrong(engine.react(undefined, 'done'), 'tip')
  await wrong(engine.react(tip, 'loved'), 'reaction')
  await wrong(engine.react(tip, 'snooze'), 'until')
  await wrong(engine.react(tip, 'snooze', { until: 'tomorrow' }), 'until')
  await wrong(engine.react(tip, 'snooze', { until: new Date(Number.NaN) }), 'until')
  await wrong(engine.react(tip, 'snooze', { until: '2020-01-01T00:00:00Z' }), 'until')
  await wrong(engine.react(tip, 'done', { until: '2030-01-01T00:00:00Z' }), 'until')
  await wrong(engine.react(tip, 'done', { reason: 'never' }), 'reason')
  await wrong(engine.react(tip, 'dismiss', { reason: 'bored' }), 'reason')
  await wrong(engine.react(tip, 'done', { at: '2999-01-01T00:00:00Z' }), 'at')
  await wrong(engine.react(tip, 'done', { when: 'now' }), 'when')
  assert.deepEqual(await engine.health(), before)
})
