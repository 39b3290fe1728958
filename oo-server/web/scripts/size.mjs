// What a first visit costs: every file of dist that a browser fetches, gzipped. Fails above the bar.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const BAR = 40 * 1024
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'csp.json')
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()

let total = 0
for (const file of files) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length
  total += bytes
  console.log(`${(bytes / 1024).toFixed(2).padStart(8)} KB  ${relative(dist, file)}`)
}
console.log(`${(total / 1024).toFixed(2).padStart(8)} KB  in all, gzipped (at most ${BAR / 1024})`)
if (files.length === 0 || total > BAR) process.exit(1)
