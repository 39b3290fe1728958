// What the peers swallow: each has a typed error here that says what to do, or the conversion that the README states.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as oo from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

const { IncompatibleError, InvalidInputError, LinUCB, Policy } = oo
const DIM = 3
const X = [[0.5, -0.25, 1], [0, 0.75, -1], [0.125, -0.5, 0.25], [1, 1, 1]]
const Y = [1, 0, 1, 0]
const flat = () => Float64Array.from(X.flat())

function refused(call, field) {
  let said
  assert.throws(call, (error) => ((said = error.message), failing(InvalidInputError, 'invalid_input', field)(error)))
  return said
}

async function rejected(call, field) {
  await assert.rejects(call, failing(InvalidInputError, 'invalid_input', field))
}

function incompatible(call) {
  assert.throws(call, failing(IncompatibleError, 'incompatible'))
}

function withValue(value, row = 2, column = 1) {
  const wrong = X.map((one) => [...one])
  wrong[row][column] = value
  return wrong
}

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`${value} names row and column`, () => {
    const policy = new LinUCB({ dim: DIM })
    for (const call of [
      () => policy.decide(withValue(value), { seed: 1 }),
      () => policy.decide(Float32Array.from(withValue(value).flat()), { seed: 1 }),
      () => policy.learn(withValue(value), Y),
      () => policy.decideBatch([withValue(value)], { seed: 1 }),
      () => policy.explain(withValue(value), 0),
    ]) {
      assert.match(refused(call, 'x1'), /row 2, column 1/)
    }
    assert.match(refused(() => policy.learn(X, [0, 0, 0, value]), 'reward'), /reward 3/)
    assert.equal(policy.lessons, 0)
  })
}

test('probability zero is no propensity', () => {
  const policy = new LinUCB({ dim: DIM })
  for (const p of [0, -0.5, 1.5, Number.NaN]) {
    assert.match(refused(() => policy.learn(X, Y, { propensities: [0.5, 0.5, p, 1] }), 'propensities'), /\(0, 1\]/)
    refused(() => policy.learn(X, Y, { propensities: p }), 'propensities')
  }
  refused(() => policy.learn(X, Y, { propensities: [0.5, 0.5, 0.5] }), 'propensities')
  assert.equal(policy.lessons, 0)
})

test('what another policy decided is not learned', () => {
  const decided = new LinUCB({ dim: 2 }).decide([[0, 0], [0, 0]], { seed: 1 })
  const policy = new LinUCB({ dim: DIM })
  incompatible(() => policy.update(decided, 1))
  incompatible(() => policy.updateBatch([decided], [1]))
  refused(() => policy.updateBatch([0.5], [1]), 'decided')
  refused(() => policy.updateBatch([, decided], [1, 1]), 'decided')
  refused(() => policy.updateBatch(3, [1]), 'decided')
  refused(() => policy.update({ ...decided }, 1), 'decided')
  const [own, arms] = [new LinUCB({ dim: DIM, sharing: 'disjoint' }), ['a', 'b', 'c', 'd']]
  for (const another of [policy, new LinUCB({ dim: DIM, sharing: 'disjoint', alpha: 0.5 }), new oo.Uniform({ dim: DIM })]) {
    const decided = another.decide(X, { arms, seed: 1 })
    incompatible(() => own.update(decided, 1))
    incompatible(() => own.updateBatch([decided], [1]))
    incompatible(() => own.centre(decided))
  }
  assert.equal(own.lessons, 0)
  const theirs = own.decide(X, { arms, seed: 1 })
  for (const same of [Policy.load(own.save()), new LinUCB({ dim: DIM, sharing: 'disjoint' }), own]) {
    same.update(theirs, 1)
    assert.equal(same.lessons, 1)
  }
  incompatible(() => Policy.merge([policy, new LinUCB({ dim: DIM, alpha: 0.5 })]))
  refused(() => Policy.merge([]), 'bandits')
})

