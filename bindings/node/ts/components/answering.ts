// How a component of your own is asked: by a function that never throws. What goes wrong is told once as a warning.
import type { NativeQuestion } from '../../native'

/** What a component says to a question. */
export interface Said {
  about?: unknown
  numbers?: Float64Array
  more?: Float64Array
  bytes?: Uint8Array
  /** What is done when nobody waits for it any more. */
  late?: () => void
}

/** What answers the questions of one verb. */
export type Answering = (about: never, question: NativeQuestion) => Said | Promise<Said>

/** A function that answers questions by their verb. */
export function answering(what: string, verbs: Readonly<Record<string, Answering>>): (question: NativeQuestion) => void {
  const warn = warning(what)
  return (question) => void answer(question, verbs, warn)
}

/** Says once for each verb that a component failed; the engine counts every time. */
export function warning(what: string): (verb: string, thrown: unknown) => void {
  const told = new Set<string>()
  return (verb, thrown) => {
    if (told.has(verb)) return
    told.add(verb)
    const detail = thrown instanceof Error && thrown.stack ? thrown.stack : String(thrown)
    process.emitWarning(`${verb} of ${what} failed: ${saying(thrown)}`, { type: 'OoWarning', code: 'OO_COMPONENT', detail })
  }
}

/** What was thrown, in words. */
export function saying(thrown: unknown): string {
  return String(thrown instanceof Error ? thrown.message : thrown)
}

async function answer(
  question: NativeQuestion,
  verbs: Readonly<Record<string, Answering>>,
  warn: ReturnType<typeof warning>,
): Promise<void> {
  const { verb } = question
  try {
    const { about = null, numbers, more, bytes, late } = await verbs[verb]!(JSON.parse(question.about) as never, question)
    const text = JSON.stringify(about)
    if (question.answer(text, numbers, more, bytes) || verb === 'release') return
    late?.()
    warn(verb, new Error('the answer came too late; answer sooner, or raise timeBudgetMs'))
  } catch (thrown) {
    question.fail(saying(thrown))
    warn(verb, thrown)
  }
}
