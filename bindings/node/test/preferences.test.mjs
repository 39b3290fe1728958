import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('defaults, and each call replaces the whole', async (t) => {
  const engine = await opened(t)
  const defaults = { zone: 'UTC', quiet_from: null, quiet_to: null, daily_cap: null, language: 'en' }
  assert.deepEqual(await engine.preferences('u'), defaults)
  const mine = { zone: 'Europe/Berlin', quiet_from: '22:00', quiet_to: '07:00', daily_cap: 5, language: 'de' }
  assert.deepEqual(await engine.setPreferences('u', mine), mine)
  assert.deepEqual(await engine.preferences('u'), mine)
  assert.deepEqual(await engine.setPreferences('u', { zone: 'Asia/Tokyo' }), { ...defaults, zone: 'Asia/Tokyo' })
})

test('what is wrong is named, and nothing changes', async (t) => {
  const engine = await opened(t)
  const before = await engine.preferences('u')
  const wrong = (preferences, field) =>
    assert.rejects(engine.setPreferences('u', preferences), failing(InvalidInputError, 'invalid_input', field))
  await wrong({ zone: 'Mars/Olympus' }, 'zone')
  await wrong({ quiet_from: '22:00' }, 'quiet_to')
  await wrong({ quiet_from: '25:00', quiet_to: '07:00' }, 'quiet_from')
  await wrong({ daily_cap: 0 }, 'daily_cap')
  await wrong({ daily_cap: 1.5 })
  await wrong({ language: 'Deutsch' }, 'language')
  await wrong({ quiet: true }, 'quiet')
  assert.deepEqual(await engine.preferences('u'), before)
})
