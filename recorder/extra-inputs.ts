import { UserError } from '../schemas/errors.ts'

/** `k:v` pairs, or JSON objects; later ones win. A value that reads as JSON is one. */
export function extraInputsOf(inputs: string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const input of inputs) {
    if (input.trim().startsWith('{')) {
      try {
        Object.assign(fields, JSON.parse(input))
      } catch {
        throw new UserError(
          `--extra-inputs: "${beginningOf(input)}" is not valid JSON`,
          `for example --extra-inputs '{"temperature": 0}' or --extra-inputs temperature:0`,
        )
      }
      continue
    }
    const colon = input.indexOf(':')
    if (colon < 1)
      throw new UserError(
        `--extra-inputs: "${beginningOf(input)}" is neither key:value nor a JSON object`,
        'for example --extra-inputs ignore_eos:true',
      )
    fields[input.slice(0, colon)] = jsonOrText(input.slice(colon + 1))
  }
  return fields
}

/** What is not sound may hold a key: it is named by what stands before its first value. */
const beginningOf = (input: string): string =>
  /^[^:=]*[:=]?/.exec(input)![0].slice(0, 40) + (/[:=]/.test(input) ? '…' : '')

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
