// Every kind of policy as a class, whose options are its settings; and rows, contexts and batches in every form.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as oo from '../index.mjs'
import { failing } from '../support/harness.mjs'

const { Arms, IncompatibleError, InvalidInputError, LinUCB, Policy, Uniform } = oo
const DIM = 4
const CLASSES = Object.values(oo).filter((one) => Object.getPrototypeOf(one) === Policy)
const wrong = (call, field) => assert.throws(call, failing(InvalidInputError, 'invalid_input', field))
const kindOf = (Class) => new Class().spec.type

/** Numbers between −1 and 1, the same every time. */
function draws(seed, count) {
  let state = seed >>> 0
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
}

function taught(Class) {
  const policy = new Class({ dim: DIM })
  const X = draws(3, 40 * DIM)
  if (Class === oo.ActionCentredTS) {
    // It learns from what its own decisions would have shown on average.
    for (let n = 0; n < 40; n++) policy.update(policy.decide(X.subarray(0, 2 * DIM), { arms: ['hold', 'walk'], seed: n }), n % 2)
  } else {
    const rewards = draws(4, 40).map((number) => Number(number > 0))
    policy.learn(X, rewards, { arms: Array.from({ length: 40 }, (_, n) => `a${n % 3}`), propensities: 0.5 })
  }
  return { policy, X: X.subarray(0, 3 * DIM) }
}

test('every kind has a class', () => {
  assert.throws(() => Policy.ofSettings({ type: 'no such kind' }), (error) => {
    const known = error.message.split('the types are ')[1].split(', ')
    assert.deepEqual(CLASSES.map(kindOf).sort(), known.sort())
    return error instanceof InvalidInputError
  })
})

for (const Class of CLASSES) {
  test(`${Class.name}: the defaults are the core's`, () => {
    const plain = Policy.ofSettings({ type: kindOf(Class) })
    assert.equal(plain.constructor, Class)
    assert.deepEqual(new Class().toJSON(), plain.toJSON())
    assert.deepEqual(new Class().options, plain.options)
  })

  test(`${Class.name}: every setting is an option`, () => {
    const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
    const { type: _, ...settings } = new Class().spec
    for (const name of Object.keys(settings).map(camel)) {
      assert.doesNotThrow(() => new Class({ [name]: undefined }))
      if (name === 'exploration' || settings[name] === null || name === 'personalRidge') continue
      assert.ok(name in new Class().options, name)
    }
    wrong(() => new Class({ dim: DIM, alhpa: 1 }), 'alhpa')
    wrong(() => new Class({ dim: DIM, reward_range: [0, 1] }), 'reward_range')
  })

  test(`${Class.name}: options make the same policy`, () => {
    const policy = new Class({ dim: DIM, rewardRange: [0, 1] })
    assert.deepEqual(new Class(policy.options).toJSON(), policy.toJSON())
    assert.deepEqual(new Class(policy.options).options, policy.options)
  })

  test(`${Class.name}: JSON and bytes change no bit`, () => {
    const { policy, X } = taught(Class)
    const text = JSON.stringify(policy)
    for (const again of [Class.fromJSON(text), Class.fromJSON(policy.toJSON()), Class.load(policy.save()), Policy.fromJSON(text)]) {
      assert.equal(again.constructor, Class)
      assert.deepEqual(again.save(), policy.save())
      const [one, two] = [again, policy].map((each) => each.decide(X, { arms: ['a0', 'a1', 'a2'], seed: 5, day: 7 }))
      assert.deepEqual(one.toJSON(), two.toJSON())
    }
    const bare = Class.fromJSON(JSON.stringify(new Class()))
    assert.equal(bare.dim, undefined)
    assert.deepEqual(bare.toJSON(), new Class().toJSON())
  })
}

test('hybrid sharing and its columns', () => {
  const policy = new LinUCB({ dim: DIM, sharing: 'hybrid', context: 2 })
  assert.equal(policy.options.sharing, 'hybrid')
  assert.equal(policy.options.context, 2)
  assert.deepEqual(new LinUCB(policy.options).toJSON(), policy.toJSON())
  assert.ok(!('context' in new LinUCB({ dim: DIM, sharing: 'hybrid' }).options))
  wrong(() => new LinUCB({ dim: DIM, context: 2 }), 'context')
})

