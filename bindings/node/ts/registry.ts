// The registry of the tips' policies, as `policies` answers it.
import type { PolicySpec } from './policies/spec'

/** A policy of the registry. */
export interface RegisteredPolicy {
  /** Its id and version, `id@version`. */
  policy: string
  /** What it does. */
  role: 'champion' | 'shadow' | 'retired'
  /** Its settings; of a policy of your own, `{ type: its name, custom: its settings }`. */
  settings: PolicySpec | { type: string; custom: unknown }
  /** The hash of the feature schema it learned over, hexadecimal. */
  schema: string
  /** How many lessons are in it. */
  lessons: number
  /** The hash of settings, schema and sums, hexadecimal. */
  state_hash: string
}
