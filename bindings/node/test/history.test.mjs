import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('the past tips of a person, newest first', async (t) => {
  const engine = await opened(t)
  const first = await engine.recommend('u')
  await engine.react(first, 'done')
  const second = await engine.recommend('u')
  const tips = await engine.history('u')
  assert.deepEqual(
    tips.map((tip) => [tip.id, tip.content, tip.state]),
    [
      [second.id, second.content, 'open'],
      [first.id, first.content, 'done'],
    ],
  )
  assert.equal(tips[0].reward, null)
  assert.ok(tips[1].reward > 0)
  assert.equal((await engine.history('u', { limit: 1 })).length, 1)
  assert.deepEqual(await engine.history('nobody'), [])
})

test('decisions over all people carry no text', async (t) => {
  const engine = await opened(t)
  await engine.recommend('a')
  await engine.recommend('b')
  const decisions = await engine.decisions()
  assert.equal(decisions.length, 2)
  assert.ok(decisions.every((tip) => tip.content === ''))
  assert.equal((await engine.decisions({ limit: 1 })).length, 1)
})

test('a limit is a whole number', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.history('u', { limit: -1 }), failing(InvalidInputError, 'invalid_input'))
  await assert.rejects(engine.history('u', { limit: 1.5 }), failing(InvalidInputError, 'invalid_input'))
  await assert.rejects(engine.decisions({ limit: 'all' }), failing(InvalidInputError, 'invalid_input'))
})

test('metrics count, and a replay finds no difference', async (t) => {
  const engine = await opened(t)
  await engine.react(await engine.recommend('u'), 'done')
  const metrics = await engine.metrics()
  assert.equal(metrics.decisions, 1)
  assert.equal(metrics.reactions, 1)
  const replayed = await engine.replay()
  assert.deepEqual(replayed.differences, [])
  assert.equal(replayed.state_hash, (await engine.health()).state_hash)
  assert.equal(replayed.lessons, 1)
})
