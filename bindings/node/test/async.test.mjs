import assert from 'node:assert/strict'
import { test } from 'node:test'

import { mood, task } from '../index.mjs'
import { opened } from '../support/harness.mjs'

test('many at once: each person has one tip, each reaction one lesson', async (t) => {
  const engine = await opened(t)
  const people = Array.from({ length: 32 }, (_, n) => `u${n}`)
  await Promise.all(people.map((user) => engine.ingest(user, [task('t', `Task of ${user}`), mood(4)])))
  const tips = await Promise.all(people.flatMap((user) => [engine.recommend(user), engine.recommend(user), engine.recommend(user)]))
  assert.equal(new Set(tips.map((tip) => tip.id)).size, people.length)
  await Promise.all(tips.filter((_, n) => n % 3 === 0).map((tip, n) => engine.react(tip, n % 2 ? 'done' : 'dismiss')))
  assert.equal((await engine.health()).lessons, people.length)
  assert.deepEqual((await engine.replay()).differences, [])
})

test('no verb holds up the event loop', async (t) => {
  const engine = await opened(t)
  let turns = 0
  let running = true
  const turn = () => { turns++; if (running) setImmediate(turn) }
  setImmediate(turn)
  await Promise.all(Array.from({ length: 100 }, (_, n) => engine.recommend(`u${n}`)))
  running = false
  assert.ok(turns > 10, `${turns} turns of the loop`)
})

test('every verb answers with a promise, whatever it is given', async (t) => {
  const engine = await opened(t)
  const verbs = Object.getOwnPropertyNames(Object.getPrototypeOf(engine)).filter((name) => name !== 'constructor' && name !== 'close')
  assert.ok(verbs.length >= 17, verbs.join())
  for (const verb of verbs) {
    const answer = engine[verb](undefined, undefined, undefined)
    assert.ok(answer instanceof Promise, verb)
    await answer.catch(() => {})
  }
})

test('closing waits for nobody and loses nothing', async (t) => {
  const engine = await opened(t)
  const calls = Array.from({ length: 20 }, (_, n) => engine.ingest('u', mood(3, { signal_id: `m${n}` })))
  const closed = engine.close()
  const settled = await Promise.allSettled(calls)
  await closed
  for (const { status, reason } of settled) if (status === 'rejected') assert.equal(reason.code, 'invalid_input')
})
