// What the tests share: a folder that goes away, an engine in it, a world whose clock they move.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Engine } from '../index.mjs'

/** A folder for one test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'oo-node-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An engine for one test; closed when the test ends. */
export async function opened(t, options) {
  const engine = await Engine.open(join(folder(t), 'oo.db'), options)
  t.after(() => engine.close())
  return engine
}

/** A world file; `at` moves its clock. */
export function world(t, now = '2026-03-02T08:00:00Z', seed = 'node') {
  const path = join(folder(t), 'world.json')
  const at = (instant) => {
    writeFileSync(`${path}.next`, JSON.stringify({ now: instant, seed }))
    renameSync(`${path}.next`, path)
  }
  at(now)
  return { path, at }
}

/** A matcher for `assert.rejects` and `assert.throws`. */
export function failing(type, code, field) {
  return (error) => {
    if (!(error instanceof type) || error.code !== code) throw error
    if (field !== undefined && error.field !== field) throw new Error(`field ${error.field}, wanted ${field}`, { cause: error })
    return true
  }
}