test('an arm out of range is refused', () => {
  const policy = new LinUCB({ dim: DIM, sharing: 'disjoint' })
  for (const index of [4, -1, 1e12, 0.5, '0', Number.NaN]) refused(() => policy.explain(X, index), 'index')
  refused(() => policy.decide(X, { arms: ['a', 'b'], seed: 1 }), 'arms')
  refused(() => policy.learn(X, Y), 'arms')
  refused(() => policy.learn(X, Y, { arms: new Array(5).fill('a') }), 'arms')
  for (const arm of [1.5, null, undefined, Buffer.from('a'), '\ud800', 1n, {}]) {
    refused(() => policy.decide(X, { arms: new Array(4).fill(arm), seed: 1 }), 'arms')
    refused(() => new oo.Arms([arm]), 'arms')
  }
  for (const arms of [new Array(4), 'abcd', 4, { length: 4 }]) refused(() => policy.decide(X, { arms, seed: 1 }), 'arms')
})

test('a batch names the decision that is wrong', () => {
  const [policy, names] = [new LinUCB({ dim: DIM, sharing: 'disjoint' }), ['a', 'b', 'c', 'd']]
  for (const wrong of [null, undefined, 3, 'abcd', [null], Buffer.from('abcd')]) {
    assert.match(refused(() => policy.decideBatch([X, X], { arms: [names, wrong], seed: 1 }), 'arms'), /decision 1/)
  }
  assert.match(refused(() => policy.decideBatch([X, X], { arms: [names, ,], seed: 1 }), 'arms'), /each decision needs/)
  for (const wrong of [null, undefined, 'abc', X[0], {}]) {
    assert.match(refused(() => policy.decideBatch([X, wrong], { arms: names, seed: 1 }), 'x'), /decision 1/)
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 16.5]) {
    const alone = refused(() => policy.decide(withValue(value), { arms: names, seed: 1 }), 'x1')
    const whole = Float64Array.from([...X, ...withValue(value)].flat())
    for (const [given, rows] of [[[X, withValue(value)]], [whole, 4]]) {
      const message = refused(() => policy.decideBatch(given, { arms: names, rows, seed: 1 }), 'x1')
      assert.equal(message, `decision 1: ${alone}`)
    }
    assert.match(refused(() => policy.decideBatch(withValue(value), { arms: names, seed: 1 }), 'x1'), /^decision 2: /)
  }
  assert.match(refused(() => policy.decideBatch(X, { arms: ['a', 'b', 'a'], seed: 1 }), 'arms'), /^decision 0: .*twice/)
  assert.match(refused(() => policy.decideBatch([X, []], { seed: 1 }), 'candidates'), /^decision 1: /)
  for (const lists of [[names], [names, names, names]]) refused(() => policy.decideBatch([X, X], { arms: lists, seed: 1 }), 'arms')
  assert.equal(policy.decideBatch([X, X], { arms: [names, new oo.Arms(names)], seed: 1 }).length, 2)
})

test('zero candidates are refused', () => {
  const policy = new LinUCB({ dim: DIM })
  for (const none of [[], new Float64Array(0), { data: [], shape: [0, DIM] }]) refused(() => policy.decide(none, { seed: 1 }), 'candidates')
  refused(() => policy.decide(X[0], { arms: [], seed: 1 }), 'candidates')
  refused(() => policy.decideBatch({ data: [], shape: [2, 0, DIM] }, { seed: 1 }), 'candidates')
})

test('an arm named twice: one candidate twice in one context, two candidates in two rows', () => {
  const policy = new LinUCB({ dim: DIM, sharing: 'disjoint' })
  assert.match(refused(() => policy.decide(X[0], { arms: ['a', 'b', 'a'], seed: 1 }), 'arms'), /twice/)
  refused(() => policy.decideBatch(X, { arms: ['a', 'b', 'a'], seed: 1 }), 'arms')
  assert.equal(policy.decide(X.slice(0, 3), { arms: ['a', 'b', 'a'], seed: 1 }).pmf.length, 3)
})

test('no ridge is refused', () => {
  for (const lambda of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]) {
    for (const Class of [LinUCB, oo.Greedy, oo.EpsilonGreedy]) assert.throws(() => new Class({ dim: DIM, lambda }), InvalidInputError)
  }
})