test('drift, exploration and members are said as in the settings, in camelCase', () => {
  assert.deepEqual(new oo.DLinUCB({ forgetting: { halfLifeDays: 7 } }).spec.forgetting, { half_life_days: 7 })
  assert.deepEqual(new oo.DLinUCB({ forgetting: { perStep: 0.99 }, alpha: null }).options.alpha, null)
  assert.deepEqual(new oo.SlidingWindowLinUCB({ window: { steps: 10 } }).spec.window, { steps: 10 })
  assert.deepEqual(new LinUCB({ tau: 0.2 }).spec.exploration, { type: 'softmax', tau: 0.2 })
  assert.deepEqual(new oo.Logistic({ exploration: { type: 'thompson', draws: 64 } }).spec.exploration.draws, 64)
  assert.deepEqual(new oo.Logistic({ exploration: { type: 'inverse_gap', exponent: 0.25 } }).spec.exploration, { type: 'inverse_gap', gamma: 10, exponent: 0.25 })
  const mixture = new oo.Mixture({ dim: DIM, members: [{ weight: 3, policy: new oo.LinTS({ scale: 0.5 }) }, { weight: 1, policy: { type: 'uniform' } }] })
  assert.deepEqual(mixture.spec.members.map(({ policy }) => policy.type), ['lin_ts', 'uniform'])
  wrong(() => new oo.Mixture({ members: [{ weight: 1, policy: new Uniform({ dim: 2 }) }] }), 'policy')
  wrong(() => new LinUCB({ epsilon: 0.1, tau: 0.1 }), 'epsilon')
})

test('what is no JSON of a policy is refused', () => {
  for (const text of ['', '{}', '[1]', 'null', '{"format": "oo.policy.v2"}', '{"format": "oo.policy.v1", "state": "%"}', 7, undefined, {}]) {
    wrong(() => Policy.fromJSON(text), 'json')
  }
  for (const policy of [new LinUCB({ dim: 2 }), new LinUCB()]) wrong(() => Uniform.fromJSON(JSON.stringify(policy)), 'json')
})

test('a context is for all arms', () => {
  const policy = new LinUCB({ dim: DIM, sharing: 'disjoint' })
  policy.learn([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], [1, 0, 0.5], { arms: ['a', 'b', 'c'] })
  const x = [0.1, -0.2, 0.3, 0.4]
  const rows = policy.decide([x, x, x], { arms: ['a', 'b', 'c'], seed: 1 })
  for (const context of [x, Float64Array.from(x), { data: x, shape: [4] }]) {
    for (const arms of [['a', 'b', 'c'], new Arms(['a', 'b', 'c'])]) {
      const decided = policy.decide(context, { arms, seed: 1 })
      assert.deepEqual(decided.toJSON(), rows.toJSON())
    }
  }
  const one = policy.explain(x, 1, { arms: ['a', 'b', 'c'] })
  assert.deepEqual(one, policy.explain([x, x, x], 1, { arms: ['a', 'b', 'c'] }))
  wrong(() => policy.decide(x, { seed: 1 }), 'x')
  wrong(() => policy.decide(x.slice(2), { arms: ['a'], seed: 1 }), 'x')
})

test('arms are read once and arrays that change are read again', () => {
  const arms = new Arms(['a', 2, 'c'])
  assert.deepEqual(arms.names, ['a', '2', 'c'])
  assert.equal(arms.length, 3)
  const [policy, names] = [new Uniform({ dim: 1 }), ['a', 'b']]
  const X = [[0], [0]]
  const decided = policy.decide(X, { arms: names, seed: 1 })
  assert.equal(decided.arm, names[decided.index])
  assert.equal(policy.decide(X, { arms: [...names], seed: 1 }).arm, decided.arm)
  names[decided.index] = 'other'
  assert.equal(policy.decide(X, { arms: names, seed: 1 }).arm, 'other')
  assert.equal(policy.decide(X, { seed: 1 }).arm, String(decided.index))
})

