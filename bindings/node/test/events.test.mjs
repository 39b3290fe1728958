import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

import { AbortError, Engine, InvalidInputError, mood } from '../index.mjs'
import { failing, folder, opened } from '../support/harness.mjs'

const moods = (count) => Array.from({ length: count }, (_, n) => mood(1 + (n % 5)))

async function list(engine, options) {
  const all = []
  for await (const event of engine.events(options)) all.push(event)
  return all
}

async function take(events, count) {
  const taken = []
  while (taken.length < count) {
    const { done, value } = await events.next()
    assert.equal(done, false)
    taken.push(value)
  }
  return taken
}

const rising = (events) => events.every(({ position }, n) => n === 0 || position > events[n - 1].position)

test('a list holds what is committed in the order of the log', async (t) => {
  const engine = await opened(t)
  for (const user of ['ada', 'bea']) {
    await engine.react(await engine.recommend(user), 'done')
    await engine.ingest(user, moods(100))
  }
  const all = await list(engine)
  assert.ok(rising(all) && all.length >= 204)
  assert.equal(all.at(-1).position, (await engine.health()).position)
  const draws = await list(engine, { types: ['decision', 'reaction'] })
  assert.deepEqual(draws.map(({ type }) => type), ['decision', 'reaction', 'decision', 'reaction'])
  const ada = await list(engine, { user: 'ada' })
  assert.ok(ada.length === 102 && ada.every(({ pseudonym }) => pseudonym === ada[0].pseudonym))
  assert.deepEqual(await list(engine, { user: 'nobody' }), [])
  assert.deepEqual(await list(engine, { after: 'now' }), [])
  assert.deepEqual(await list(engine, { after: all.at(-10).position }), all.slice(-9))
})

test('order under 64 concurrent writers', async (t) => {
  const engine = await opened(t)
  const { position } = await engine.health()
  const events = engine.events({ after: position, types: ['signal'], follow: true })
  const seen = take(events, 640)
  await Promise.all(
    Array.from({ length: 64 }, async (_, writer) => {
      for (let n = 0; n < 10; n++) await engine.ingest(`u-${writer}`, mood(3))
    }),
  )
  const signals = await list(engine, { types: ['signal'] })
  assert.equal(signals.length, 640)
  assert.ok(rising(await seen))
  await events.return()
})

test('a stream resumes without loss or duplication', async (t) => {
  const engine = await opened(t)
  const seen = []
  for (let round = 0; round < 5; round++) {
    await engine.ingest('ada', moods(50))
    for await (const event of engine.events({ after: seen.at(-1)?.position, types: ['signal'], follow: true })) {
      seen.push(event)
      if (seen.length === 30 * (round + 1)) break
    }
  }
  seen.push(...(await list(engine, { after: seen.at(-1).position, types: ['signal'] })))
  assert.deepEqual(seen, await list(engine, { types: ['signal'] }))
})

test('events of another process arrive while this one is idle', async (t) => {
  const path = join(folder(t), 'oo.db')
  const engine = await Engine.open(path)
  t.after(() => engine.close())
  const events = engine.events({ types: ['signal'], follow: true })
  const first = events.next()
  const script = `import { Engine, mood } from ${JSON.stringify(new URL('../index.mjs', import.meta.url).href)}
    const engine = await Engine.open(${JSON.stringify(path)})
    await engine.ingest('ada', mood(4))
    await engine.close()`
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 })
  assert.equal((await first).value.level, 4)
  await events.return()
})

test('who never reads costs nothing and misses nothing', async (t) => {
  const engine = await opened(t)
  const idle = engine.events({ types: ['signal'], follow: true })
  await engine.ingest('ada', mood(1))
  await take(idle, 1)
  for (let n = 0; n < 12; n++) await engine.ingest('ada', moods(500))
  assert.ok(rising(await take(idle, 6_000)))
  await idle.return()
})

test('a forgotten person leaves a gap', async (t) => {
  const engine = await opened(t)
  await engine.ingest('ada', moods(20))
  const hers = engine.events({ user: 'ada', follow: true })
  const [{ pseudonym }] = await take(hers, 1)
  await engine.forget('ada')
  await engine.ingest('ada', mood(2))
  const [forgotten, again] = await take(hers, 2)
  assert.equal(forgotten.type, 'forgotten')
  assert.ok(again.type === 'signal' && again.pseudonym !== pseudonym)
  await hers.return()
  assert.ok((await list(engine)).every((event) => event.pseudonym !== pseudonym))
})

test('closing the engine ends its streams', async (t) => {
  const engine = await opened(t)
  const events = engine.events({ after: 'now', follow: true })
  const other = engine.events({ after: 'now', follow: true })
  const waiting = [events.next(), other.next()]
  await new Promise((resolve) => setTimeout(resolve, 50))
  await other.return()
  assert.deepEqual(await waiting[1], { done: true, value: undefined })
  await engine.close()
  assert.deepEqual(await waiting[0], { done: true, value: undefined })
  await assert.rejects(list(engine), failing(InvalidInputError, 'invalid_input', 'engine'))
})

test('an abort ends the loop', async (t) => {
  const engine = await opened(t)
  const control = new AbortController()
  setTimeout(() => control.abort(), 50)
  await assert.rejects(list(engine, { after: 'now', follow: true, signal: control.signal }), AbortError)
  await assert.rejects(list(engine, { signal: AbortSignal.abort() }), AbortError)
  // The engine goes on.
  assert.ok((await list(engine)).length > 0)
})

test('a bad place type or person is refused', async (t) => {
  const engine = await opened(t)
  for (const [field, options] of [
    ['after', { after: 999_999 }],
    ['after', { after: -1 }],
    ['after', { after: 'later' }],
    ['after', { after: 1.5 }],
    ['types', { types: ['decision', 'descision'] }],
    ['user', { user: '' }],
    ['surname', { surname: 'x' }],
  ]) {
    await assert.rejects(list(engine, options), (error) => {
      assert.equal(error.code, 'invalid_input')
      assert.ok(error.field === field || error.field === 'arguments', `${error.field} of ${JSON.stringify(options)}`)
      return true
    })
  }
})