for (const shape of [[], [DIM], [4, DIM + 1], [4, DIM - 1], [4, 0], [1, 4, DIM], [DIM, 4, 1, 1]]) {
  test(`the wrong shape (${shape}) is refused`, () => {
    const policy = new LinUCB({ dim: DIM })
    const zeros = { data: new Float64Array(shape.reduce((size, length) => size * length, 1)), shape }
    refused(() => policy.decide(zeros, { seed: 1 }), 'x')
    refused(() => policy.learn(zeros, Y), 'x')
    if (shape.length !== 3) refused(() => policy.decideBatch(zeros, { seed: 1 }), 'x')
  })
}

test('lengths that do not fit are refused', () => {
  const policy = new LinUCB({ dim: DIM })
  refused(() => policy.decide(new Float64Array(4), { seed: 1 }), 'x')
  refused(() => policy.decide(flat(), { rows: 3, seed: 1 }), 'x')
  refused(() => policy.decide(flat(), { rows: -1, seed: 1 }), 'rows')
  refused(() => policy.decideBatch(flat(), { rows: 3, seed: 1 }), 'x')
  refused(() => policy.decideBatch(flat(), { seed: 1 }), 'x')
  refused(() => policy.decideBatch([new Float64Array(4)], { seed: 1 }), 'x')
  refused(() => policy.decideBatch([X, X], { seed: [1], arms: [['a', 'b', 'c', 'd']] }), 'arms')
  refused(() => policy.decideBatch([X, X], { seed: [1] }), 'seed')
  const id = '018f3f5e-0000-7000-8000-000000000000'
  for (const seed of [-1, -1n, 2n ** 64n, 0.5, 'seven', '#7', id, [1, 0.5], [1, '#7'], [1, 2n ** 64n], [, 1]]) {
    refused(() => policy.decideBatch([X, X], { seed }), 'seed')
  }
  assert.equal(policy.decideBatch([X, X], { seed: 2n ** 64n - 1n }).length, 2)
  refused(() => policy.decide(X, { sead: 1 }), 'sead')
})

test('rewards of another shape are refused', () => {
  const policy = new LinUCB({ dim: DIM })
  refused(() => policy.learn(X, Y.slice(1)), 'x')
  refused(() => policy.learn(X, [Y]), 'rewards')
  refused(() => policy.learn(X, 'rewards'), 'rewards')
  refused(() => policy.updateBatch(policy.decideBatch([X], { seed: 1 }), [1, 1]), 'rewards')
  assert.equal(policy.lessons, 0)
})

const sparse = flat()
const CONVERTED = {
  Float64Array: flat,
  'a part of a Float64Array': () => Float64Array.of(9, ...flat(), 9).subarray(1, 13),
  'a Float64Array at an odd place of its memory': () => {
    const bytes = new Uint8Array(8 + 96)
    bytes.set(new Uint8Array(flat().buffer), 8)
    return new Float64Array(bytes.buffer, 8, 12)
  },
  'shared memory': () => {
    const shared = new Float64Array(new SharedArrayBuffer(96))
    shared.set(flat())
    return shared
  },
  Float32Array: () => Float32Array.from(flat()),
  Int8Array: () => Int8Array.from(flat()),
  Uint8Array: () => Uint8Array.from(flat(), Math.abs),
  Uint8ClampedArray: () => Uint8ClampedArray.from(flat()),
  Int16Array: () => Int16Array.from(flat()),
  Uint32Array: () => Uint32Array.from(flat(), Math.abs),
  'an array of rows': () => X,
  'an array of typed rows': () => X.map((row) => Float32Array.from(row)),
  'a view': () => ({ data: X.flat(), shape: [4, DIM] }),
  'columns as rows': () => ({ data: Float64Array.from(X[0].flatMap((_, column) => X.map((row) => row[column]))), shape: [4, DIM], stride: [1, 4] }),
  'every second row': () => ({ data: X.flatMap((row) => [...row, 0, 0, 0]), shape: [4, DIM], stride: [2 * DIM, 1] }),
  backwards: () => ({ data: flat().reverse(), shape: [4, DIM], stride: [-DIM, -1], offset: 11 }),
}

