// Named bandits: durable, exact, shared between processes, and forgotten with a person.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { ActionCentredTS, Engine, IncompatibleError, InvalidInputError, LinUCB, NotFoundError, Uniform } from '../index.mjs'
import { failing, folder, opened, world } from '../support/harness.mjs'

const uuid = (number) => {
  const hex = number.toString(16).padStart(2, '0').repeat(16)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
const rows = (number) => [[1, 0, number / 256], [0, 1, 0.5]]
const decide = (engine, number, more) =>
  engine.decide(rows(number), { bandit: 'prices', policy: new LinUCB({ alpha: 0.5 }), id: uuid(number), ...more })

test('a named bandit is the bare bandit on disk', async (t) => {
  const [clock, path] = [world(t), join(folder(t), 'oo.db')]
  const bare = new LinUCB({ dim: 3, alpha: 0.5 })
  const engine = await Engine.open(path, { testWorld: clock.path })
  for (let number = 1; number < 40; number++) {
    const decided = bare.decide(rows(number), { seed: uuid(number), day: 20_514 })
    const choice = await decide(engine, number)
    const { decision, bandit, ...rest } = choice
    assert.deepEqual(rest, decided.toJSON())
    assert.deepEqual([decision, bandit], [uuid(number), 'prices'])
    bare.update(decided, number % 3)
    assert.deepEqual(await engine.reward(choice, number % 3), { decision: choice.decision, status: 'learned', reward: number % 3 })
  }
  const live = await engine.bandits()
  assert.deepEqual(live.map(({ name, lessons, state_hash }) => [name, lessons, state_hash]), [['prices', 39, bare.stateHash]])
  assert.equal(live[0].settings.policy.alpha, 0.5)
  const replayed = await engine.replay()
  assert.deepEqual(replayed.differences, [])
  assert.ok(replayed.pmfs >= 39)
  assert.deepEqual(await engine.decisions(), [])
  await engine.close()
  const again = await Engine.open(path, { testWorld: clock.path })
  t.after(() => again.close())
  assert.deepEqual(await again.bandits(), live)
  const known = await decide(again, 7)
  assert.equal((await again.choice(known)).reward, 1)
  assert.equal((await again.choice(known.decision)).reward, 1)
  assert.equal((await again.bandits())[0].lessons, 39)
})

test('a reward is learned once, revised and shared', async (t) => {
  const path = join(folder(t), 'oo.db')
  const [one, two] = [await Engine.open(path), await Engine.open(path)]
  const last = await opened(t)
  t.after(() => Promise.all([one.close(), two.close()]))
  const choice = await decide(one, 1)
  assert.equal((await two.reward(choice, 1)).status, 'learned')
  assert.equal((await one.reward(choice, 1)).status, 'duplicate')
  assert.notDeepEqual((await decide(one, 2)).scores, choice.scores)
  assert.equal((await one.reward(choice.decision, -2)).status, 'revised')
  assert.equal((await two.reward(choice.decision, -2)).status, 'duplicate')
  await last.reward(await decide(last, 1), -2)
  assert.deepEqual(await last.bandits(), await one.bandits())
  assert.deepEqual(await last.bandits(), await two.bandits())
  assert.deepEqual((await two.replay()).differences, [])
})

test('a batch is one commit', async (t) => {
  const engine = await opened(t)
  const asked = (number) => ({ X: rows(number), bandit: 'prices', id: uuid(number) })
  const choices = await engine.decideAll(Array.from({ length: 100 }, (_, n) => asked(n + 1)))
  assert.equal(choices.length, 100)
  const wrong = Array.from({ length: 10 }, (_, n) => asked(n + 101))
  wrong[7].X[0][1] = Number.NaN
  await assert.rejects(engine.decideAll(wrong), failing(InvalidInputError, 'invalid_input', 'decisions[7].x1'))
  await assert.rejects(engine.choice(uuid(101)), failing(NotFoundError, 'not_found', 'decision'))
  const again = await engine.decideAll([asked(1), asked(120)])
  assert.deepEqual(again[0], choices[0])
  assert.deepEqual(await engine.decideAll([]), [])
})

test('a batch in every form', async (t) => {
  const engine = await opened(t)
  const cube = Array.from({ length: 5 }, (_, n) => rows(n))
  const shared = { bandit: 'forms', policy: new LinUCB({ sharing: 'disjoint' }), arms: ['low', 'high'], range: [-2, 2], rewardRange: [0, 1] }
  const flat = cube.map((one) => Float32Array.from(one.flat()))
  for (const given of [cube, flat, cube.map((X) => ({ X, user: 'anna' })), flat.map((data) => ({ data, shape: [2, 3] }))]) {
    const choices = await engine.decideAll(given, shared)
    assert.deepEqual(choices.map(({ arm }) => arm), choices.map(({ index }) => ['low', 'high'][index]))
  }
  const contexts = await engine.decideAll(cube.map(([x]) => x), shared)
  assert.deepEqual(contexts.map(({ pmf }) => pmf.length), [2, 2, 2, 2, 2])
  const [{ settings }] = await engine.bandits()
  assert.deepEqual([settings.range, settings.reward_range], [[-2, 2], [0, 1]])
  const own = await engine.decideAll([{ X: rows(1), bandit: 'own', policy: { type: 'uniform' } }, rows(1)], { bandit: 'forms', arms: ['low', 'high'] })
  assert.deepEqual(own.map(({ bandit }) => bandit), ['own', 'forms'])
  const [left] = await engine.decideAll([{ X: rows(1), bandit: undefined, arms: undefined }], { bandit: 'forms', arms: ['low', 'high'] })
  assert.equal(left.bandit, 'forms')
})

test('rewards of many choices, each for itself', async (t) => {
  const [engine, other] = [await opened(t), await opened(t)]
  const choices = await engine.decideAll([1, 2, 3].map((number) => ({ X: rows(number), bandit: 'prices', id: uuid(number) })))
  const rewards = [
    { decision: choices[0], reward: 1 },
    { decision: uuid(99), reward: 1 },
    { decision: choices[1].decision, reward: 17 },
    { decision: choices[2], reward: 0.5 },
    { decision: choices[0], reward: 0 },
    { decision: choices[2], reward: 0.5 },
  ]
  const rewarded = await engine.rewardAll(rewards)
  assert.deepEqual(rewarded.map(({ status, code }) => status ?? code), ['learned', 'not_found', 'invalid_input', 'learned', 'revised', 'duplicate'])
  assert.ok(rewarded[1] instanceof NotFoundError && rewarded[1].field === 'decision')
  assert.ok(rewarded[2] instanceof InvalidInputError && rewarded[2].field === 'reward')
  for (const number of [1, 3]) await decide(other, number, { policy: undefined })
  await other.reward(uuid(1), 0)
  await other.reward(uuid(3), 0.5)
  assert.deepEqual(await engine.bandits(), await other.bandits())
  assert.deepEqual((await engine.replay()).differences, [])
  assert.deepEqual(await engine.rewardAll([]), [])
  const before = await engine.bandits()
  const wrong = (given, field) => assert.rejects(engine.rewardAll(given), failing(InvalidInputError, 'invalid_input', field))
  for (const given of [undefined, 3, {}]) await wrong(given, 'rewards')
  for (const one of [3, null, { reward: 1 }, { decision: 'x', reward: 1 }, { decision: 5, reward: 1 }]) await wrong([rewards[0], one], 'rewards[1].decision')
  for (const reward of ['1', undefined, Number.NaN]) await wrong([rewards[0], { decision: choices[1], reward }], 'rewards[1].reward')
  await wrong([{ ...rewards[0], at: 1 }], 'rewards[0].at')
  await wrong(new Array(1001).fill(rewards[0]), 'rewards')
  assert.deepEqual(await engine.bandits(), before)
})

test('a batch is of one person, but for decisions that say otherwise', async (t) => {
  const engine = await opened(t)
  await engine.decideAll([rows(1), { X: rows(2), user: 'ben' }, { X: rows(3) }], { bandit: 'prices', user: 'anna' })
  const held = async (user) => (await engine.export(user)).split('"type":"choice"').length - 1
  assert.deepEqual([await held('anna'), await held('ben')], [2, 1])
  await assert.rejects(engine.decideAll([rows(1), rows(2)], { user: '' }), failing(InvalidInputError, 'invalid_input', 'decisions[0].user'))
})

test('forgetting a person leaves the bandit that never met them', async (t) => {
  for (const policy of [new LinUCB(), new LinUCB({ sharing: 'disjoint' }), new Uniform()]) {
    const states = []
    for (const met of [true, false]) {
      const engine = await opened(t, { testWorld: world(t).path })
      for (let number = 1; number < 30; number++) {
        const user = number % 3 === 0 ? 'anna' : 'ben'
        if (user === 'anna' && !met) continue
        const arms = [['low', 'high'][number % 2]]
        const choice = await engine.decide([[number / 32, 1, -0.5]], { bandit: 'prices', policy, arms, user })
        await engine.reward(choice, number % 2)
      }
      if (met) {
        assert.equal((await engine.export('anna')).split('"type":"choice"').length - 1, 9)
        assert.equal((await engine.forget('anna')).lessons, 9)
        assert.ok(!(await engine.export('anna')).includes('choice'))
        assert.deepEqual((await engine.replay()).differences, [])
      }
      states.push(await engine.bandits())
    }
    assert.deepEqual(states[0], states[1])
  }
})

test('what is wrong is said', async (t) => {
  const engine = await opened(t)
  const choice = await decide(engine, 1)
  const said = (call, type, code, field) => assert.rejects(call, failing(type, code, field))
  const wrong = (call, field) => said(call, InvalidInputError, 'invalid_input', field)
  const other = (call, field) => said(call, IncompatibleError, 'incompatible', field)
  await said(engine.reward(uuid(9), 1), NotFoundError, 'not_found', 'decision')
  await said(engine.choice(uuid(9)), NotFoundError, 'not_found', 'decision')
  for (const value of [17, Number.NaN, Number.POSITIVE_INFINITY, '1']) await wrong(engine.reward(choice, value), 'reward')
  const prices = { bandit: 'prices' }
  await wrong(engine.decide([], prices), 'candidates')
  await wrong(engine.decide([], { bandit: 'new' }), 'candidates')
  await wrong(engine.decide([1, 0, 0.5], { bandit: 'new', arms: [] }), 'candidates')
  await wrong(engine.decide([[1, 0], [0, 1]], prices), 'x')
  await wrong(engine.decide([[99, 0, 0.5]], prices), 'x0')
  await wrong(engine.decide(rows(2), { ...prices, arms: ['a'] }), 'arms')
  await other(engine.decide(rows(2), { ...prices, policy: new Uniform() }), 'policy')
  await other(engine.decide(rows(2), { ...prices, range: [-1, 1] }), 'range')
  await other(engine.decide(rows(2), { ...prices, rewardRange: [-1, 1] }), 'rewardRange')
  await wrong(engine.decide(rows(1), { bandit: 'other', id: choice.decision }), 'id')
  const tip = await engine.recommend('anna')
  await said(engine.reward(tip.id, 1), NotFoundError, 'not_found', 'decision')
  assert.equal((await engine.bandits()).length, 1)
})

test('the advantage over doing nothing is learned', async (t) => {
  const engine = await opened(t, { testWorld: world(t).path })
  const bare = new ActionCentredTS({ dim: 3 })
  for (let number = 1; number < 20; number++) {
    const X = [[0, 0, 0], [1, number / 32, -0.5]]
    const decided = bare.decide(X, { arms: ['hold', 'walk'], seed: uuid(number), day: 20_514 })
    bare.update(decided, number % 2)
    const choice = await engine.decide(X, { policy: new ActionCentredTS(), arms: ['hold', 'walk'], id: uuid(number) })
    assert.deepEqual(choice.pmf, [...decided.pmf])
    await engine.reward(choice, number % 2)
  }
  const [{ name, state_hash }] = await engine.bandits()
  assert.deepEqual([name, state_hash], ['default', bare.stateHash])
  assert.deepEqual((await engine.replay()).differences, [])
})

test('answers are data', async (t) => {
  const engine = await opened(t)
  const choice = await decide(engine, 1)
  assert.deepEqual(JSON.parse(JSON.stringify(choice)), choice)
  assert.ok(!('reward' in choice) || choice.reward === undefined)
  const [policy, ...others] = await engine.policies()
  const health = await engine.health()
  assert.deepEqual([policy.policy, policy.role, policy.lessons, others], [health.policy, 'champion', 0, []])
  assert.equal(policy.settings.type, 'auto')
  assert.match(policy.schema, /^[0-9a-f]{64}$/)
})

test('many at once', async (t) => {
  const engine = await opened(t)
  const choices = await Promise.all(Array.from({ length: 20 }, (_, n) => engine.decide(rows(n), { bandit: 'prices' })))
  await Promise.all(choices.map((choice) => engine.reward(choice, 1)))
  assert.equal((await engine.choice(choices[0])).reward, 1)
  assert.equal((await engine.bandits())[0].lessons, 20)
  await assert.rejects(engine.decide(rows(1), { signal: AbortSignal.abort() }), { name: 'AbortError' })
})
