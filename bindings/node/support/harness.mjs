// What the tests share: a folder that goes away, an engine in it, a world whose clock they move.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

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

const LOCK = `
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
`

/** Holds the database locked from another process; calling what this gives lets go. */
export async function locked(t, path) {
  const other = spawn('python3', ['-c', LOCK, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => other.kill())
  await new Promise((resolve) => other.stdout.once('data', resolve))
  return async () => {
    const gone = new Promise((resolve) => other.once('exit', resolve))
    other.kill()
    await gone
  }
}

/**
 * An ext4 in a file, which can be made to fail: it goes read-only, as `errors=remount-ro` has it. Nothing where the user may
 * not mount one, and then the test is left out.
 */
export function failingDisk(t) {
  const above = mkdtempSync(join(tmpdir(), 'oo-failing-'))
  const [image, path] = [join(above, 'image'), join(above, 'disk')]
  const ran = (program, ...args) => spawnSync(program, args).status === 0
  const mount = () => ran('mount', '-o', 'loop', image, path)
  const unmount = () => ran('umount', '-l', path)
  mkdirSync(path)
  writeFileSync(image, '')
  truncateSync(image, 24 << 20)
  const mounted = ran('mkfs.ext4', '-q', '-e', 'remount-ro', image) && mount()
  t.after(() => {
    if (mounted) unmount()
    rmSync(above, { recursive: true, force: true })
  })
  if (!mounted) return skip(t, 'this user may not mount a file system that can be made to fail')
  const fail = () => {
    const line = readFileSync('/proc/mounts', 'utf8').split('\n').find((mount) => mount.split(' ')[1] === path)
    writeFileSync(join('/sys/fs/ext4', basename(line.split(' ')[0]), 'trigger_fs_error'), '1')
    assert.throws(() => writeFileSync(join(path, 'probe'), ''), { code: 'EROFS' })
  }
  return { path, mount, unmount, fail }
}

/** Leaves a test out. Root may mount: where even root may not, `OO_MAY_NOT_MOUNT` says so. */
export function skip(t, why) {
  if (process.getuid() === 0 && process.env.OO_MAY_NOT_MOUNT === undefined) {
    throw new Error(`${why}; set OO_MAY_NOT_MOUNT=1 to leave such tests out`)
  }
  t.skip(why)
}

/** A disk of 1 MB with its own remount; nothing where the user may not mount one, and then the test is left out. */
export function disk(t) {
  const path = mkdtempSync(join(tmpdir(), 'oo-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]).status === 0
  t.after(() => {
    if (mounted) spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  if (!mounted) return skip(t, 'this user may not mount a small file system')
  return { path, remount: (how) => spawnSync('mount', ['-o', `remount,${how}`, path]) }
}
