// The testing build: as `napi build --features testing`, but for the host without naming it. A named target is built into
// a folder of its own, with every dependency once more; this one shares what the rest of the workspace's tests have built.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { generateTypeDef } from '@napi-rs/cli'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const cargo = (...args) => execFileSync('cargo', args, { cwd: here, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] })

const { target_directory: target } = JSON.parse(cargo('metadata', '--format-version=1', '--no-deps', '--locked'))
const types = join(target, 'napi-types')
rmSync(types, { recursive: true, force: true })
mkdirSync(types, { recursive: true })
// The types are written while the crate is compiled: it must be, each time.
Object.assign(process.env, { NAPI_TYPE_DEF_TMP_FOLDER: types, NAPI_FORCE_BUILD_OO_NODE: `${Date.now()}` })
cargo('build', '--locked', '--package', 'oo-node', '--features', 'testing')

const names = ['liboo_node.so', 'liboo_node.dylib', 'oo_node.dll']
const library = names.map((name) => join(target, 'debug', name)).find((path) => existsSync(path))
if (library === undefined) throw new Error(`cargo built none of ${names.join(', ')} into ${join(target, 'debug')}`)
const addon = join(here, 'oo.node')
// A new file: a process that has the old one loaded keeps it.
rmSync(addon, { force: true })
copyFileSync(library, addon)
const { dts } = await generateTypeDef({ typeDefDir: types, cwd: here })
writeFileSync(join(here, 'native.d.ts'), dts)
