// A real Chromium at two sizes, watched: whatever a page logs as an error and wherever it sends a request is kept.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

export const ZONE = 'Europe/Berlin'
export const SIZES = [
  { name: 'phone', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
]

const SHOTS = fileURLToPath(new URL('../../test-artifacts/screenshots', import.meta.url))
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Whatever the browser itself would like to ask, it finds nobody outside this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

export class Stage {
  static async open() {
    const stage = new Stage()
    stage.browser = await chromium.launch({ executablePath: process.env.OO_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
    mkdirSync(SHOTS, { recursive: true })
    return stage
  }

  close() {
    return this.browser.close()
  }

  /** A page of one person. `options` go to the browser context. */
  async page(server, user, size = SIZES[0], options = {}) {
    const { name, ...device } = size
    const context = await this.browser.newContext({
      ...device,
      timezoneId: ZONE,
      locale: 'en-GB',
      extraHTTPHeaders: { 'oo-user': user },
      ...options,
    })
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    const seen = { errors: [], foreign: [], requests: [] }
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && seen.errors.push(message.text()))
    page.on('pageerror', (error) => seen.errors.push(String(error)))
    page.on('request', (request) => {
      seen.requests.push(request.url())
      if (new URL(request.url()).origin !== server.url) seen.foreign.push(request.url())
    })
    return { page, seen, size: name, user, url: server.url, close: () => context.close() }
  }
}

/** Nothing was logged, nothing left this machine. `severed` allows the browser's own words about a server that is gone. */
export function clean({ seen }, { severed = false } = {}) {
  const gone = /Failed to load resource: net::ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE|INTERNET_DISCONNECTED|SOCKET_NOT_CONNECTED)/
  assert.deepEqual(severed ? seen.errors.filter((text) => !gone.test(text)) : seen.errors, [])
  assert.deepEqual(seen.foreign, [])
}

/** Waits until nothing moves, then keeps a picture. */
export async function shoot({ page, size }, state) {
  await still(page)
  await page.screenshot({ path: join(SHOTS, `${size}-${state}.png`) })
}

export async function still(page) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
}

/** Waits until the face shows this view: waiting, tip, snoozed, quiet or trouble. */
export function view(page, name) {
  return page.locator(`main[data-view="${name}"]`).waitFor()
}

export async function openTip(scene) {
  await scene.page.goto(scene.url)
  await view(scene.page, 'tip')
  await scene.page.getByRole('button', { name: 'done' }).waitFor()
}

export function heading(page) {
  return page.getByRole('heading', { level: 1 })
}

/** Resolves when `read` gives what `wanted` accepts. */
export async function eventually(read, wanted, what) {
  const until = Date.now() + 10_000
  for (;;) {
    const value = await read()
    if (wanted(value)) return value
    if (Date.now() > until) assert.fail(`${what}: last seen ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
