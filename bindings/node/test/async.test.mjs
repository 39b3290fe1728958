import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { Engine, mood, task } from '../index.mjs'
import { folder, opened } from '../support/harness.mjs'

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
  const own = ['constructor', 'close', 'events']
  const verbs = Object.getOwnPropertyNames(Object.getPrototypeOf(engine)).filter((name) => !own.includes(name))
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

test('a worker may end in the middle of its calls', async (t) => {
  const path = join(folder(t), 'oo.db')
  const engine = await Engine.open(path)
  for (let round = 0; round < 4; round++) {
    const worker = new Worker(new URL('../support/worker.mjs', import.meta.url), { workerData: path })
    await once(worker, 'message')
    await worker.terminate()
    assert.ok(await engine.recommend(`u${round}`))
  }
  assert.deepEqual((await engine.replay()).differences, [])
  await engine.close()
})

test('a process may exit in the middle of its calls', async (t) => {
  const path = join(folder(t), 'oo.db')
  const script = `import { Engine } from ${JSON.stringify(new URL('../index.mjs', import.meta.url).href)}
    const engine = await Engine.open(${JSON.stringify(path)}, { sources: [{ name: 'own', candidates: async () => [] }] })
    for (let n = 0; n < 50; n++) engine.recommend('u' + n).then(() => n === 10 && process.exit(7))`
  assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 }), { status: 7 })
  const engine = await Engine.open(path)
  assert.deepEqual((await engine.replay()).differences, [])
  await engine.close()
})