for (const [form, make] of Object.entries(CONVERTED)) {
  test(`converted: ${form}`, () => {
    const whole = ArrayBuffer.isView(make()) && !(make() instanceof Float64Array || make() instanceof Float32Array)
    const plain = whole ? Float64Array.from(make()) : flat()
    const [one, two] = [0, 1].map(() => new LinUCB({ dim: DIM }))
    one.learn(make(), Y)
    two.learn(plain, Y)
    assert.deepEqual(one.save(), two.save())
    assert.deepEqual(one.decide(make(), { seed: 1 }).toJSON(), two.decide(plain, { seed: 1 }).toJSON())
    const batch = one.decideBatch([make(), make()], { seed: 1 })
    assert.deepEqual([...batch.scores], [...two.decide(plain).scores, ...two.decide(plain).scores])
  })
}

test('a Float64Array is taken as it is, everything else is converted once', () => {
  const policy = new LinUCB({ dim: DIM })
  const [values, single, rewards] = [flat(), Float32Array.from(flat()), Float64Array.from(Y)]
  const Real = globalThis.Float64Array
  let made = 0
  const counted = (call) => {
    made = 0
    globalThis.Float64Array = new Proxy(Real, { construct: (target, args) => (made++, Reflect.construct(target, args)) })
    try {
      call()
    } finally {
      globalThis.Float64Array = Real
    }
    return made
  }
  const plain = counted(() => policy.learn([], []))
  assert.equal(counted(() => policy.decide(values, { seed: 1 })), 0)
  assert.equal(counted(() => policy.decide(values.subarray(DIM), { seed: 1 })), 0)
  assert.equal(counted(() => policy.decide({ data: values, shape: [4, DIM] }, { seed: 1 })), 0)
  assert.equal(counted(() => policy.decide(single, { seed: 1 })), 1)
  assert.ok(counted(() => policy.learn(values, rewards)) < plain, 'neither rows nor rewards are copied')
})

test('arrays whose memory was transferred away are refused', () => {
  const policy = new LinUCB({ dim: DIM })
  const gone = (array) => (structuredClone(array, { transfer: [array.buffer] }), array)
  for (const make of [flat, () => Float32Array.from(flat()), () => flat().subarray(DIM)]) {
    for (const given of [gone(make()), { data: gone(make()), shape: [4, DIM] }, [gone(make())]]) {
      assert.match(refused(() => policy.decide(given, { seed: 1 }), 'x'), /transferred/)
      assert.match(refused(() => policy.learn(given, Y), 'x'), /transferred/)
    }
  }
  assert.match(refused(() => policy.decideBatch([X, gone(flat())], { seed: 1 }), 'x'), /decision 1: .*transferred/)
  assert.match(refused(() => policy.learn(X, gone(Float64Array.from(Y))), 'rewards'), /transferred/)
  assert.match(refused(() => policy.learn(X, Y, { propensities: gone(Float64Array.from(Y)) }), 'propensities'), /transferred/)
  assert.equal(policy.lessons, 0)
  refused(() => policy.decide(new Float64Array(0), { seed: 1 }), 'candidates')
})

test('arrays that are no numbers are refused', () => {
  const policy = new LinUCB({ dim: DIM })
  const holes = X.map((row) => [...row])
  delete holes[1][1]
  for (const given of [
    BigInt64Array.of(1n, 2n, 3n), BigUint64Array.of(1n, 2n, 3n), Buffer.from(sparse.buffer), new DataView(new ArrayBuffer(24)), new ArrayBuffer(24),
    X.map((row) => row.map(String)), X.map((row) => row.map((value) => value > 0)), X.map((row) => row.map(BigInt.bind(null, 1))), X.map((row) => row.map(() => null)),
    holes, [X[0], , X[2]], [[1], [1, 2]], [[1, 2, 3], 4], null, undefined, 'abc', {}, 7, new Map(), { data: flat() }, { data: 'abc', shape: [1, 3] },
    { data: flat(), shape: [5, DIM] }, { data: flat(), shape: [4, DIM], offset: -1 }, { data: flat(), shape: [4, DIM], stride: [0.5, 1] },
  ]) {
    refused(() => policy.decide(given, { seed: 1 }), 'x')
    refused(() => policy.learn(given, Y), 'x')
  }
})

