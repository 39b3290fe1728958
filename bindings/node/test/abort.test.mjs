import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { AbortError, InvalidInputError } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

const aborted = (cause) => (error) => {
  assert.ok(error instanceof AbortError)
  assert.equal(error.name, 'AbortError')
  assert.equal(error.code, 'ABORT_ERR')
  if (cause !== undefined) assert.equal(error.cause, cause)
  return true
}

/** A source that answers after `ms`. */
const slow = (ms) => ({ name: 'slow', candidates: () => sleep(ms, [{ id: 's', content: 'Slowly' }]) })

test('a signal that has fired starts nothing', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.recommend('u', { signal: AbortSignal.abort('no') }), aborted('no'))
  assert.equal((await engine.health()).position, (await engine.health({ signal: new AbortController().signal })).position)
  assert.deepEqual(await engine.history('u'), [])
})

test('it stops waiting at once, and the engine stays consistent', async (t) => {
  const engine = await opened(t, { sources: [slow(2_000)], settings: { source_deadline_ms: 10_000 } })
  const started = performance.now()
  await assert.rejects(engine.recommend('u', { signal: AbortSignal.timeout(30) }), aborted())
  assert.ok(performance.now() - started < 1_500, `${performance.now() - started} ms`)
  const tip = await engine.recommend('u')
  const past = await engine.history('u')
  assert.deepEqual(past.map(({ id }) => id), [tip.id])
  await engine.react(tip, 'done')
  assert.deepEqual((await engine.replay()).differences, [])
})

test('many aborted at once', async (t) => {
  const engine = await opened(t)
  const calls = Array.from({ length: 40 }, (_, n) => {
    const controller = new AbortController()
    const call = engine.recommend(`u${n % 4}`, { signal: controller.signal })
    if (n % 2) controller.abort()
    return call
  })
  const settled = await Promise.allSettled(calls)
  assert.ok(settled.every(({ status, reason }, n) => (n % 2 ? reason instanceof AbortError : status === 'fulfilled')))
  assert.deepEqual((await engine.replay()).differences, [])
})

test('a signal leaves no listener behind', async (t) => {
  const engine = await opened(t)
  const { signal } = new AbortController()
  let listeners = 0
  const [add, remove] = [signal.addEventListener, signal.removeEventListener]
  signal.addEventListener = (...args) => (listeners++, add.apply(signal, args))
  signal.removeEventListener = (...args) => (listeners--, remove.apply(signal, args))
  await engine.recommend('u', { signal })
  await assert.rejects(engine.explain('x', { signal }))
  assert.equal(listeners, 0)
})

test('what is no signal is refused', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.health({ signal: 300 }), failing(InvalidInputError, 'invalid_input', 'signal'))
})
