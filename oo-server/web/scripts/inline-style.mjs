// Puts the whole stylesheet into index.html, so that the first paint waits for nothing but the document,
// and writes csp.json beside it: the Content-Security-Policy under which that document works.
// The server sends `policy` as it is. The hashes cover the exact bytes between the tags.
import { createHash } from 'node:crypto'

/** @returns {import('vite').Plugin} */
export function inlineStyle() {
  return {
    name: 'inline-style',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html']
        if (page?.type !== 'asset') this.error('index.html is not in the bundle')
        let html = String(page.source)
        for (const [name, asset] of Object.entries(bundle)) {
          if (asset.type !== 'asset' || !name.endsWith('.css')) continue
          const link = new RegExp(`<link[^>]+href="[^"]*${name.replaceAll('.', '\\.')}"[^>]*>`)
          if (!link.test(html)) this.error(`index.html does not link ${name}`)
          const css = String(asset.source).trim()
          html = html.replace(link, () => `<style>${css}</style>`)
          delete bundle[name]
        }
        page.source = html
        this.emitFile({ type: 'asset', fileName: 'csp.json', source: policyOf(html) })
      },
    },
  }
}

/** @param {string} html */
function policyOf(html) {
  const hashes = (/** @type {RegExp} */ tag) =>
    [...html.matchAll(tag)].map(([, text]) => `sha256-${createHash('sha256').update(text ?? '').digest('base64')}`)
  const style = hashes(/<style>([\s\S]*?)<\/style>/g)
  const script = hashes(/<script>([\s\S]*?)<\/script>/g)
  const source = (/** @type {string[]} */ list) => ["'self'", ...list.map((hash) => `'${hash}'`)].join(' ')
  const policy = [
    "default-src 'self'",
    `script-src ${source(script)}`,
    `style-src ${source(style)}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return `${JSON.stringify({ policy, style, script }, null, 2)}\n`
}
