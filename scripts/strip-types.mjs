// Prints a TypeScript file as JavaScript, with the page's TypeScript compiler:
// the oldest Node that we support runs no TypeScript. Types are checked elsewhere.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../oo-server/web/package.json', import.meta.url))
const ts = require('typescript')
const source = readFileSync(process.argv[2], 'utf8')
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
})
process.stdout.write(outputText)
