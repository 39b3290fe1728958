import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError, NotFoundError } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('every probability, score and feature of the decision', async (t) => {
  const engine = await opened(t)
  const tip = await engine.recommend('u')
  const said = await engine.explain(tip.id)
  assert.equal(said.id, tip.id)
  assert.deepEqual(said.why, tip.why)
  assert.equal(said.pmf.length, tip.candidates)
  assert.equal(said.scores.length, tip.candidates)
  assert.equal(said.propensity, tip.propensity)
  assert.equal(said.pmf[said.drawn], tip.propensity)
  assert.ok(Math.abs(said.pmf.reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
  assert.ok(said.features.every(({ name, value }) => typeof name === 'string' && Number.isFinite(value)))
  assert.deepEqual([said.fallback, said.bounded, said.state], [false, [], 'open'])
  assert.equal(said.reward, null)
  assert.deepEqual(await engine.explain(tip), said)
})

test('an unknown tip is not found, a malformed one is wrong', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.explain('018f3f5e-0000-7000-8000-000000000000'), failing(NotFoundError, 'not_found', 'tip'))
  await assert.rejects(engine.explain('x'), failing(InvalidInputError, 'invalid_input', 'tip'))
})