test('arrays that hold themselves are refused', async (t) => {
  const [policy, engine] = [new LinUCB({ dim: DIM }), await opened(t)]
  const holdsItself = (often) => {
    const one = []
    for (let place = 0; place < often; place++) one.push(one)
    return one
  }
  const view = { shape: [4, DIM] }
  view.data = view
  for (const given of [holdsItself(1), holdsItself(3), [holdsItself(1), X[0]], [X[0], holdsItself(1)], [[[[1]]]], view]) {
    refused(() => policy.decide(given, { seed: 1 }), 'x')
    refused(() => policy.decide(given, { arms: ['a', 'b', 'c', 'd'], seed: 1 }), 'x')
    refused(() => policy.decideBatch(given, { seed: 1 }), 'x')
    refused(() => policy.decideBatch([X, given], { seed: 1 }), 'x')
    refused(() => policy.learn(given, Y), 'x')
    refused(() => policy.learn(X, given), 'rewards')
    refused(() => policy.learn(X, Y, { propensities: given }), 'propensities')
    refused(() => policy.learn(X, Y, { days: given }), 'days')
    await rejected(engine.decide(given), 'x')
    await rejected(engine.decideAll([X, { X: given }]), 'decisions[1].x')
  }
  assert.equal(policy.lessons, 0)
})

test('outputs are typed arrays of their own', () => {
  const decided = new LinUCB({ dim: DIM }).decide(X, { seed: 1 })
  for (const array of [decided.pmf, decided.scores]) assert.ok(array instanceof Float64Array && array.byteOffset === 0)
  decided.pmf.fill(7)
  assert.equal(decided.propensity <= 1, true)
})

test('values outside the declared range are refused with a range that fits', () => {
  for (const value of [16.5, -17, 1e30, 1e300, -Number.MAX_VALUE]) {
    const policy = new LinUCB({ dim: DIM })
    const message = refused(() => policy.decide(withValue(value), { seed: 1 }), 'x1')
    assert.match(message, /row 2, column 1.*rescale it/)
    assert.equal(refused(() => policy.learn(withValue(value), Y), 'x1'), message)
    const reward = refused(() => policy.learn(X, [0, 0, 0, value]), 'reward')
    const ranges = [message, reward].map((said) => /declare a (?:reward )?range of \((\S+), (\S+)\)/.exec(said)?.slice(1).map(Number))
    assert.deepEqual(ranges.map(Boolean), new Array(2).fill(Math.abs(value) < 1.2e30))
    const [range, rewardRange] = ranges
    if (range) new LinUCB({ dim: DIM, range, rewardRange }).learn(withValue(value), [0, 0, 0, value])
  }
})

