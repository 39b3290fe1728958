// The real server under test: starts `oo serve` on a free loopback port with a data folder of its own,
// and speaks to it the way another program of the same person would.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = process.env.OO_BIN ?? fileURLToPath(new URL('../../target/debug/oo', import.meta.url))
const START_MS = 20_000

export class Server {
  #child = null
  #said = ''

  static async start() {
    if (!existsSync(BIN)) throw new Error(`no server at ${BIN}: build it first (cargo build -p oo-server) or set OO_BIN`)
    const server = new Server()
    server.home = await mkdtemp(join(tmpdir(), 'oo-browser-'))
    server.port = await freePort()
    server.url = `http://127.0.0.1:${server.port}`
    await server.up()
    return server
  }

  /** Starts the process, again after `kill`, on the same port and data. */
  async up() {
    this.#child = spawn(BIN, ['serve', '--data', join(this.home, 'data'), '--addr', `127.0.0.1:${this.port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (bytes) => (this.#said += bytes))
    const until = Date.now() + START_MS
    for (;;) {
      if (await fetch(`${this.url}/health`).then((answer) => answer.ok, () => false)) return
      if (Date.now() > until || this.#child.exitCode !== null) throw new Error(`the server did not start:\n${this.#said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** No goodbye: SIGKILL. */
  async kill() {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    await new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill('SIGKILL')
    })
  }

  async stop() {
    await this.kill()
    await rm(this.home, { recursive: true, force: true })
  }

  async call(user, method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'oo-user': user, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (answer.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 * (Number(answer.headers.get('retry-after')) || 1)))
      return this.call(user, method, path, body)
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  /**
   * A person whose open tip is of this kind. The engine draws, so ask as different people until it does;
   * those who got the other kind dismiss it, or a server that earlier tests taught against this kind might never draw it.
   */
  async userWith(kind, titles = []) {
    for (let number = 0; number < 80; number++) {
      const user = `${kind}-${number}-${Math.random().toString(36).slice(2, 8)}`
      if (titles.length > 0) {
        const signals = titles.map((title, index) => ({ kind: 'task', id: `t${index}`, title, due: day(-1), priority: 1 }))
        await this.call(user, 'POST', '/api/signals', { by_hand: true, signals })
      }
      const { tip } = await this.call(user, 'POST', '/api/recommend', { shown: 'reported' })
      if (tip?.kind === kind) return user
      if (tip) await this.call(user, 'POST', '/api/feedback', { tip: tip.id, reaction: 'dismiss' })
    }
    throw new Error(`no ${kind} was served to 80 people`)
  }

  /** How the last tips of this person ended, newest first. */
  async states(user) {
    const { tips } = await this.call(user, 'GET', '/api/me/history?limit=20')
    return tips.map((entry) => entry.state)
  }
}

/** A local date, some days from today. */
export function day(offset) {
  const date = new Date()
  date.setDate(date.getDate() + offset)
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
}

/** Below the range from which the system takes ports for outgoing connections, so that it is still free after a restart. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const free = await new Promise((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
}
