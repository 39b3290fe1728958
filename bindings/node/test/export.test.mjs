import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { InvalidInputError, task } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('everything that is held, as JSON lines', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', task('t1', 'File taxes – “now”'))
  const tip = await engine.recommend('u')
  await engine.react(tip, 'done')
  const text = await engine.export('u')
  assert.ok(text.endsWith('\n'))
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(lines[0], { type: 'export', format: 'oo.export.v1', user: 'u' })
  assert.deepEqual(
    lines.slice(1).map((line) => line.type),
    ['signal', 'decision', 'reaction'],
  )
  assert.equal(lines[1].title, 'File taxes – “now”')
  assert.equal(lines[2].id, tip.id)
})

test('an unknown person has the header alone', async (t) => {
  const engine = await opened(t)
  assert.equal((await engine.export('nobody')).trimEnd().split('\n').length, 1)
})

test('an export is written to a file that forgetting removes', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', task('t1', 'File taxes'))
  const folder = mkdtempSync(join(tmpdir(), 'oo-export-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'u.jsonl')
  const written = await engine.exportTo('u', path)
  const lines = (text) => text.trimEnd().split('\n')
  const [header, ...events] = lines(readFileSync(path, 'utf8'))
  // By its name in the header the store knows its own file again.
  assert.deepEqual(Object.keys(JSON.parse(header)).sort(), ['file', 'format', 'type', 'user'])
  assert.deepEqual(events, lines(await engine.export('u')).slice(1))
  assert.equal(written.lines, 1 + events.length)
  await assert.rejects(engine.exportTo('u', path), failing(InvalidInputError, 'invalid_input', 'path'))
  assert.equal((await engine.forget('u')).exports, 1)
  assert.equal(existsSync(path), false)
})

test('an export reads back', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', task('t1', 'File taxes'))
  const text = await engine.export('u')
  await engine.forget('u')
  const imported = await engine.importExport('u', text)
  assert.deepEqual([imported.signals, imported.duplicates], [1, 0])
  assert.match(await engine.export('u'), /File taxes/)
  assert.equal((await engine.importExport('u', text)).duplicates, 1)
  await assert.rejects(engine.importExport('v', text), failing(InvalidInputError, 'invalid_input', 'user'))
})
