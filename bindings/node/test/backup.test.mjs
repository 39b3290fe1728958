// `backup` and `restore`.
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { BusyError, Engine, InvalidInputError, MasterKeyError, StorageError, restore } from '../index.mjs'

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), 'oo-backup-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a backup comes back without whom was forgotten', async (t) => {
  const place = await folder(t)
  const [path, shelf] = [join(place, 'oo.db'), join(place, 'monday.backup')]
  const engine = await Engine.open(path)
  for (const user of ['ann', 'ben']) await engine.react(await engine.recommend(user), 'done')
  const backup = await engine.backup(shelf)
  const then = await engine.health()
  assert.deepEqual([backup.position, backup.incarnation], [then.position, then.incarnation])
  assert.equal(backup.bytes, statSync(shelf).size)
  await assert.rejects(engine.backup(shelf), (error) => error instanceof InvalidInputError && error.field === 'path')
  await engine.backup(shelf, { overwrite: true })
  await engine.forget('ann')
  const forgotten = await engine.health()
  await assert.rejects(restore(shelf, path, { replace: true }), BusyError)
  await engine.close()
  await assert.rejects(restore(shelf, path), InvalidInputError)
  const restored = await restore(shelf, path, { replace: true })
  assert.ok(existsSync(restored.replaced))
  assert.deepEqual(restored.forgotten_list, { path: `${path}.forgotten`, lines: 1 })
  const again = await Engine.open(path)
  const health = await again.health()
  assert.equal(health.incarnation, restored.incarnation)
  assert.notEqual(health.incarnation, then.incarnation)
  assert.equal(health.state_hash, forgotten.state_hash)
  assert.equal((await again.export('ann')).trimEnd().split('\n').length, 1)
  assert.ok((await again.export('ben')).trimEnd().split('\n').length > 1)
  assert.deepEqual((await again.replay()).differences, [])
  assert.equal(health.erasing, 0)
  assert.equal(await again.compact(), undefined)
  assert.equal((await again.health()).state_hash, health.state_hash)
  await again.close()
})

test('a backup needs its master key', async (t) => {
  const place = await folder(t)
  const at = (name) => join(place, name)
  const engine = await Engine.open(at('oo.db'))
  await engine.backup(at('a.backup'))
  await engine.close()
  await assert.rejects(restore(at('a.backup'), at('again.db')), MasterKeyError)
  const settings = { master_key_file: at('oo.db.key') }
  const restored = await restore(at('a.backup'), at('again.db'), { settings })
  assert.equal(restored.forgotten_list.lines ?? null, null)
  assert.ok(!existsSync(at('again.db.key')))
  await (await Engine.open(at('again.db'), { settings })).close()
})

test('what is no backup is refused', async (t) => {
  const place = await folder(t)
  const at = (name) => join(place, name)
  await writeFile(at('text'), 'no database at all, however long one looks at it. '.repeat(40))
  await assert.rejects(restore(at('text'), at('oo.db')), StorageError)
  await assert.rejects(restore(at('nowhere'), at('oo.db')), InvalidInputError)
  await assert.rejects(restore('', at('oo.db')), InvalidInputError)
  await assert.rejects(restore(at('text'), at('oo.db'), { replce: true }), InvalidInputError)
  assert.deepEqual(await readdir(place), ['text'])
})
