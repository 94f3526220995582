import { statSync } from 'node:fs'
import { cellsOf } from './csv-columns.ts'
import { headOf } from './rows.ts'
import type { DatasetType } from './workload-plan.ts'

/** What a file is, and by what it was recognised. */
export type Detected = { type: DatasetType; because: string }

const MOONCAKE = ['input_length', 'text_input', 'hash_ids', 'output_length']
/** Fields of a mooncake row with messages; any other makes it a body. */
const BESIDE_MESSAGES = [
  'messages',
  'message_mode',
  'tools',
  'timestamp',
  'delay',
  'session_id',
  'extra',
]

/** Looks at the first row. A file that is no JSON is lines of text. */
export function detectedType(file: string): Detected {
  if (statSync(file).isDirectory()) return { type: 'random_pool', because: 'it is a directory' }
  const head = headOf(file)
  if (/^\{\s*"data"\s*:\s*\[/.test(head)) return { type: 'inputs_json', because: 'it has data' }
  const names = cellsOf(head.split('\n', 1)[0]!.trimEnd())
  if (names.includes('ContextTokens'))
    return { type: 'azure_trace', because: 'its first line names ContextTokens' }
  if (names.includes('Request tokens'))
    return { type: 'burst_gpt_trace', because: 'its first line names Request tokens' }
  const keys = keysOf(head)
  const first = keys.find(key => MOONCAKE.includes(key))
  const found = (type: DatasetType, key: string): Detected => ({
    type,
    because: `its first row has ${key}`,
  })
  if (keys.includes('conversations')) return found('sharegpt', 'conversations')
  if (keys.includes('payloads')) return found('inputs_json', 'payloads')
  if (keys.includes('turns')) return found('multi_turn', 'turns')
  if (keys.includes('chat_id') && keys.includes('input_length'))
    return found('bailian_trace', 'chat_id')
  if (keys.includes('id') && (keys.includes('requests') || keys.includes('in')))
    return found('weka_trace', keys.includes('requests') ? 'requests' : 'in')
  if (keys.includes('prompt') && keys.includes('output_tokens'))
    return found('vllm_custom', 'output_tokens')
  if (first) return found('mooncake_trace', first)
  if (keys.includes('payload')) return found('mooncake_trace', 'payload')
  const other = keys.find(key => !BESIDE_MESSAGES.includes(key))
  if (keys.includes('messages'))
    return other
      ? found('raw_payload', `messages and ${other}`)
      : found('mooncake_trace', 'messages')
  if (keys.includes('text') || keys.includes('texts')) return found('single_turn', 'text')
  if (keys.length > 0) return found('raw_payload', keys.slice(0, 3).join(', '))
  return { type: 'text', because: 'its first line is no JSON object' }
}

const LINES: DatasetType[] = [
  'text',
  'single_turn',
  'random_pool',
  'azure_trace',
  'burst_gpt_trace',
]

/** Whether rows are lines, or elements of one JSON array. */
export function formOf(file: string, type: DatasetType): 'lines' | 'elements' {
  if (type === 'inputs_json') return 'elements'
  if (LINES.includes(type)) return 'lines'
  return headOf(file).startsWith('[') ? 'elements' : 'lines'
}

/** The keys of the first row, as far as its text goes. */
function keysOf(head: string): string[] {
  const line = head.split('\n', 1)[0]!
  try {
    const value = JSON.parse(line)
    if (Array.isArray(value)) return Object.keys(value[0] ?? {})
    return value !== null && typeof value === 'object' ? Object.keys(value) : []
  } catch {
    // The first element of an array over several lines, or of one long line.
    if (!head.startsWith('[') || !/^\[\s*\{/.test(head))
      return head.startsWith('{') ? guessed(head) : []
    return guessed(head)
  }
}

/** Names in front of colons near the start: enough to tell the types apart. */
const guessed = (head: string): string[] =>
  [...head.slice(0, 4096).matchAll(/"(\w+)"\s*:/g)].map(match => match[1]!)
