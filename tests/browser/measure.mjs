// What an eye and a finger meet: contrast of every visible text, size of every target, what still moves.

/** Every visible text with its contrast against the black behind it: [{ text, ratio, tip }]. */
export function contrasts(page) {
  return page.evaluate(() => {
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    const parts = (color) => (color.match(/[\d.]+/g) ?? []).map(Number)
    const backdrop = parts(getComputedStyle(document.documentElement).backgroundColor)
    if (backdrop.slice(0, 3).some((part) => part !== 0) || backdrop[3] === 0) throw new Error('the page is not black')

    const found = []
    const add = (element, text, style) => {
      let opacity = 1
      for (let at = element; at; at = at.parentElement) {
        const own = getComputedStyle(at)
        opacity *= Number(own.opacity)
        const back = parts(own.backgroundColor)
        if (at !== document.documentElement && back[3] !== 0 && back.slice(0, 3).some((part) => part > 0)) throw new Error(`${at.tagName} is not black`)
      }
      const box = element.getBoundingClientRect()
      if (opacity === 0 || box.width <= 1 || box.height <= 1) return
      const [red, green, blue, alpha = 1] = parts(style.color)
      const over = [red, green, blue].map((part) => (part / 255) * alpha * opacity)
      found.push({ text: text.slice(0, 60), ratio: (luminance(over) + 0.05) / 0.05, tip: element.matches('.tip') })
    }
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const text = walk.currentNode.textContent.trim()
      const element = walk.currentNode.parentElement
      if (text && !element.closest('.unseen, noscript, script, style')) add(element, text, getComputedStyle(element))
    }
    for (const input of document.querySelectorAll('input')) {
      if (input.value === '' && input.placeholder) add(input, input.placeholder, getComputedStyle(input, '::placeholder'))
      else add(input, input.value, getComputedStyle(input))
    }
    return found
  })
}

/** Every button and field with its size: [{ name, width, height }]. */
export function targets(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, input, a[href], select')].map((element) => {
      const { width, height } = element.getBoundingClientRect()
      return { name: element.textContent.trim() || element.id, width, height }
    }),
  )
}

export async function words(page) {
  const text = await page.locator('.tip').innerText()
  return text.trim().split(/\s+/)
}

/** Everything that moves at this instant. */
export function moving(page) {
  return page.evaluate(() => document.getAnimations().map((animation) => animation.effect?.getComputedTiming().duration ?? 0))
}
