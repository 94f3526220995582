import { createHash, randomInt } from 'node:crypto'
import { whole } from './option-values.ts'
import { randomFor } from './random.ts'

/** What a run draws from. */
export type Seeds = {
  /**
   * When requests are sent, how long they are, which of a file's rows or a pool's prefixes they have: the same in
   * every run of a command line, so that its runs are of one load.
   */
  seed: number
  /** Whether nobody gave it, so that no command line before had it. */
  seedDrawn: boolean
  /** The words of made-up prompts, and the marks of --cache-bust: fresh in every run. */
  promptSeed: number
  /** Whether the user wants the prompts of the first run in all of them. */
  samePrompts: boolean
}

export type SeedFlags = {
  randomSeed?: string
  samePrompts?: boolean
  shard?: string
  runId?: string
}

const SEEDS = 2 ** 32

/**
 * The seeds of a command line's first run, whose words follow the seed itself: drawn where none is given.
 *
 * The shards of a run cannot draw one each: theirs follows from the name that they share.
 */
export function seedsOf(flags: SeedFlags): Seeds {
  const { randomSeed, shard, runId } = flags
  const seed =
    randomSeed !== undefined
      ? whole('--random-seed', randomSeed, 0)
      : shard !== undefined && runId !== undefined
        ? createHash('sha256').update(runId).digest().readUInt32LE()
        : randomInt(SEEDS)
  return {
    seed,
    seedDrawn: randomSeed === undefined,
    promptSeed: seed,
    samePrompts: flags.samePrompts === true,
  }
}

/** The seeds of run `number` of the command line, counted from 0: the same load, in words of its own. */
export function seedsOfRun(first: Seeds, number: number): Seeds {
  if (number === 0 || first.samePrompts) return first
  return { ...first, promptSeed: Math.floor(randomFor(first.seed, 'run', number)() * SEEDS) }
}

/** What to say of a seed before anything is sent; nothing where the user gave it. */
export const seedNotes = ({ seed, seedDrawn }: Seeds): string[] =>
  seedDrawn ? [`seed ${seed}: --random-seed ${seed} sends the same requests again`] : []
