// A real server for the tests over HTTP: its own folder, its own port, a clock that stands where it is put.
import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const binary = process.env.OO_BIN ?? join(root, 'target/debug/oo')

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Starts `oo serve` in a test world; answers JSON calls; `at` moves the clock. */
export async function start({ now, seed }, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'oo-http-'))
  const world = join(folder, 'world.json')
  const at = async (moment) => {
    await writeFile(join(folder, 'next.json'), JSON.stringify({ now: moment, seed }))
    await rename(join(folder, 'next.json'), world)
  }
  await at(now)
  const port = await freePort()
  const environment = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`OO_${name.toUpperCase()}`, String(value)]))
  const child = spawn(
    binary,
    ['serve', '--data', join(folder, 'data'), '--addr', `127.0.0.1:${port}`, '--test-world', world],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } },
  )
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  const base = `http://127.0.0.1:${port}`
  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(base + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json') && !path.endsWith('/export')
    return { ok: response.ok, status: response.status, answer: json ? JSON.parse(text) : text }
  }
  for (let tries = 0; ; tries += 1) {
    const up = await call('GET', '/health').catch(() => null)
    if (up?.ok) break
    if (tries > 600 || child.exitCode !== null) throw new Error(`the server did not start: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    await rm(folder, { recursive: true, force: true })
  }
  return { base, call, at, stop }
}