const two = (weights) => ({ members: weights.map((weight) => ({ weight, policy: new oo.Uniform() })) })
for (const [Class, options, field] of [
  [oo.DLinUCB, { forgetting: { halfLifeDays: 0 } }],
  [oo.DLinUCB, { forgetting: { halfLifeDays: -30 } }],
  [oo.DLinUCB, { forgetting: { halfLifeDays: Number.NaN } }],
  [oo.DLinUCB, { forgetting: { perStep: 1.5 } }],
  [oo.DLinUCB, { forgetting: { perStep: 0.9 }, sharing: 'disjoint' }],
  [oo.DLinUCB, { forgetting: { days: 3 } }],
  [oo.DLinUCB, { alpha: -1 }, 'alpha'],
  [oo.DLinUCB, { alpha: Number.NaN }, 'alpha'],
  [oo.DLinUCB, { alpha: null, delta: 0 }, 'delta'],
  [oo.DLinUCB, { noise: -1 }, 'noise'],
  [oo.DLinUCB, { sharing: 'hybrid' }, 'sharing'],
  [oo.SlidingWindowLinUCB, { window: { days: 0 } }, 'window'],
  [oo.SlidingWindowLinUCB, { window: { days: -7 } }],
  [oo.SlidingWindowLinUCB, { window: { steps: 0 } }, 'window'],
  ...[
    oo.ActionCentredTS, oo.DLinUCB, oo.EpsilonGreedy, oo.Greedy, oo.Hierarchical, oo.LinTS, LinUCB, oo.Logistic,
    oo.SlidingWindowLinUCB, oo.Softmax, oo.SquareCB,
  ].map((Class) => [Class, { lambda: 0 }, 'lambda']),
  [oo.BetaTS, { prior: [0, 1] }, 'prior'],
  [oo.BetaTS, { epsilon: 1.5 }, 'epsilon'],
  [oo.BetaTS, { dim: 1, rewardRange: [1, 0] }, 'rewardRange'],
  [oo.UCB1, { alpha: -1 }, 'alpha'],
  [oo.UCB1, { tau: 0 }, 'tau'],
  [oo.UCB1, { dim: 1, rewardRange: [0, Number.POSITIVE_INFINITY] }, 'rewardRange'],
  [oo.Logistic, { alpha: -1 }, 'alpha'],
  [oo.Logistic, { exploration: { type: 'thompson', draws: 1 } }, 'draws'],
  [oo.Logistic, { exploration: { type: 'inverse_gap', gamma: -1 } }, 'gamma'],
  [oo.Logistic, { exploration: { type: 'inverse_gap', exponent: 3 } }, 'exponent'],
  [oo.SquareCB, { gamma: -1 }, 'gamma'],
  [oo.SquareCB, { exponent: 3 }, 'exponent'],
  [oo.LinTS, { scale: -1 }, 'scale'],
  [oo.LinTS, { draws: 1 }, 'draws'],
  [oo.Logistic, { horizonDays: 40_000 }, 'horizonDays'],
  [oo.Logistic, { openLessons: 0 }, 'openLessons'],
  [oo.Logistic, { sharing: 'hybrid' }, 'sharing'],
  [oo.Hierarchical, { personalRidge: 0 }, 'personalRidge'],
  [oo.Hierarchical, { rank: 0 }, 'rank'],
  [oo.ActionCentredTS, { piMin: 0.9, piMax: 0.1 }, 'piMax'],
  [oo.ActionCentredTS, { hold: '' }, 'hold'],
  [oo.RecoveringSoftmax, { halfLifeDays: 0 }, 'halfLifeDays'],
  [oo.RecoveringSoftmax, { tau: 0 }, 'tau'],
  [oo.Mixture, { members: [] }, 'members'],
  [oo.Mixture, { members: 'auto' }, 'members'],
  [oo.Mixture, { members: [3] }, 'members'],
  [oo.Mixture, { members: [{ weight: 1, policy: new oo.Mixture() }] }, 'members'],
  [oo.Mixture, two(new Array(33).fill(1)), 'members'],
  [oo.Mixture, two([0, 0]), 'weight'],
  [oo.Mixture, two([1, -1]), 'weight'],
  [oo.Mixture, two([1, Number.NaN]), 'weight'],
  [LinUCB, { range: [-1, 1] }, 'range'],
  [LinUCB, { rewardRange: [-1, 1] }, 'rewardRange'],
  [LinUCB, { dim: 2, range: [1, -1] }, 'range'],
  [LinUCB, { dim: 2, rewardRange: 'auto' }, 'rewardRange'],
]) {
  test(`out of bounds: ${Class.name} ${JSON.stringify(options)}`.slice(0, 90), () => {
    refused(() => new Class(options), field)
  })
}

test('rewards that a kind does not know are refused', () => {
  for (const Class of [oo.BetaTS, oo.UCB1, oo.Logistic]) {
    const policy = new Class({ dim: 1 })
    for (const value of [-0.5, 1.5, Number.NaN]) refused(() => policy.learn([[0]], [value], { arms: ['a'] }), 'reward')
    assert.equal(policy.lessons, 0)
  }
})

