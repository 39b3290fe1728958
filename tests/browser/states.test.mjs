// Every state of the face at both sizes, on the real server, each with a picture and a check of contrast, size and words.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contrasts, targets, words } from './measure.mjs'
import { Server } from './server.mjs'
import { clean, eventually, heading, openTip, shoot, SIZES, Stage, still, view, ZONE } from './stage.mjs'

const TASKS = [
  'File taxes',
  'Book the dentist',
  'Answer Ana about Sunday',
  'Renew the library card',
  'Send the lease back',
  'Order the filter',
  'Call the plumber',
  'Print the tickets',
]

let server, stage
before(async () => {
  server = await Server.start()
  stage = await Stage.open()
})
after(async () => {
  await stage?.close()
  await server?.stop()
})

/** What holds in every state. */
async function legible(scene) {
  await still(scene.page)
  for (const { text, ratio, tip } of await contrasts(scene.page)) {
    assert.ok(ratio >= (tip ? 7 : 4.5), `"${text}" has a contrast of ${ratio.toFixed(2)}`)
  }
  for (const { name, width, height } of await targets(scene.page)) {
    assert.ok(width >= 44 && height >= 44, `"${name}" is ${width} × ${height}`)
  }
  assert.ok((await words(scene.page)).length <= 22)
  assert.equal(await scene.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the screen')
}

async function keep(scene, state) {
  await legible(scene)
  await shoot(scene, state)
}

for (const size of SIZES) {
  test(`${size.name}: the first tip is an advice, why it came, and why a to-do came`, async () => {
    const scene = await stage.page(server, await server.userWith('advice'), size)
    const { page } = scene
    await openTip(scene)
    assert.equal(await page.getByRole('img', { name: 'to-do' }).count(), 0)
    await keep(scene, 'first-tip')

    const box = await page.locator('.tip').boundingBox()
    const centre = (box.y + box.height / 2) / size.viewport.height
    assert.ok(centre > 0.42 && centre < 0.5, `the tip is centred at ${centre.toFixed(3)} of the height`)
    assert.ok(Math.abs(box.x + box.width / 2 - size.viewport.width / 2) < 1)

    const { tip } = await server.call(scene.user, 'POST', '/api/recommend', { shown: 'reported' })
    await page.getByRole('button', { name: 'why' }).click()
    await page.getByText(tip.why.sentence).waitFor()
    await keep(scene, 'why-advice')
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: a to-do, why it came, its menus, done, and the next tip`, async () => {
    const scene = await stage.page(server, await server.userWith('todo', TASKS), size)
    const { page } = scene
    await openTip(scene)
    await page.getByRole('img', { name: 'to-do' }).waitFor()
    await keep(scene, 'todo')

    const { tip } = await server.call(scene.user, 'POST', '/api/recommend', { shown: 'reported' })
    assert.equal((await heading(page).innerText()).replace(/\s+/g, ' '), tip.content)
    await page.getByRole('button', { name: 'why' }).click()
    await page.getByText(tip.why.sentence).waitFor()
    const signals = tip.why.signals.map((signal) => signal.text)
    assert.deepEqual(await page.locator('dl dd').allInnerTexts(), signals)
    await keep(scene, 'why')
    await page.getByRole('button', { name: 'why' }).click()
    await page.getByText(tip.why.sentence).waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'later' }).click()
    const choices = await page.getByRole('group').getByRole('button').allInnerTexts()
    assert.equal(choices.length, 5)
    await keep(scene, 'later')
    await page.getByRole('button', { name: 'pick' }).click()
    await keep(scene, 'pick')
    await page.getByLabel('Day and time').fill('2001-01-01T10:00')
    await page.getByRole('button', { name: 'set' }).click()
    await page.getByText('That moment has passed').waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'not this' }).click()
    await keep(scene, 'not-this')
    await page.getByRole('button', { name: 'back' }).click()

    await page.getByRole('button', { name: 'done' }).click()
    await page.getByText('Done.', { exact: true }).first().waitFor()
    await page.getByRole('img', { name: 'done' }).waitFor()
    await keep(scene, 'after-done')
    await page.getByRole('button', { name: 'done' }).waitFor()
    const states = await eventually(() => server.states(scene.user), (list) => list.includes('done'), 'the history holds the answer')
    assert.equal(states.filter((state) => state === 'done').length, 1)
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: snoozed`, async () => {
    const scene = await stage.page(server, await server.userWith('todo', TASKS), size)
    const { page } = scene
    await openTip(scene)
    const promised = await page.getByRole('button', { name: 'later' }).click().then(() => page.locator('time').first().innerText())
    await page.getByRole('button', { name: 'in an hour' }).click()
    await view(page, 'snoozed')
    const said = await heading(page).innerText()
    assert.match(said, /^Back (tomorrow )?at \d\d:\d\d\.$/)
    assert.ok(said.includes(promised))
    await keep(scene, 'snoozed')
    await eventually(() => server.states(scene.user), (list) => list[0] === 'snoozed', 'the server knows')
    await page.getByRole('button', { name: 'something else' }).click()
    await view(page, 'tip')
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: the line adds a task and a mood, and the first of each says what it permits`, async () => {
    const user = `line-${size.name}`
    const scene = await stage.page(server, user, size)
    const { page } = scene
    await openTip(scene)
    const field = page.getByLabel('Add a task or a mood')
    assert.equal(await field.evaluate((element) => getComputedStyle(element).opacity), '0')
    assert.equal((await server.call(user, 'GET', '/api/me/consents')).task, false)

    await field.click()
    await keep(scene, 'line')
    await field.fill('File taxes tomorrow')
    await page.getByText('task, due tomorrow · lets oO use your tasks').waitFor()
    await keep(scene, 'add')
    await field.press('Enter')
    await page.getByText('Added, due tomorrow.').waitFor()
    await keep(scene, 'added')
    await field.fill('mood 4 tired today')
    await field.press('Enter')
    await page.getByText('Noted.').waitFor()
    const consents = await server.call(user, 'GET', '/api/me/consents')
    assert.deepEqual([consents.task, consents.mood, consents.calendar], [true, true, false])

    await field.fill('mood 9')
    await field.press('Enter')
    await page.getByText('A mood is a number from 1 to 5').waitFor()
    assert.equal(await field.inputValue(), 'mood 9')
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: quiet, when the day has had its tips`, async () => {
    const user = `quiet-${size.name}`
    const preferences = await server.call(user, 'GET', '/api/me/preferences')
    await server.call(user, 'PUT', '/api/me/preferences', { ...preferences, daily_cap: 1 })
    const scene = await stage.page(server, user, size)
    const { page } = scene
    await openTip(scene)
    await page.keyboard.press('d')
    await view(page, 'quiet')
    assert.equal(await heading(page).innerText(), 'That is enough for today.')
    await keep(scene, 'quiet')
    assert.equal((await server.call(user, 'GET', '/api/me/preferences')).zone, ZONE)
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: empty, when there is nothing at all`, async () => {
    // The advice library is always there, so this one answer is written here.
    const scene = await stage.page(server, `empty-${size.name}`, size)
    const { page } = scene
    await page.route('**/api/recommend', (route) => route.fulfill({ json: { tip: null, reason: 'no_candidate' } }))
    await page.goto(scene.url)
    await view(page, 'quiet')
    assert.equal(await heading(page).innerText(), 'Nothing needs you now.')
    await keep(scene, 'empty')
    await page.unroute('**/api/recommend')
    await page.getByRole('button', { name: 'add something' }).click()
    await page.keyboard.type('File taxes 2031-05-01')
    await page.keyboard.press('Enter')
    await view(page, 'tip')
    clean(scene)
    await scene.close()
  })

  test(`${size.name}: offline, and back`, async () => {
    const scene = await stage.page(server, `offline-${size.name}`, size)
    const { page } = scene
    await openTip(scene)
    await page.context().setOffline(true)
    await page.keyboard.press('d')
    await view(page, 'trouble')
    assert.equal(await heading(page).innerText(), 'You are offline.')
    await keep(scene, 'offline')
    await page.context().setOffline(false)
    await view(page, 'tip')
    await eventually(() => server.states(scene.user), (list) => list.includes('done'), 'the answer arrived')
    clean(scene, { severed: true })
    await scene.close()
  })

  test(`${size.name}: error, when the server is killed, and the answer survives`, async () => {
    const scene = await stage.page(server, `error-${size.name}`, size)
    const { page } = scene
    await openTip(scene)
    await server.kill()
    try {
      await page.keyboard.press('d')
      await view(page, 'trouble')
      assert.equal(await heading(page).innerText(), 'oO is not answering.')
      await page.getByText('Your answer is kept.').waitFor()
      await keep(scene, 'error')
      await page.keyboard.press('a')
      await page.keyboard.type('Book the dentist')
      await page.keyboard.press('Enter')
      await page.getByText('Not saved yet.').waitFor()
      await page.keyboard.press('Escape')
    } finally {
      await server.up()
    }
    await page.getByRole('button', { name: 'try again' }).click()
    await view(page, 'tip')
    const states = await eventually(() => server.states(scene.user), (list) => list.includes('done'), 'the answer arrived')
    assert.equal(states.filter((state) => state === 'done').length, 1)
    await page.keyboard.press('a')
    await page.keyboard.press('Enter')
    await page.getByText('Added.').waitFor()
    clean(scene, { severed: true })
    await scene.close()
  })
}

test('a very long task shows 22 words, and why shows all of it', async () => {
  const long = Array.from({ length: 8 }, (_, index) => `${index} ${'sort the papers in the lower drawer '.repeat(5)}`.trim())
  const scene = await stage.page(server, await server.userWith('todo', long), SIZES[0])
  await openTip(scene)
  await legible(scene)
  assert.equal((await words(scene.page)).length, 22)
  await scene.page.getByRole('button', { name: 'why' }).click()
  assert.ok(long.includes(await scene.page.locator('.whole').innerText()))
  clean(scene)
  await scene.close()
})
