// The page on the wire: what the server sends with it, what it weighs, where it talks to, what is seen before script.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Server } from './server.mjs'
import { clean, openTip, SIZES, Stage } from './stage.mjs'

const [PHONE] = SIZES
let server, stage
before(async () => {
  server = await Server.start()
  stage = await Stage.open()
})
after(async () => {
  await stage?.close()
  await server?.stop()
})

test('the page works under its content security policy, which lets no other source in', async () => {
  const answer = await fetch(server.url)
  assert.match(answer.headers.get('content-type'), /^text\/html/)
  const policy = answer.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'self'/)
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|https?:|\*/)
  const scene = await stage.page(server, 'policy', PHONE)
  await openTip(scene)
  assert.equal(await scene.page.evaluate(() => getComputedStyle(document.querySelector('.tip')).fontWeight), '300', 'the inlined style applies')
  clean(scene)
  await scene.close()
})

test('a first visit weighs at most 40 KB gzipped and asks this machine only', async () => {
  const scene = await stage.page(server, 'weight', PHONE)
  const { page, seen } = scene
  const bodies = []
  page.on('response', (response) => bodies.push(response.body().catch(() => Buffer.alloc(0))))
  await openTip(scene)
  await page.waitForLoadState('networkidle')
  const total = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0)
  assert.ok(total > 5_000 && total <= 40 * 1024, `${total} bytes`)
  assert.ok(seen.requests.length > 0)
  clean(scene)
  await scene.close()
})

test('assets carry a hash in their names', async () => {
  const html = await (await fetch(server.url)).text()
  const script = html.match(/src="([^"]+\.js)"/)?.[1]
  assert.match(script ?? '', /-[\w-]{8}\.js$/)
  const asset = await fetch(new URL(script, server.url))
  assert.equal(asset.status, 200)
  assert.match(asset.headers.get('content-type'), /javascript/)
})

test('the first paint does not wait for script', async () => {
  const scene = await stage.page(server, 'paint', PHONE)
  const { page } = scene
  let release
  const held = new Promise((resolve) => (release = resolve))
  await page.route('**/*.js', async (route) => {
    await held
    await route.continue()
  })
  await page.goto(scene.url, { waitUntil: 'commit' })
  await page.waitForFunction(() => performance.getEntriesByName('first-paint').length > 0)
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(0, 0, 0)')
  assert.equal(await page.locator('.dot').isVisible(), true)
  assert.equal(await page.locator('button').count(), 0, 'script has not run')
  release()
  await page.getByRole('button', { name: 'done' }).waitFor()
  clean(scene)
  await scene.close()
})

test('without script the page says so', async () => {
  const scene = await stage.page(server, 'plain', PHONE, { javaScriptEnabled: false })
  await scene.page.goto(scene.url)
  assert.equal(await scene.page.locator('.noscript').isVisible(), true)
  await scene.close()
})
