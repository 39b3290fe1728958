import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EpsilonGreedy, Greedy, IncompatibleError, InvalidInputError, LinUCB, OoError, Policy, StorageError, Uniform } from '../index.mjs'
import { failing } from '../support/harness.mjs'

const X = Float64Array.of(1, 0, 0, 1, 0.5, 0.5)
const wrong = (call, field) => assert.throws(call, failing(InvalidInputError, 'invalid_input', field))

for (const [name, make] of [
  ['LinUCB', () => new LinUCB({ dim: 2, alpha: 0.7, epsilon: 0.1 })],
  ['EpsilonGreedy', () => new EpsilonGreedy({ dim: 2, epsilon: 0.2 })],
  ['Greedy', () => new Greedy({ dim: 2, lambda: 0.5 })],
  ['Uniform', () => new Uniform({ dim: 2 })],
]) {
  test(`${name} decides, learns, saves and loads`, () => {
    const policy = make()
    const decided = policy.decide(X, { seed: 7 })
    assert.ok(decided.pmf instanceof Float64Array && decided.scores instanceof Float64Array)
    assert.equal(decided.pmf.length, 3)
    assert.equal(decided.propensity, decided.pmf[decided.index])
    assert.ok(Math.abs(decided.pmf.reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
    const before = policy.stateHash
    policy.update(decided, 1)
    assert.equal(policy.lessons, 1)
    assert.notEqual(policy.stateHash, before)
    const again = policy.constructor.load(policy.save())
    assert.equal(again.constructor, policy.constructor)
    assert.equal(again.stateHash, policy.stateHash)
    assert.deepEqual(again.decide(X, { seed: 8 }), policy.decide(X, { seed: 8 }))
    assert.ok(Policy.load(policy.save()) instanceof make().constructor)
  })
}

test('LinUCB learns what pays', () => {
  const policy = new LinUCB({ dim: 2, epsilon: 0 })
  policy.learn(Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1), Float64Array.of(1, 0, 1, 0))
  assert.equal(policy.decide(X, { seed: 1 }).index, 0)
  const why = policy.explain(X, 0)
  assert.ok(why.contributions instanceof Float64Array)
  assert.ok(why.mean > policy.explain(X, 1).mean)
  assert.ok(why.width > 0)
})

test('seeds: numbers, bigints and UUIDs draw the same everywhere, none draws anew', () => {
  const policy = new Uniform({ dim: 1 })
  const rows = new Float64Array(1000).fill(0.5)
  const drawn = (seed) => policy.decide(rows, { seed }).index
  assert.equal(drawn(7), drawn(7n))
  assert.equal(drawn(2n ** 64n - 1n), drawn(2n ** 64n - 1n))
  const id = '018f3f5e-0000-7000-8000-000000000000'
  assert.equal(drawn(id), drawn(id.toUpperCase()))
  assert.ok(new Set(Array.from({ length: 20 }, () => drawn())).size > 1)
  for (const seed of [-1, 1.5, Number.NaN, 2 ** 60, -1n, 2n ** 64n, '7', 'nonsense', null, {}]) wrong(() => drawn(seed), 'seed')
})

test('any order of lessons gives the same bits; unlearning and merging are exact', () => {
  const [a, b, c] = [0, 0, 0].map(() => new LinUCB({ dim: 2 }))
  a.learn(Float64Array.of(1, 0, 0, 1), Float64Array.of(1, 0.25))
  b.learn(Float64Array.of(0, 1, 1, 0), Float64Array.of(0.25, 1))
  assert.equal(a.stateHash, b.stateHash)
  c.learn(Float64Array.of(1, 0), Float64Array.of(1))
  const one = c.stateHash
  c.learn(Float64Array.of(0, 1), Float64Array.of(0.5))
  c.revise(Float64Array.of(0, 1), Float64Array.of(0.25), Float64Array.of(0.5))
  assert.equal(c.stateHash, a.stateHash)
  c.unlearn(Float64Array.of(0, 1), Float64Array.of(0.25))
  assert.equal(c.stateHash, one)
  const d = new LinUCB({ dim: 2 })
  d.learn(Float64Array.of(0, 1), Float64Array.of(0.25))
  const merged = Policy.merge([c, d])
  assert.ok(merged instanceof LinUCB)
  assert.equal(merged.stateHash, a.stateHash)
  assert.throws(() => Policy.merge([c, new LinUCB({ dim: 3 })]), failing(IncompatibleError, 'incompatible'))
})

test('disjoint arms have models of their own', () => {
  const policy = new LinUCB({ dim: 1, sharing: 'disjoint', epsilon: 0, alpha: 0 })
  policy.learn(Float64Array.of(1, 1), Float64Array.of(0, 1), { arms: ['tea', 7] })
  assert.equal(policy.decide(Float64Array.of(1, 1), { arms: ['tea', '7'], seed: 1 }).index, 1)
  wrong(() => policy.learn(Float64Array.of(1), Float64Array.of(1)), 'arms')
  wrong(() => policy.decide(Float64Array.of(1, 1), { arms: ['tea'] }), 'arms')
  wrong(() => policy.decide(Float64Array.of(1), { arms: 'tea' }), 'arms')
})

test('a number that is wrong is named by its column', () => {
  const policy = new LinUCB({ dim: 2 })
  wrong(() => policy.decide(Float64Array.of(0, Number.NaN)), 'x1')
  wrong(() => policy.decide(Float64Array.of(1, 1, Number.POSITIVE_INFINITY, 0)), 'x0')
  wrong(() => policy.decide(Float64Array.of(0, 16.5)), 'x1')
  wrong(() => policy.decide(new Float64Array(0)), 'candidates')
  wrong(() => policy.decide(new Float64Array(3)), 'x')
  wrong(() => policy.decide(new Float64Array(2), { rows: 2 }), 'x')
  wrong(() => policy.decide(new Float64Array(2), { rows: -1 }), 'rows')
  wrong(() => policy.decide([0, 1]), 'x')
  wrong(() => policy.learn(Float64Array.of(0, 0), Float64Array.of(17)), 'reward')
  wrong(() => policy.learn(Float64Array.of(0, 0), Float64Array.of(1, 2)), 'x')
  wrong(() => policy.explain(X, 3), 'index')
  wrong(() => policy.explain(X, 0.5), 'index')
  const decided = policy.decide(X)
  wrong(() => policy.update(decided, Number.NaN), 'reward')
  wrong(() => policy.update(decided, '1'), 'reward')
  wrong(() => policy.update({ index: 0 }, 1), 'decided')
  assert.throws(() => new LinUCB({ dim: 3 }).update(decided, 1), failing(IncompatibleError, 'incompatible'))
  assert.equal(policy.lessons, 0)
})

test('a setting that is wrong is named', () => {
  wrong(() => new LinUCB({ dim: 0 }), 'dim')
  wrong(() => new LinUCB({ dim: 2, lambda: 0 }), 'lambda')
  wrong(() => new LinUCB({ dim: 2, alpha: Number.NaN }), 'alpha')
  wrong(() => new LinUCB({ dim: 2, alhpa: 1 }), 'alhpa')
  wrong(() => new LinUCB({ dim: 2, epsilon: 2 }), 'epsilon')
  wrong(() => new LinUCB({ dim: 2, epsilon: 0.1, exploration: { type: 'softmax', tau: 1 } }), 'epsilon')
  wrong(() => new LinUCB({ dim: 2, range: [1, -1] }))
  wrong(() => new LinUCB({ dim: 2, rewardRange: 'auto' }))
  wrong(() => new LinUCB({ dim: -1 }))
  wrong(() => new LinUCB(3), 'options')
  wrong(() => new LinUCB({ dim: 2, range: 'auto' }).stateHash, 'range')
})

test('ranges: declared, and auto', () => {
  const declared = new LinUCB({ dim: 1, range: [-100, 100], rewardRange: [0, 1] })
  assert.equal(declared.decide(Float64Array.of(99)).index, 0)
  wrong(() => declared.learn(Float64Array.of(1), Float64Array.of(-1)), 'reward')
  const auto = new LinUCB({ dim: 1, range: 'auto' })
  auto.decide(Float64Array.of(3))
  wrong(() => auto.decide(Float64Array.of(5)), 'x0')
})

test('bytes that are no policy, cut short, flipped, or of another class', () => {
  const bytes = new LinUCB({ dim: 2 }).save()
  assert.ok(Buffer.isBuffer(bytes))
  wrong(() => LinUCB.load(Buffer.from('nonsense, and long enough to be one')))
  assert.throws(() => LinUCB.load(bytes.subarray(0, -1)), failing(StorageError, 'storage'))
  const flipped = Buffer.from(bytes)
  flipped[flipped.length >> 1] ^= 1
  assert.throws(() => LinUCB.load(flipped), (error) => error instanceof OoError)
  wrong(() => Greedy.load(bytes), 'bytes')
  wrong(() => LinUCB.load('text'), 'bytes')
})

test('a policy without dim is for an engine', () => {
  const policy = new LinUCB({ alpha: 0.5 })
  assert.equal(policy.dim, undefined)
  assert.equal(policy.lessons, 0)
  for (const call of [() => policy.decide([[1]], { seed: 1 }), () => policy.stateHash, () => policy.save(), () => policy.learn([[1]], [1])]) {
    wrong(call, 'dim')
  }
})

test('a policy of settings is that of its class', () => {
  const policy = Policy.ofSettings({ type: 'linucb', alpha: 0.7 }, { dim: 2, range: [-1, 1] })
  assert.ok(policy instanceof LinUCB)
  assert.equal(policy.stateHash, new LinUCB({ dim: 2, alpha: 0.7, range: [-1, 1] }).stateHash)
  assert.equal(policy.dim, 2)
  assert.equal(policy.spec.alpha, 0.7)
})
