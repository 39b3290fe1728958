import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'

import * as esm from '../index.mjs'
import { failing, folder, opened } from '../support/harness.mjs'

const { Engine, IncompatibleError, InvalidInputError, MasterKeyError, OoError, StorageError } = esm

test('opens with its defaults and makes the file and its key', async (t) => {
  const path = join(folder(t), 'oo.db')
  const engine = await Engine.open(path)
  const health = await engine.health()
  assert.equal(health.status, 'ok')
  assert.equal(health.lessons, 0)
  assert.match(health.state_hash, /^[0-9a-f]{64}$/)
  assert.ok(existsSync(path))
  assert.equal(statSync(`${path}.key`).mode & 0o777, 0o600)
  await engine.close()
})

test('a closed engine refuses every verb and closes again', async (t) => {
  const engine = await opened(t)
  await engine.close()
  await assert.rejects(engine.recommend('u'), failing(InvalidInputError, 'invalid_input', 'engine'))
  await assert.rejects(engine.metrics(), failing(InvalidInputError, 'invalid_input', 'engine'))
  await engine.close()
})

test('what it learned is there after it was opened again', async (t) => {
  const path = join(folder(t), 'oo.db')
  const first = await Engine.open(path)
  const tip = await first.recommend('u')
  await first.react(tip, 'done')
  const before = await first.health()
  await first.close()
  const second = await Engine.open(path)
  const after = await second.health()
  assert.equal(after.state_hash, before.state_hash)
  assert.equal(after.lessons, 1)
  await second.close()
})

test('two engines of one process share a file', async (t) => {
  const path = join(folder(t), 'oo.db')
  const [a, b] = await Promise.all([Engine.open(path), Engine.open(path)])
  const tip = await a.recommend('u')
  assert.equal((await b.recommend('u')).id, tip.id)
  await b.react(tip, 'done')
  assert.notEqual((await a.recommend('u')).id, tip.id)
  assert.equal((await a.health()).state_hash, (await b.health()).state_hash)
  await Promise.all([a.close(), b.close()])
})

test('Symbol.asyncDispose closes', async (t) => {
  const engine = await opened(t)
  await engine[Symbol.asyncDispose]()
  await assert.rejects(engine.health(), failing(InvalidInputError, 'invalid_input', 'engine'))
})

test('options: policy, shadows, settings, schema', async (t) => {
  const engine = await opened(t, {
    policy: { type: 'linucb', alpha: 0.7, sharing: 'shared' },
    shadows: { wild: { type: 'uniform' } },
    settings: { holdout: 0, cool_down_hours: 1 },
    schema: { features: [{ name: 'urge', range: [-1, 1], prior: 0.5 }], norm_bound: 4 },
  })
  const tip = await engine.recommend('u', { candidates: [{ id: 'c1', content: 'Breathe out', features: { urge: 1 } }] })
  const said = await engine.explain(tip)
  assert.deepEqual(
    said.features.map((feature) => feature.name),
    ['urge'],
  )
})

test('a misspelt option is an error, never silence', async (t) => {
  const path = join(folder(t), 'oo.db')
  const wrong = (options, field) => assert.rejects(Engine.open(path, options), failing(InvalidInputError, 'invalid_input', field))
  await wrong({ polices: {} }, 'polices')
  await wrong({ settings: { holdot: 0.1 } }, 'holdot')
  await wrong({ settings: { holdout: 0.9 } }, 'holdout')
  await wrong({ settings: { holdout: Number.NaN } }, 'holdout')
  await wrong({ policy: { type: 'linucb', alhpa: 1 } }, 'policy')
  await wrong({ policy: { type: 'oracle' } }, 'policy')
  await wrong({ policy: { type: 'linucb', lambda: 0 } }, 'lambda')
  await wrong({ shadows: { main: { type: 'uniform' } } }, 'shadow')
  await wrong({ sources: [{ name: 'x' }] }, 'sources')
  await wrong({ testWorld: join(folder(t), 'nothing.json') }, 'test_world')
  await assert.rejects(Engine.open(''), failing(InvalidInputError, 'invalid_input', 'path'))
  await assert.rejects(Engine.open(7), failing(InvalidInputError, 'invalid_input', 'path'))
})

test('a file that is no database, a folder, and a lost key are typed errors', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'noise.db'), 'this is no database, and long enough to be looked at '.repeat(40))
  await assert.rejects(Engine.open(join(dir, 'noise.db')), (e) => e instanceof StorageError || e instanceof IncompatibleError)
  await assert.rejects(Engine.open(dir), failing(StorageError, 'storage'))
  const path = join(dir, 'oo.db')
  await (await Engine.open(path)).close()
  renameSync(`${path}.key`, `${path}.lost`)
  await assert.rejects(Engine.open(path), failing(MasterKeyError, 'key'))
})

test('a database of a newer version is incompatible', async (t) => {
  const path = join(folder(t), 'oo.db')
  await (await Engine.open(path)).close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from([0, 0, 0x27, 0x0f]), 0, 4, 60) // SQLite's user_version
  closeSync(file)
  await assert.rejects(Engine.open(path), failing(IncompatibleError, 'incompatible'))
})

test('CommonJS hands out the same objects as ESM', () => {
  const cjs = createRequire(import.meta.url)('../index.js')
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort())
  assert.equal(cjs.Engine, Engine)
  assert.equal(cjs.OoError, OoError)
})

test('a process that never closes its engine ends by itself, and nothing is lost', async (t) => {
  const path = join(folder(t), 'oo.db')
  const script = `import { Engine } from ${JSON.stringify(new URL('../index.mjs', import.meta.url).href)}
    const engine = await Engine.open(${JSON.stringify(path)}, { sources: [{ name: 'own', candidates: () => [] }] })
    await engine.react(await engine.recommend('u'), 'done')`
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 })
  const engine = await Engine.open(path)
  assert.equal((await engine.health()).lessons, 1)
  await engine.close()
})
