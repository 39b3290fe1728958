import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import * as oo from '../index.mjs'
import { join } from 'node:path'

import { disk, failing, folder, locked, opened } from '../support/harness.mjs'

const { native } = createRequire(import.meta.url)('../dist/native.js')
const { now, typed } = createRequire(import.meta.url)('../dist/errors.js')

const CLASSES = {
  invalid_input: oo.InvalidInputError,
  not_found: oo.NotFoundError,
  denied: oo.DeniedError,
  incompatible: oo.IncompatibleError,
  busy: oo.BusyError,
  storage: oo.StorageError,
  key: oo.MasterKeyError,
  internal: oo.InternalError,
}

test('the engine has these kinds and no other', () => {
  assert.deepEqual(native.errorKinds().sort(), Object.keys(CLASSES).sort())
})

for (const [code, Type] of Object.entries(CLASSES)) {
  test(`${code} is ${Type.name}, from a verb and at once`, async () => {
    const check = (error) => {
      assert.equal(error.constructor, Type)
      assert.ok(error instanceof oo.OoError && error instanceof Error)
      assert.equal(error.code, code)
      assert.equal(error.name, Type.name)
      assert.equal(error.message, 'what to do: “x” {"y"}')
      return true
    }
    const message = 'what to do: “x” {"y"}'
    assert.throws(() => now(() => native.failNow(code, message, 'field')), (error) => check(error) && error.field === 'field')
    await native.fail(code, message).then(
      () => assert.fail('it did not fail'),
      (thrown) => check(typed(thrown)) && assert.equal(typed(thrown).field, undefined),
    )
  })
}

test('a kind of a newer engine is the base class', () => {
  const error = typed(new Error(JSON.stringify({ kind: 'tired', message: 'rest', field: null })))
  assert.equal(error.constructor, oo.OoError)
  assert.equal(error.code, 'tired')
})

test('a panic is contained: an InternalError, and the process goes on', async (t) => {
  assert.throws(() => now(() => native.panicsNow()), (error) => error instanceof oo.InternalError)
  await native.panics().then(
    () => assert.fail('it did not fail'),
    (thrown) => assert.ok(typed(thrown) instanceof oo.InternalError),
  )
  const engine = await opened(t)
  assert.ok(await engine.recommend('u'))
})

test('what is no error of oO stays what it is', () => {
  const own = new oo.BusyError('wait')
  assert.equal(typed(own), own)
  assert.equal(typed('text'), 'text')
  assert.ok(typed(new TypeError('napi says so')) instanceof oo.InternalError)
})

test('arguments that are no JSON are refused by name', async (t) => {
  const engine = await opened(t)
  const loop = { kind: 'task', id: 't' }
  loop.title = loop
  await assert.rejects(engine.ingest('u', loop), (error) => error instanceof oo.InvalidInputError)
  await assert.rejects(engine.ingest('u', { kind: 'task', id: () => 't' }), (error) => error.field === 'id')
  await assert.rejects(engine.ingest(Symbol('u'), []), (error) => error.field === 'user')
})

test('a locked database is busy, and serves on when it is free', async (t) => {
  const path = join(folder(t), 'oo.db')
  const engine = await oo.Engine.open(path)
  t.after(() => engine.close())
  await engine.recommend('u')
  const release = await locked(t, path)
  await assert.rejects(engine.ingest('u', oo.mood(3)), failing(oo.BusyError, 'busy'))
  await release()
  assert.equal((await engine.ingest('u', oo.mood(3))).accepted, 1)
})

test('a full disk is a storage error and loses nothing', async (t) => {
  const small = disk(t)
  if (!small) return
  const engine = await oo.Engine.open(join(small.path, 'oo.db'))
  t.after(() => engine.close())
  let kept = 0
  await assert.rejects(async () => {
    for (; kept < 10_000; kept += 1) await engine.ingest('u', oo.task(`t${kept}`, `Task ${kept} ${'x'.repeat(500)}`))
  }, failing(oo.StorageError, 'storage'))
  assert.ok(kept > 10)
  assert.equal((await engine.export('u')).split('"kind":"task"').length - 1, kept)
  small.remount('size=8m')
  assert.equal((await engine.ingest('u', oo.task('after', 'There is room again'))).accepted, 1)
})

test('a read-only disk is a storage error', async (t) => {
  const small = disk(t)
  if (!small) return
  await (await oo.Engine.open(join(small.path, 'oo.db'))).close()
  small.remount('ro')
  await assert.rejects(oo.Engine.open(join(small.path, 'oo.db')), failing(oo.StorageError, 'storage'))
})