test('a named bandit refuses all of it', async (t) => {
  const engine = await opened(t)
  await engine.decide(X, { bandit: 'known', policy: new LinUCB(), rewardRange: [0, 1] })
  for (const bandit of ['known', 'new']) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 16.5, 1e300]) {
      await rejected(engine.decide(withValue(value), { bandit }), 'x1')
      await rejected(engine.decideAll([X, withValue(value)], { bandit }), 'decisions[1].x1')
    }
    for (const shape of [[], [DIM], [4, 0], [1, 4, DIM]]) {
      await rejected(engine.decide({ data: new Float64Array(12), shape }, { bandit }), 'x')
    }
    for (const given of [BigInt64Array.of(1n), X.map((row) => row.map(String)), [[1], [1, 2]], null, 'abc', {}]) {
      await rejected(engine.decide(given, { bandit }), 'x')
      await rejected(engine.decideAll([X, { X: given }], { bandit }), 'decisions[1].x')
    }
    await rejected(engine.decide(flat(), { bandit }), 'rows')
  }
  const known = { bandit: 'known' }
  for (const none of [[], new Float64Array(0), { data: [], shape: [0, DIM] }]) {
    for (const bandit of ['known', 'new']) {
      await rejected(engine.decide(none, { bandit, rows: none.length }), 'candidates')
      await rejected(engine.decideAll([X, { X: none, rows: none.length }], { bandit }), 'decisions[1].candidates')
    }
  }
  for (const width of [DIM - 1, DIM + 1]) await rejected(engine.decide([new Array(width).fill(0)], known), 'x')
  for (const arms of [['a'], new Array(5).fill('a'), new Array(4).fill(1.5), new Array(4), new Array(4).fill('\ud800'), new Array(4).fill('a'.repeat(300))]) {
    await rejected(engine.decide(X, { ...known, arms }), 'arms')
  }
  await rejected(engine.decide(X[0], { ...known, arms: ['a', 'b', 'a'] }), 'arms')
  for (const id of ['x', 5, '00000000-0000-0000-0000', Buffer.alloc(16)]) {
    await rejected(engine.decide(X, { ...known, id }), 'id')
    await rejected(engine.reward(id, 1), 'decision')
    await rejected(engine.choice(id), 'decision')
  }
  await rejected(engine.reward(new LinUCB({ dim: DIM }).decide(X, { seed: 1 }), 1), 'decision')
  for (const user of ['', '\ud800', 'u'.repeat(1000)]) await rejected(engine.decide(X, { ...known, user }), 'user')
  await rejected(engine.decide(X, { bandit: 'n'.repeat(1000) }), 'bandit')
  const own = { name: 'own', distribution: () => {} }
  for (const policy of [new LinUCB({ dim: DIM }), own, { type: 'magic' }, '{', { type: 'linucb', alfa: 1 }, 3]) {
    await rejected(engine.decide(X, { bandit: 'new', policy }), 'policy')
  }
  await rejected(engine.decide(X, { bandit: 'new', policy: { type: 'linucb', lambda: 0 } }), 'lambda')
  for (const range of [[1, -1], [0, Number.NaN], 'all', [1], 3]) {
    await rejected(engine.decide(X, { bandit: 'new', range }), 'range')
    await rejected(engine.decide(X, { bandit: 'new', rewardRange: range }), 'rewardRange')
  }
  for (const given of [undefined, 3, { X }]) await rejected(engine.decideAll(given), 'decisions')
  await rejected(engine.decideAll([{ X, arm: 'a' }], known), 'arm')
  await rejected(engine.decideAll([{ arms: ['a'] }, X], known), 'decisions[0].x')
  await rejected(engine.decideAll(new Array(1001).fill(X), known), 'decisions')
  assert.deepEqual((await engine.bandits()).map(({ name, lessons }) => [name, lessons]), [['known', 0]])
  assert.deepEqual((await engine.replay()).differences, [])
})
