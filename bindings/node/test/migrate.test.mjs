// A store whose feature schema changes: appended features extend what was learned, anything else is learned anew.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { Engine, IncompatibleError, InvalidInputError } from '../index.mjs'
import { failing, folder } from '../support/harness.mjs'

const FEATURES = ['hour_sin', 'hour_cos', 'steps'].map((name) => ({ name, range: [-1, 1] }))
const APPENDED = [...FEATURES, { name: 'weather', range: [0, 1] }]
const OTHER = [FEATURES[2], FEATURES[0]]

/** A way to open one store, which is closed when the test ends. */
function store(t) {
  const path = join(folder(t), 'oo.db')
  return async (options) => {
    const engine = await Engine.open(path, { settings: { holdout: 0 }, schema: FEATURES, ...options })
    t.after(() => engine.close())
    return engine
  }
}

/** Twenty people get a tip and answer it. */
async function live(engine, from) {
  for (let person = from; person < from + 20; person++) {
    await engine.react(await engine.recommend(`u${person}`), person % 2 === 0 ? 'done' : 'dismiss')
  }
}

const refused = (open, options) => assert.rejects(open(options), failing(IncompatibleError, 'incompatible'))
const state = async (engine) => (({ policy, lessons }) => [policy, lessons])(await engine.health())

test('appended features extend the champion', async (t) => {
  const open = store(t)
  const first = await open()
  await live(first, 0)
  await first.close()
  for (const migrate of [undefined, false]) await refused(open, { schema: APPENDED, migrate })
  const engine = await open({ schema: APPENDED, migrate: true })
  assert.deepEqual(await state(engine), ['main@2', 20])
  assert.deepEqual((await engine.policies()).map(({ role }) => role), ['retired', 'champion'])
  await live(engine, 20)
  assert.deepEqual((await engine.replay()).differences, [])
  // A lesson from before is subtracted, too.
  assert.equal((await engine.forget('u3')).lessons, 1)
  assert.deepEqual(await state(engine), ['main@2', 39])
  assert.deepEqual((await engine.replay()).differences, [])
  await engine.close()
  for (const migrate of [undefined, true]) {
    const again = await open({ schema: APPENDED, migrate })
    assert.deepEqual(await state(again), ['main@2', 39])
    await again.close()
  }
})

test('another schema refits a shadow', async (t) => {
  const open = store(t)
  const first = await open()
  await live(first, 0)
  await first.close()
  await refused(open, { schema: OTHER })
  const engine = await open({ schema: OTHER, migrate: true })
  assert.deepEqual(await state(engine), ['main@1', 20])
  const [, shadow] = await engine.policies()
  assert.deepEqual([shadow.policy, shadow.role, shadow.lessons], ['main@2', 'shadow', 20])
  await live(engine, 20)
  assert.equal((await engine.policies())[1].lessons, 40)
  assert.deepEqual((await engine.replay()).differences, [])
})

test('an old decision is answered after the migration', async (t) => {
  for (const schema of [APPENDED, OTHER]) {
    const open = store(t)
    const first = await open()
    await live(first, 0)
    const tip = await first.recommend('late')
    await first.close()
    const engine = await open({ schema, migrate: true })
    await engine.react(tip, 'done')
    assert.equal((await engine.health()).lessons, 21)
    assert.deepEqual((await engine.replay()).differences, [])
    await engine.close()
  }
})

/** Counts its lessons. */
const counting = (seen) => ({
  name: 'counting',
  replays: true,
  distribution: ({ arms }) => ({ pmf: arms.map(() => 1 / arms.length), scores: arms.map(() => seen) }),
  learned: (lessons) => counting(seen + lessons.filter(({ replaces }) => replaces === null).length),
  save: () => Buffer.from(String(seen)),
  load: (bytes) => counting(Number(Buffer.from(bytes))),
})

test('components of your own are migrated', async (t) => {
  const open = store(t)
  const policies = { policy: counting(0), shadows: { linear: { type: 'linucb' } } }
  const featurisers = [{ name: 'length', features: [{ name: 'own_length', range: [0, 1] }], values: (_, all) => all.map(() => [0.5]) }]
  const first = await open(policies)
  await live(first, 0)
  await first.close()
  await refused(open, { ...policies, featurisers })
  const engine = await open({ ...policies, featurisers, migrate: true })
  assert.deepEqual(await state(engine), ['main@2', 20])
  const alive = (await engine.policies()).filter(({ role }) => role !== 'retired')
  assert.deepEqual(alive.map(({ policy, lessons }) => [policy, lessons]).sort(), [['linear@2', 20], ['main@2', 20]])
  const why = await engine.explain(await engine.recommend('after'))
  assert.ok(why.features.some(({ name, value }) => name === 'own_length' && value > 0))
  assert.deepEqual(new Set(why.scores), new Set([20]))
  assert.deepEqual((await engine.replay()).differences, [])
})

test('migrate is true or false', async (t) => {
  const open = store(t)
  for (const migrate of [1, 'true', null]) await assert.rejects(open({ migrate }), failing(InvalidInputError, 'invalid_input', 'migrate'))
})
