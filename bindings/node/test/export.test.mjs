import assert from 'node:assert/strict'
import { test } from 'node:test'

import { task } from '../index.mjs'
import { opened } from '../support/harness.mjs'

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
