import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DeniedError, InvalidInputError, mood } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('granted unless the settings say otherwise', async (t) => {
  const all = (granted) => ({ task: granted, habit: granted, calendar: granted, mood: granted, context: granted })
  assert.deepEqual(await (await opened(t)).consents('u'), all(true))
  const strict = await opened(t, { settings: { consent_by_default: false } })
  assert.deepEqual(await strict.consents('u'), all(false))
})

test('a kind that is taken back is refused, the others stay', async (t) => {
  const engine = await opened(t)
  const answer = await engine.setConsents('u', { mood: false })
  assert.equal(answer.mood, false)
  assert.equal(answer.task, true)
  await assert.rejects(engine.ingest('u', mood(3)), failing(DeniedError, 'denied', 'mood'))
  await engine.setConsents('u', { mood: true })
  assert.equal((await engine.ingest('u', mood(3))).accepted, 1)
})

test('an unknown kind is an error', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.setConsents('u', { dreams: true }), failing(InvalidInputError, 'invalid_input', 'dreams'))
  await assert.rejects(engine.setConsents('u', { task: 1 }), failing(InvalidInputError, 'invalid_input'))
})
