import { createHash } from 'node:crypto'
import { UserError } from '../../schemas/errors.ts'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { normal, randomFor } from '../random.ts'
import { cacheBuster } from './cache-bust.ts'
import { corpusSource } from './corpus.ts'
import { type Draw, lengthsOf, natural, streamOf } from './lengths.ts'
import { sampler } from './sampling.ts'
import { type TextSource, wordSource, written } from './text-source.ts'
import { turnOf } from './turn.ts'
import type { Session, Turn, Workload, WorkloadSeeds } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

/**
 * Made-up sessions of exact lengths. Session i is built from (seeds, i) when it is asked for; nothing is
 * kept but the shared system prompt.
 *
 * Prefix and user context stand in front of the first turn, which is where a server's cache sees a
 * prefix; the lengths of prefix, context and prompt add up.
 */
export function synthetic(
  plan: WorkloadPlan,
  tokenizer: Tokenizer,
  { seed, promptSeed }: WorkloadSeeds,
): Workload {
  const words = wordSource(tokenizer)
  const corpus = plan.corpus === null ? null : corpusSource(plan.corpus, tokenizer)
  const source: TextSource = corpus ?? words
  const nothing = { text: '', tokens: 0 }
  const textOf = (nTokens: number, purpose: string, index: number): typeof nothing =>
    nTokens === 0
      ? nothing
      : written(source, tokenizer, nothing, nTokens, randomFor(promptSeed, purpose, index))
  const system = textOf(plan.systemTokens, 'system', 0)
  const sampled = plan.nEntries === null ? null : sampler(plan.sampling, plan.nEntries, seed)
  const busted = cacheBuster(
    plan.cacheBust,
    { words, joint: source.joint, isExact: source.isConstructed },
    tokenizer,
    promptSeed,
  )

  /** What stands in front of the first turn's text `i`. */
  const frontOf = (draw: Draw, i: number): typeof nothing => {
    if (draw.turn > 0) return nothing
    const pool = plan.prefixPool
    const choice = streamOf(i === 0 ? 'prefix-choice' : `prefix-choice/batch/${i}`, draw)
    const prefix = pool ? textOf(pool.tokens, 'prefix', Math.floor(choice() * pool.size)) : nothing
    const context = textOf(plan.contextTokens, 'context', draw.entry)
    return {
      text: [prefix.text, context.text].filter(text => text !== '').join(source.joint),
      // What was asked, so that the text behind it makes up for a token more or less.
      tokens: (pool?.tokens ?? 0) + plan.contextTokens,
    }
  }

  const turnFor = (draw: Draw, lengths: ReturnType<typeof lengthsOf>): Turn => {
    const texts = lengths.inputTokens.map((nTokens, i) =>
      written(
        source,
        tokenizer,
        frontOf(draw, i),
        nTokens,
        streamOf(i === 0 ? 'prompt' : `prompt/batch/${i}`, { ...draw, seed: promptSeed }),
      ),
    )
    return turnOf({
      texts: texts.map(({ text }) => text),
      inputTokens: texts.reduce((sum, { tokens }) => sum + tokens, 0),
      outputTokens: lengths.outputTokens,
      delayMs: draw.turn === 0 ? 0 : delayFor(plan, draw),
    })
  }

  const session = (index: number): Session => {
    const entry = sampled ? sampled(index).entry : index
    const nTurns = natural(plan.turns, randomFor(seed, 'turns', entry))
    const turns: Turn[] = []
    let room = (plan.maxContextTokens ?? Number.POSITIVE_INFINITY) - frontTokens(plan)
    for (let turn = 0; turn < nTurns; turn++) {
      const draw = { seed, entry, turn }
      const lengths = lengthsOf(plan, draw, turn === 0 ? room : undefined)
      room -= Math.max(...lengths.inputTokens) + (lengths.outputTokens ?? 0)
      if (room < 0 && turn > 0) break
      if (room < 0) throw tooLong(plan, index)
      turns.push(turnFor(draw, lengths))
    }
    const { text, tokens } = system
    const made = { id: `session-${index}`, system: text || null, systemTokens: tokens, turns }
    return busted(made, index)
  }

  const digest = createHash('sha256')
  digest.update(JSON.stringify([plan, corpus?.digest ?? null, tokenizer.digest, seed]))
  return {
    kind: corpus ? 'corpus' : 'synthetic',
    digest: digest.digest('hex'),
    notes: corpus ? corpus.notes : [...words.notes],
    isMadeUp: true,
    size: null,
    maxTurns: plan.turns.stddev > 0 || plan.turns.mean > 1 ? Number.POSITIVE_INFINITY : 1,
    timestampMs: () => null,
    session,
  }
}

/** Tokens that stand before the first turn's own text. */
export const frontTokens = ({ systemTokens, prefixPool, contextTokens }: WorkloadPlan): number =>
  systemTokens + (prefixPool?.tokens ?? 0) + contextTokens

/** The wait before a later turn, ms. */
function delayFor({ delayMs, delayRatio }: WorkloadPlan, draw: Draw): number {
  const { mean, stddev } = delayMs
  const drawn = stddev === 0 ? mean : normal(streamOf('delay', draw), mean, stddev)
  return Math.max(0, drawn) * delayRatio
}

const tooLong = ({ maxContextTokens }: WorkloadPlan, index: number): UserError =>
  new UserError(
    `--max-context-length: session ${index} does not fit into ${maxContextTokens} tokens`,
    'raise it, or lower --isl and --osl',
  )