for (const form of ['flat', 'view', 'matrices', 'nested', 'contexts']) {
  test(`decideBatch is decide many times: ${form}`, () => {
    const policy = new LinUCB({ dim: DIM, sharing: 'disjoint', tau: 0.5 })
    const cube = draws(1, 20 * 3 * DIM)
    const arms = ['a', 'b', 'c']
    policy.learn(cube.subarray(0, 20 * DIM), draws(2, 20), { arms: new Array(20).fill('a') })
    const contexts = Float64Array.from({ length: 20 * DIM }, (_, n) => cube[n])
    const matrices = Array.from({ length: 20 }, (_, n) => cube.subarray(n * 3 * DIM, (n + 1) * 3 * DIM))
    const nested = (rows) => Array.from({ length: rows.length / DIM }, (_, n) => [...rows.subarray(n * DIM, (n + 1) * DIM)])
    const batch = {
      flat: () => policy.decideBatch(cube, { rows: 3, arms, seed: 100 }),
      view: () => policy.decideBatch({ data: cube, shape: [20, 3, DIM] }, { arms, seed: 100 }),
      matrices: () => policy.decideBatch(matrices, { arms: new Arms(arms), seed: 100n }),
      nested: () => policy.decideBatch(matrices.map(nested), { arms, seed: Array.from({ length: 20 }, (_, n) => 100 + n) }),
      contexts: () => policy.decideBatch(contexts, { arms, seed: 100 }),
    }[form]()
    const singles = Array.from({ length: 20 }, (_, n) => {
      const X = form === 'contexts' ? contexts.subarray(n * DIM, (n + 1) * DIM) : matrices[n]
      return policy.decide(X, { arms, seed: 100 + n })
    })
    assert.equal(batch.length, 20)
    assert.ok(batch.index instanceof Uint32Array && batch.pmf instanceof Float64Array && batch.scores instanceof Float64Array)
    assert.deepEqual([...batch].map((one) => one.toJSON()), singles.map((one) => one.toJSON()))
    assert.deepEqual([...batch.index], singles.map((one) => one.index))
    assert.deepEqual([...batch.rows], new Array(20).fill(3))
    assert.deepEqual([...batch.pmf], singles.flatMap((one) => [...one.pmf]))
    assert.deepEqual([...batch.scores], singles.flatMap((one) => [...one.scores]))
    assert.deepEqual([...batch.propensity], singles.map((one) => one.propensity))
    assert.deepEqual(batch.arm, singles.map((one) => one.arm))
    assert.equal(batch.at(-1).arm, batch.arm.at(-1))
    const rewards = draws(9, 20)
    const twins = [0, 1, 2].map(() => Policy.load(policy.save()))
    singles.forEach((one, n) => policy.update(one, rewards[n]))
    twins[0].updateBatch(batch, rewards)
    twins[1].learn(batch, rewards)
    twins[2].updateBatch(singles, [...rewards])
    for (const twin of twins) assert.deepEqual(twin.save(), policy.save())
  })
}

test('scores that are only bounds, and probabilities that are estimates, are said', () => {
  const [policy, rows] = [new LinUCB({ dim: 16 }), draws(5, 512 * 16)]
  for (let n = 0; n < 60; n++) policy.learn([rows.subarray(n * 16, n * 16 + 16)], [rows[n * 16]])
  const one = policy.decide(rows, { seed: 1 })
  assert.ok(one.bounded instanceof Uint32Array && one.bounded.length > 0 && !one.bounded.includes(one.index))
  const best = one.scores.indexOf(Math.max(...one.scores.filter((_, row) => !one.bounded.includes(row))))
  assert.equal(one.pmf.indexOf(Math.max(...one.pmf)), best)
  assert.deepEqual(JSON.parse(JSON.stringify(one)).bounded, [...one.bounded])
  const few = rows.subarray(0, 3 * 16)
  const batch = policy.decideBatch([rows, few], { seed: 1 })
  assert.deepEqual(batch.bounded, [one.bounded, new Uint32Array(0)])
  assert.deepEqual(batch.estimated, [false, false])
  // Of two rows the probabilities of Thompson sampling are known; of three they are drawn.
  const sampling = new oo.LinTS({ dim: 16 })
  assert.deepEqual(sampling.decideBatch([few.subarray(16), few], { seed: 1 }).estimated, [false, true])
  assert.deepEqual([sampling.decide(few, { seed: 1 }).estimated, sampling.decide(few, { seed: 1 }).toJSON().estimated], [true, true])
})

