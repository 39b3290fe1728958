// The page for hands on keys, for eyes that want no motion, for a thumb that rests, and for screen readers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { moving } from './measure.mjs'
import { Server } from './server.mjs'
import { clean, eventually, heading, openTip, SIZES, Stage, view } from './stage.mjs'

const [PHONE, DESKTOP] = SIZES
let server, stage
before(async () => {
  server = await Server.start()
  stage = await Stage.open()
})
after(async () => {
  await stage?.close()
  await server?.stop()
})

const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id || document.activeElement?.tagName)

test('keys alone: the order of focus, a menu and back, every answer', async () => {
  const scene = await stage.page(server, 'keys', DESKTOP)
  const { page } = scene
  await openTip(scene)

  const order = []
  for (let step = 0; step < 5; step++) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
    const ring = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement)
      return style.outlineStyle !== 'none' || document.activeElement.matches('input')
    })
    assert.ok(ring, `the focus on "${order.at(-1)}" is visible`)
  }
  assert.deepEqual(order, ['done', 'later', 'not this', 'why', 'line'])
  await page.keyboard.press('Escape')

  await page.keyboard.press('s')
  assert.match(await focused(page), /^in an hour/)
  await page.keyboard.press('Escape')
  assert.equal(await focused(page), 'later')
  await page.keyboard.press('x')
  assert.equal(await focused(page), 'not now')
  await page.keyboard.press('Escape')
  assert.equal(await focused(page), 'not this')
  await page.keyboard.press('w')
  await page.locator('#why p').first().waitFor()
  assert.equal(await page.getByRole('button', { name: 'why' }).getAttribute('aria-expanded'), 'true')
  await page.keyboard.press('Escape')
  await page.locator('#why p').first().waitFor({ state: 'detached' })

  const first = await heading(page).innerText()
  await page.keyboard.press('d')
  await page.getByRole('button', { name: 'done' }).waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('status').innerText(), 'Done.')
  await page.getByRole('button', { name: 'done' }).waitFor()
  const second = await heading(page).innerText()
  assert.notEqual(second, first)
  assert.equal(await page.getByRole('status').innerText(), second.replace(/\s+/g, ' '), 'a new tip is announced')
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'the focus waits at the new tip')

  await page.keyboard.press('x')
  await page.keyboard.press('2')
  await page.getByText('Noted.').first().waitFor()
  await page.getByRole('button', { name: 'done' }).waitFor()
  await page.keyboard.press('x')
  await page.keyboard.press('x')
  await page.getByText('Set aside.').first().waitFor()
  await page.getByRole('button', { name: 'done' }).waitFor()
  await page.keyboard.press('s')
  await page.keyboard.press('3')
  await view(page, 'snoozed')
  assert.match(await heading(page).innerText(), /^Back tomorrow at 09:00\.$/)
  const states = await eventually(() => server.states('keys'), (list) => list.includes('snoozed'), 'the server has it all')
  assert.deepEqual(states.filter((state) => state !== 'open').sort(), ['dismissed', 'dismissed', 'done', 'snoozed'])
  await page.keyboard.press('n')
  await view(page, 'tip')
  clean(scene)
  await scene.close()
})

test('keys with a modifier, and keys in the line, answer nothing', async () => {
  const scene = await stage.page(server, 'modifiers', DESKTOP)
  const { page } = scene
  await openTip(scene)
  await page.keyboard.press('Control+d')
  await page.keyboard.press('Alt+x')
  await page.keyboard.press('a')
  await page.keyboard.type('dsxw')
  assert.equal(await page.getByLabel('Add a task or a mood').inputValue(), 'dsxw')
  assert.equal(await page.getByRole('button', { name: 'done' }).count(), 1)
  assert.deepEqual((await server.states('modifiers')).filter((state) => state !== 'open'), [])
  clean(scene)
  await scene.close()
})

test('a long press unfolds why; a short one does not', async () => {
  const scene = await stage.page(server, 'press', PHONE)
  const { page } = scene
  await openTip(scene)
  const box = await heading(page).boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.waitForTimeout(150)
  await page.mouse.up()
  await page.waitForTimeout(500)
  assert.equal(await page.locator('#why p').count(), 0)
  await page.mouse.down()
  await page.locator('#why p').first().waitFor()
  await page.mouse.up()
  clean(scene)
  await scene.close()
})

test('motion is one gesture of at most 300 ms, and none when less motion is wanted', async () => {
  for (const reducedMotion of ['no-preference', 'reduce']) {
    const user = await server.userWith('todo', Array.from({ length: 8 }, (_, index) => `Task ${index}`))
    const scene = await stage.page(server, user, PHONE, { reducedMotion })
    const { page } = scene
    // Sampled in every frame, so that nothing short escapes.
    await page.addInitScript(() => {
      window.moved = []
      const look = () => {
        for (const animation of document.getAnimations()) window.moved.push(animation.effect.getComputedTiming().endTime)
        requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
    await openTip(scene)
    for (const key of ['w', 'w', 's', 'Escape', 'x', 'Escape', 'a', 'Escape', 'd']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(60)
    }
    await page.getByRole('button', { name: 'done' }).waitFor()
    const moved = await page.evaluate(() => window.moved)
    if (reducedMotion === 'reduce') {
      assert.deepEqual(moved, [])
      assert.deepEqual(await moving(page), [])
    } else {
      assert.ok(moved.length > 0, 'the sampling sees motion')
      assert.ok(Math.max(...moved) <= 300, `the longest motion takes ${Math.max(...moved)} ms`)
    }
    clean(scene)
    await scene.close()
  }
})

test('a tip counts as shown when somebody could see it, once', async () => {
  const scene = await stage.page(server, 'shown', PHONE)
  const { page } = scene
  const sent = []
  page.on('request', (request) => request.url().endsWith('/api/feedback') && sent.push(request.postDataJSON()))
  const turn = (state) =>
    page.evaluate((now) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => now })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)
  await page.addInitScript(() => Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' }))
  await openTip(scene)
  await page.waitForTimeout(300)
  assert.deepEqual(sent, [], 'a page in the background shows nothing')
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/feedback'))
  await turn('visible')
  assert.equal((await answered).status(), 200)
  await turn('hidden')
  await turn('visible')
  await page.waitForTimeout(300)
  assert.deepEqual(sent.map((body) => body.reaction), ['shown'])
  clean(scene)
  await scene.close()
})

test('everything has a name, and the page has one heading and one main', async () => {
  const scene = await stage.page(server, 'names', PHONE)
  const { page } = scene
  await openTip(scene)
  const tree = await page.locator('body').ariaSnapshot()
  assert.match(tree, /heading ".+" \[level=1\]/)
  assert.match(tree, /group "Your answer"/)
  assert.match(tree, /textbox "Add a task or a mood"/)
  assert.equal(await page.locator('h1').count(), 1)
  assert.equal(await page.locator('main').count(), 1)
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  clean(scene)
  await scene.close()
})
