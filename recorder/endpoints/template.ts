import { readFileSync } from 'node:fs'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import { withSystem } from './conversation.ts'
import type { Ask, BodyOptions, Endpoint } from './endpoint.ts'

/** A body of the user's own shape, to the path that the URL or `--endpoint` names. */
export const template: Endpoint = {
  summary: 'a JSON file with {{text}}, {{model}} and such in the place of values',
  path: '',
  streams: true,
  forcesOsl: false,
  takes: 'template',
  body: (ask, options) =>
    filled(options.template, valuesOf(ask, options)) as Record<string, unknown>,
}

/** What a template can name. The values are JSON: a number stays one. */
const valuesOf = (ask: Ask, { streaming }: BodyOptions) => ({
  text: ask.texts.join(''),
  texts: ask.texts,
  query: ask.texts[0] ?? null,
  passages: ask.texts.slice(1),
  messages: withSystem(ask),
  system: ask.system,
  model: ask.model,
  output_tokens: ask.outputTokens,
  stream: streaming,
})

type Values = ReturnType<typeof valuesOf>

const NAMES = [
  'text',
  'texts',
  'query',
  'passages',
  'messages',
  'system',
  'model',
  'output_tokens',
  'stream',
] as const satisfies (keyof Values)[]

const PLACEHOLDER = /\{\{\s*(\w+)\s*(?:\|\s*tojson\s*)?\}\}/g
const WHOLE = new RegExp(`^${PLACEHOLDER.source}$`)
/** A JSON string, or a placeholder that stands outside of one. */
const STRING_OR_BARE = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|${PLACEHOLDER.source}`, 'g')

/**
 * Reads a template: JSON in which `{{name}}` stands for a value, with or without quotes around it,
 * or for a part of a string.
 *
 * @throws UserError where it is no JSON object or names what there is not
 */
export function readTemplate(path: string): unknown {
  const hint = `for example {"model": {{model}}, "prompt": {{text}}}, with ${NAMES.join(', ')}`
  let found: unknown
  try {
    const quoted = readFileSync(path, 'utf8').replace(STRING_OR_BARE, (piece, name) =>
      piece.startsWith('"') ? piece : `"{{${name}}}"`,
    )
    for (const [, name] of quoted.matchAll(PLACEHOLDER))
      if (!(NAMES as readonly string[]).includes(name!)) throw new Error(`there is no {{${name}}}`)
    found = JSON.parse(quoted)
  } catch (error) {
    // V8 quotes what stands around the place, and a key may stand there.
    const reason = reasonOf(error).replace(
      /, (\.{3})?".*"(\.{3})? is not valid JSON$/s,
      ' is no JSON',
    )
    throw new UserError(`template "${path}": ${reason}`, hint)
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new UserError(`template "${path}" is not a JSON object`, hint)
  return found
}

/** The template with values in place. A field whose value there is not, such as a limit, is left out. */
function filled(part: unknown, values: Values): unknown {
  if (typeof part === 'string') return filledText(part, values)
  if (Array.isArray(part)) return part.map(item => filled(item, values))
  if (typeof part !== 'object' || part === null) return part
  const fields = Object.entries(part).map(
    ([key, item]) => [key, filled(item, values), item] as const,
  )
  return Object.fromEntries(fields.filter(([, value, item]) => value !== null || item === null))
}

function filledText(text: string, values: Values): unknown {
  const whole = WHOLE.exec(text)
  if (whole) return values[whole[1] as keyof Values]
  return text.replace(PLACEHOLDER, (_, name: keyof Values) => {
    const value = values[name] ?? ''
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}
