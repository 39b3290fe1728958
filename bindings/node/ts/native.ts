// The native half, built by `npm run build` beside this package's entry points.
import { InternalError } from './errors'

type Native = typeof import('../native')

function load(): Native {
  try {
    return require('../oo.node') as Native
  } catch (cause) {
    throw new InternalError(
      'the native half of oo-engine cannot be loaded; build it with `npm run build` in bindings/node',
      { cause },
    )
  }
}

export const native = load()
