import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { reasonOf, UserError } from '../schemas/errors.ts'

/** Gates under version control. */
export type GateFile = {
  that: string[]
  /** SLOs by tier, as `--slo name="…"` gives them. */
  slos: Record<string, string>
}

const EXAMPLE = 'write a list of gates, or "that:" with the list and "slos:" with tiers by name'

/**
 * Reads a YAML file: a list of gates, or
 *
 *     slos:
 *       interactive: ttft_ms <= 500 and itl_ms <= 50
 *     that:
 *       - ttft.p99 < 500ms
 *       - goodput(interactive) >= 0.95
 *
 * @throws UserError naming what in it is wrong
 */
export function readGateFile(path: string): GateFile {
  const refuse = (what: string): UserError => new UserError(`--file: ${path}: ${what}`, EXAMPLE)
  let found: unknown
  try {
    found = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse(reasonOf(error).split('\n')[0]!)
  }
  if (Array.isArray(found)) return { that: textsOf(found, refuse), slos: {} }
  if (typeof found !== 'object' || found === null) throw refuse('holds no gates')
  const { that, slos = {}, ...rest } = found as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw refuse(`no field "${unknown}"`)
  if (!Array.isArray(that)) throw refuse('"that" is no list')
  if (typeof slos !== 'object' || slos === null || Array.isArray(slos))
    throw refuse('"slos" is no list of names')
  for (const [name, slo] of Object.entries(slos))
    if (typeof slo !== 'string') throw refuse(`slos: ${name}: is no text`)
  return { that: textsOf(that, refuse), slos: slos as Record<string, string> }
}

function textsOf(list: unknown[], refuse: (what: string) => UserError): string[] {
  if (list.length === 0) throw refuse('holds no gate')
  for (const [i, item] of list.entries())
    if (typeof item !== 'string')
      throw refuse(
        `gate ${i + 1} is ${JSON.stringify(item)}, not a text such as "ttft.p99 < 500ms"`,
      )
  return list as string[]
}
