import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { randomFor } from '../random.ts'
import type { TextSource } from './text-source.ts'
import { tokensOfMessages } from './token-count.ts'
import type { Session, Turn } from './workload.ts'
import type { CacheBust } from './workload-plan.ts'

/** Words of the mark: with a vocabulary of 8,000, two sessions of 10^15 share one. */
const MARK_TOKENS = 8

/**
 * Puts a mark that no other session has in front of or behind a session's system prompt or first turn,
 * so that a server's cache cannot know it. The mark depends on (seed, index): a run has a seed of its own for
 * words, so that its marks are none that an earlier run left behind.
 *
 * @param words  made words, for the mark
 * @param joint  what stands between the mark and the text
 * @param isExact  whether lengths add up, so that nothing needs counting
 */
export function cacheBuster(
  where: CacheBust,
  { words, joint, isExact }: { words: TextSource; joint: string; isExact: boolean },
  tokenizer: Tokenizer,
  seed: number,
): (session: Session, index: number) => Session {
  if (where === 'none') return session => session
  const isFront = where.endsWith('prefix')
  const role = where.startsWith('system') ? 'system' : 'user'
  return (session, index) => {
    const mark = words.write(MARK_TOKENS, randomFor(seed, 'cache-bust', index))
    const marked = (text: string): string =>
      text === '' ? mark : isFront ? mark + joint + text : text + joint + mark
    const added = (nTexts: number, before: number, texts: () => string[]): number =>
      isExact
        ? before + nTexts * MARK_TOKENS
        : texts().reduce((sum, text) => sum + tokenizer.count(text), 0)
    const hasMessages = session.turns.some(({ messages }) => messages !== null)
    const turns = session.turns.map((turn, i) => {
      if (turn.messages)
        return withMessages(turn, markedMessages(turn.messages, role, marked), tokenizer)
      if (role === 'system' || i > 0 || turn.payload) return turn
      const texts = turn.texts.map(marked)
      return {
        ...turn,
        texts,
        inputTokens: added(texts.length, turn.inputTokens ?? 0, () => texts),
      }
    })
    if (role === 'user' || hasMessages) return { ...session, turns }
    const system = marked(session.system ?? '')
    return {
      ...session,
      turns,
      system,
      systemTokens: added(1, session.systemTokens, () => [system]),
    }
  }
}

type Messages = NonNullable<Turn['messages']>

const withMessages = (turn: Turn, messages: Messages, tokenizer: Tokenizer): Turn => ({
  ...turn,
  messages,
  inputTokens: tokensOfMessages(messages, tokenizer),
})

/** The first message of a role with the mark; a system prompt is added where there is none. */
function markedMessages(
  messages: Messages,
  role: 'system' | 'user',
  marked: (text: string) => string,
): Messages {
  const at = messages.findIndex(message => message.role === role)
  if (at < 0) return role === 'system' ? [{ role, content: marked('') }, ...messages] : messages
  return messages.map((message, i) =>
    i === at ? { ...message, content: markedContent(message.content, marked) } : message,
  )
}

/** Text, or a list of parts, the first text of which gets the mark. */
function markedContent(content: unknown, marked: (text: string) => string): unknown {
  if (typeof content === 'string') return marked(content)
  if (!Array.isArray(content)) return content
  const at = content.findIndex(part => typeof part?.text === 'string')
  if (at < 0) return [{ type: 'text', text: marked('') }, ...content]
  return content.map((part, i) => (i === at ? { ...part, text: marked(part.text) } : part))
}
