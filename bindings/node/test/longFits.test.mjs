// Learning a lot: off the event loop, with progress; an abort leaves the policy as it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { AbortError, InvalidInputError, LinUCB } from '../index.mjs'
import { failing } from '../support/harness.mjs'

const X = Float64Array.from({ length: 40_000 * 8 }, (_, n) => ((n * 37) % 64) / 32 - 1)
const Y = Float64Array.from({ length: 40_000 }, (_, n) => X[n * 8])

test('a fit is learn, off the event loop', async () => {
  const [policy, plain] = [0, 1].map(() => new LinUCB({ dim: 8 }))
  let turns = 0
  const beat = setInterval(() => turns++, 1)
  await policy.fit(X, Y)
  clearInterval(beat)
  assert.ok(turns > 0, `${turns} turns of the loop`)
  plain.learn(X, Y)
  assert.deepEqual(policy.save(), plain.save())
})

test('a function is told of the progress', async () => {
  const told = []
  await new LinUCB({ dim: 8 }).fit(X, Y, { progress: (done, total) => told.push([done, total]) })
  assert.deepEqual(told.at(-1), [40_000, 40_000])
  assert.ok(told.length > 2 && told.every(([done], n) => n === 0 || done > told[n - 1][0]), JSON.stringify(told))
})

test('what the function throws ends the learning', async () => {
  const policy = new LinUCB({ dim: 8 })
  const before = policy.save()
  await assert.rejects(policy.fit(X, Y, { progress: () => { throw new RangeError('enough') } }), RangeError)
  assert.deepEqual(policy.save(), before)
})

test('an abort leaves the policy as it was, and the arrays may change meanwhile', async () => {
  const policy = new LinUCB({ dim: 64 })
  policy.learn([new Array(64).fill(1)], [1])
  const before = policy.save()
  const aborting = new AbortController()
  const rows = [new Float64Array(20_000 * 64), new Float64Array(20_000)]
  const many = policy.fit(...rows, { signal: aborting.signal })
  setTimeout(() => aborting.abort('enough'), 5)
  await assert.rejects(many, (error) => error instanceof AbortError && error.cause === 'enough')
  // As long as it would have taken.
  await new LinUCB({ dim: 64 }).fit(...rows)
  assert.deepEqual(policy.save(), before)
  await assert.rejects(policy.fit(X, Y, { signal: AbortSignal.abort() }), AbortError)
  const [one, two] = [0, 1].map(() => new LinUCB({ dim: 8 }))
  const changed = X.slice()
  const fit = one.fit(changed, Y)
  changed.fill(0)
  await fit
  two.learn(X, Y)
  assert.deepEqual(one.save(), two.save())
})

test('what is learned beside a fit is kept', async () => {
  const [policy, plain] = [0, 1].map(() => new LinUCB({ dim: 8 }))
  const fit = policy.fit(X, Y)
  policy.learn(X.subarray(0, 8), [0.5])
  await Promise.all([fit, policy.fit(X.subarray(0, 80), Y.subarray(0, 10))])
  plain.learn(X, Y)
  plain.learn(X.subarray(0, 8), [0.5])
  plain.learn(X.subarray(0, 80), Y.subarray(0, 10))
  assert.equal(policy.stateHash, plain.stateHash)
})

test('a fit takes all or nothing, and says what is wrong', async () => {
  const policy = new LinUCB({ dim: 8 })
  const wrong = X.slice()
  wrong[39_000 * 8 + 3] = Number.NaN
  await assert.rejects(policy.fit(wrong, Y), failing(InvalidInputError, 'invalid_input', 'x3'))
  await assert.rejects(policy.fit(X, Y.subarray(1)), failing(InvalidInputError, 'invalid_input', 'x'))
  await assert.rejects(policy.fit(X, Y, { progress: 3 }), failing(InvalidInputError, 'invalid_input', 'progress'))
  await assert.rejects(policy.fit(X, Y, { signal: 3 }), failing(InvalidInputError, 'invalid_input', 'signal'))
  await assert.rejects(policy.fit(X, Y, { sygnal: 3 }), failing(InvalidInputError, 'invalid_input', 'sygnal'))
  assert.equal(policy.lessons, 0)
})
