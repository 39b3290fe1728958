// Storage that is damaged, another's or read-only: a typed error, and nothing acknowledged is lost.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import { Engine, IncompatibleError, MasterKeyError, StorageError, mood, task } from '../index.mjs'
import { failing, failingDisk, folder } from '../support/harness.mjs'

/** Two people's lives in a store that was closed; what is held of one. */
async function lived(path) {
  const engine = await Engine.open(path)
  for (const user of ['ben', 'ann']) {
    const tasks = Array.from({ length: 20 }, (_, n) => task(`t${n}`, `Task ${n} of ${user} ${'x'.repeat(300)}`))
    await engine.ingest(user, tasks)
    await engine.react(await engine.recommend(user), 'done')
  }
  const held = await engine.export('ann')
  await engine.close()
  return held
}

async function used(path) {
  const engine = await Engine.open(path)
  try {
    assert.deepEqual((await engine.replay()).differences, [])
    await engine.export('ben')
    return await engine.export('ann')
  } finally {
    await engine.close()
  }
}

function corruptedPage(path) {
  const whole = readFileSync(path)
  writeFileSync(path, whole.fill(0x5a, whole.length / 2))
  return path
}

/** The files of an open store as a killed process leaves them, the end of its write-ahead log cut off. */
async function truncatedLog(path) {
  const killed = join(dirname(path), 'killed.db')
  const engine = await Engine.open(path)
  await engine.ingest('cleo', task('t', 'The last one'))
  for (const suffix of ['', '-wal', '.key']) copyFileSync(path + suffix, killed + suffix)
  await engine.close()
  truncateSync(`${killed}-wal`, statSync(`${killed}-wal`).size - 1)
  return killed
}

const NEWER = `
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
assert other.execute("UPDATE snapshots SET bytes = CAST('oo.mind9' || substr(bytes, 9) AS BLOB)").rowcount > 0
other.commit()
`

function newerSnapshot(path) {
  assert.equal(spawnSync('python3', ['-c', NEWER, path], { stdio: 'inherit' }).status, 0)
  return path
}

async function anotherKey(path) {
  const other = join(dirname(path), 'other.db')
  await (await Engine.open(other)).close()
  copyFileSync(`${other}.key`, `${path}.key`)
  return path
}

function noKey(path) {
  rmSync(`${path}.key`)
  return path
}

for (const { damage, error, code, says } of [
  { damage: corruptedPage, error: StorageError, code: 'storage', says: /restore/ },
  { damage: truncatedLog },
  { damage: newerSnapshot, error: IncompatibleError, code: 'incompatible', says: /upgrade/ },
  { damage: anotherKey, error: MasterKeyError, code: 'key', says: /key/ },
  { damage: noKey, error: MasterKeyError, code: 'key', says: /key/ },
]) {
  test(`damage is a typed error and harms nothing: ${damage.name}`, async (t) => {
    const whole = join(folder(t), 'oo.db')
    const held = await lived(whole)
    const path = await damage(whole)
    if (error === undefined) return assert.equal(await used(path), held)
    const before = readFileSync(path)
    await assert.rejects(used(path), (thrown) => failing(error, code)(thrown) && says.test(thrown.message))
    if (error !== StorageError) assert.deepEqual(readFileSync(path), before)
  })
}

test('a disk that goes read only serves what stands', async (t) => {
  const disk = failingDisk(t)
  if (!disk) return
  const path = join(disk.path, 'oo.db')
  let engine = await Engine.open(path)
  t.after(() => engine.close())
  await engine.ingest('ben', task('t', 'Task of ben'))
  await engine.ingest('ann', task('t', 'Task of ann'))
  const standing = await engine.recommend('ann')
  const held = async () => [await engine.export('ann'), await engine.export('ben')]
  const before = await held()
  disk.fail()
  assert.equal((await engine.recommend('ann')).id, standing.id)
  for (const refused of [
    () => engine.react(standing, 'done'),
    () => engine.ingest('ann', mood(3)),
    () => engine.recommend('ben'),
    () => engine.forget('ben'),
  ]) {
    await assert.rejects(refused, (thrown) => failing(StorageError, 'storage')(thrown) && thrown.message.includes('; '))
  }
  assert.equal((await engine.health()).status, 'read_only')
  assert.deepEqual(await held(), before)
  await engine.close()
  disk.unmount()
  assert.ok(disk.mount())
  engine = await Engine.open(path)
  assert.deepEqual(await held(), before)
  assert.equal((await engine.react(standing, 'done')).status, 'applied')
  assert.equal((await engine.health()).status, 'ok')
})