test('a decision is learned, revised and taken back with its centre', () => {
  const [policy, other] = [0, 0].map(() => new oo.ActionCentredTS({ dim: 2 }))
  const X = [[0, 0], [1, -0.5], [0.25, 0.75]]
  const all = Array.from({ length: 20 }, (_, seed) => policy.decide(X, { arms: ['hold', 'walk', 'rest'], seed }))
  const rewards = all.map((_, n) => n % 3)
  const [chosen, arms] = [all.map(({ index }) => X[index]), all.map(({ arm }) => arm)]
  const more = { arms, propensities: all.map(({ propensity }) => propensity), centres: all.map((one) => policy.centre(one)) }
  assert.deepEqual(more.centres.map(({ length }) => length), new Array(20).fill(3))
  assert.ok(more.centres.every((centre) => centre[2] > 0 && centre[2] < 1))
  const empty = policy.stateHash
  policy.updateBatch(all, rewards)
  other.learn(chosen, rewards.map(() => 5), more)
  assert.notEqual(other.stateHash, policy.stateHash)
  const flat = Float64Array.from(more.centres.flatMap((centre) => [...centre]))
  other.revise(chosen, rewards, rewards.map(() => 5), { ...more, centres: flat })
  assert.equal(other.stateHash, policy.stateHash)
  other.unlearn(chosen, rewards, { ...more, centres: { data: flat, shape: [20, 3] } })
  assert.equal(other.stateHash, empty)
  for (const centres of [undefined, [], [[1, 2, 0.5]], new Float64Array(20), more.centres.map(() => [0, 0, 2]), 3, 'ab']) {
    wrong(() => other.learn(chosen, rewards, { ...more, centres }), 'centres')
  }
  const plain = new LinUCB({ dim: 2 })
  assert.equal(plain.centre(plain.decide(X, { seed: 0 })).length, 0)
  assert.throws(() => plain.centre(all[0]), failing(IncompatibleError, 'incompatible'))
  wrong(() => other.centre({}), 'decided')
})

test('decideBatch of matrices that differ', () => {
  const policy = new LinUCB({ dim: 2 })
  const matrices = [[[1, 1], [1, 1]], new Float32Array(6), { data: [1, 1], shape: [1, 2] }]
  const batch = policy.decideBatch(matrices, { seed: [1, 2n, '018f3f5e-0000-7000-8000-000000000000'] })
  assert.deepEqual([...batch.rows], [2, 3, 1])
  assert.equal(batch.pmf.length, 6)
  assert.deepEqual([...batch].map(({ pmf }) => pmf.length), [2, 3, 1])
  const named = policy.decideBatch(matrices, { arms: [['a', 'b'], new Arms(['c', 'd', 'e']), ['f']], seed: 1 })
  assert.equal(named.arm[2], 'f')
  assert.equal(policy.decideBatch([], { seed: 1 }).length, 0)
  assert.equal(batch.at(3), undefined)
})

test('people and days', () => {
  const policy = new LinUCB({ dim: 1 })
  const [X, y] = [[[1], [1], [1]], [1, 1, 1]]
  for (const people of [undefined, 'u-1', 7, ['u-1', 'u-2', 3]]) policy.learn(X, y, { people })
  for (const days of [undefined, 20_000, new Date('2026-03-01T23:00:00Z'), [1, 2, 3], Int16Array.of(1, 2, 3)]) policy.learn(X, y, { days })
  policy.update(policy.decide(X, { person: 'u-1', day: new Date(), seed: 1 }), 1)
  assert.equal(policy.lessons, 28)
  policy.decideBatch([X, X], { people: ['a', 'b'], days: [1, 2], seed: 1 })
  for (const given of [{ people: ['a', 'b'] }, { people: 1.5 }, { people: [, 'a', 'b'] }, { days: [1, 2] }, { days: 1.5 }, { days: 'soon' }, { days: new Date(Number.NaN) }]) {
    wrong(() => policy.learn(X, y, given), Object.keys(given)[0])
  }
  wrong(() => policy.decideBatch([X, X], { people: ['a', 'b', 'c'] }), 'people')
})

test('a person is taken out of the hierarchical policy exactly', () => {
  const [policy, never] = [0, 0].map(() => new oo.Hierarchical({ dim: 2 }))
  const [X, y] = [[[1, 0], [0, 1]], [1, 0.5]]
  for (const each of [policy, never]) each.learn(X, y, { people: 'stays' })
  policy.learn(X, y, { people: ['goes', 'goes'] })
  assert.notEqual(policy.stateHash, never.stateHash)
  policy.unlearn(X, y, { people: 'goes' })
  assert.equal(policy.stateHash, never.stateHash)
})

test('merging is exact for kinds that add, and said for those that do not', () => {
  for (const Class of CLASSES) {
    const { policy } = taught(Class)
    if ([oo.Logistic].includes(Class)) {
      assert.throws(() => Policy.merge([policy, policy]), failing(IncompatibleError, 'incompatible'))
      continue
    }
    const merged = Policy.merge([policy, new Class({ dim: DIM })])
    assert.equal(merged.stateHash, policy.stateHash, Class.name)
  }
})
