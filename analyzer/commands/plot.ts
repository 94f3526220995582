import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import type { Figure } from '../figures/figure.ts'
import { metricNamed } from '../metric-named.ts'
import type { Metric } from '../models.ts'
import { namesHint } from '../nearest.ts'
import type { Tapes } from '../open-tapes.ts'
import { type TapeFlags, withTapes, withWindowFlags } from '../with-tapes.ts'
import { writeOutput } from './html-report.ts'
import { gpus } from './pareto.ts'

export type PlotFlags = TapeFlags & {
  metric?: string
  theme?: string
  width?: number
  gpus?: number
  output?: string
}

type Kind = 'svg' | 'png'

/** Metrics that --auto-plot draws, where a run has them. */
const AUTOMATIC = ['time_to_first_token', 'inter_token_latency', 'request_latency']
const WIDTH = 900

/** `plot NAME <tape…>`: one figure as a picture, for documents and pull requests. */
export const plotCommand = (io: Io): Command =>
  withWindowFlags(new Command('plot').description('draw one figure of tapes as a picture'))
    .argument('<name>', 'which figure; "list" prints them')
    .argument('[tape...]', 'directories that tokentape record wrote')
    .addOption(new Option('--format <name>', 'svg or png').choices(['svg', 'png']).default('svg'))
    .option('-o, --output <path>', 'where it goes (default: svg to standard output)')
    .option('--metric <name>', 'of figures that show one metric', 'time_to_first_token')
    .addOption(
      new Option('--theme <name>', 'its colours').choices(['light', 'dark']).default('light'),
    )
    .option('--gpus <n>', 'of pareto: how many GPUs served each run (default: 1)', gpus)
    .option('--width <pixels>', 'how wide it is', pixels, WIDTH)
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((name: string, paths: string[], flags: PlotFlags) => plot(name, paths, flags, io))

/** Draws one figure and writes it. */
export async function plot(name: string, paths: string[], flags: PlotFlags, io: Io): Promise<void> {
  const { FIGURES } = await import('../figures/index.ts')
  if (name === 'list') {
    for (const [own, { caption, perMetric }] of Object.entries(FIGURES))
      io.out(`${own.padEnd(20)} ${caption}${perMetric ? ' (--metric)' : ''}\n`)
    return
  }
  const figure = FIGURES[name]
  if (!figure)
    throw new UserError(
      `plot: no figure "${name}"`,
      namesHint('figures', name, Object.keys(FIGURES)),
    )
  if (paths.length === 0)
    throw new UserError('plot: no tape', `for example tokentape plot ${name} a.tape -o ${name}.svg`)
  const kind = flags.format as Kind
  if (kind === 'png' && flags.output === undefined)
    throw new UserError('plot: a PNG is not text', `name a file: -o ${name}.png`)
  const picture = await withTapes(paths, flags, io, async tapes => {
    const metric = metricNamed(flags.metric ?? AUTOMATIC[0]!, tapes.metrics, '--metric')
    if (figure.perMetric) refuseUnfit(name, metric)
    return draw(tapes, figure, metric, { ...flags, format: kind })
  })
  if (flags.output === undefined) io.out(String(picture))
  else await writeOutput(flags.output, picture)
}

/** `--auto-plot`: every figure of a run into a folder beside its tape. */
export async function autoPlot(paths: string[], flags: PlotFlags, io: Io): Promise<void> {
  const { FIGURES } = await import('../figures/index.ts')
  const folder = `${resolve(paths[0]!).replace(/\.tape$/, '')}-plots`
  await withTapes(paths, flags, io, async tapes => {
    mkdirSync(folder, { recursive: true })
    for (const [name, figure] of Object.entries(FIGURES)) {
      if (name === 'pareto' && tapes.runs.length < 2) continue
      for (const tag of figure.perMetric ? AUTOMATIC : [AUTOMATIC[0]!]) {
        const metric = metricNamed(tag, tapes.metrics, '--auto-plot')
        const picture = await draw(tapes, figure, metric, { ...flags, format: 'svg' })
        await writeOutput(`${folder}/${figure.perMetric ? `${name}-${tag}` : name}.svg`, picture)
      }
    }
  })
  io.err(`figures: ${folder}\n`)
}

async function draw(
  tapes: Tapes,
  figure: Figure,
  metric: Metric,
  { theme, width = WIDTH, format, gpus }: PlotFlags,
): Promise<string | Uint8Array> {
  const { figureMetric, framesOf, questionOf } = await import('../figures/frames-of.ts')
  const { DARK, LIGHT } = await import('../figures/theme.ts')
  const { pngOf, svgOf } = await import('../figures/draw.ts')
  const own = figureMetric(metric)
  const frames = await framesOf(tapes, figure, await questionOf(tapes, own, gpus))
  const context = {
    runs: tapes.runs.map(({ manifest }) => ({ label: manifest.run_id, shown: true })),
    metric: own,
    theme: theme === 'dark' ? DARK : LIGHT,
    width,
  }
  const drawing = { figure, frames, context }
  return format === 'png' ? pngOf(drawing) : svgOf(drawing)
}

function refuseUnfit(name: string, metric: Metric): void {
  if (metric.grain === 'run')
    throw new UserError(
      `--metric: ${metric.name} is one value a run: there is nothing to draw`,
      'take one that requests have: tokentape explain',
    )
  if (metric.grain === 'time')
    throw new UserError(
      `--metric: ${metric.name} is weighted by time: no figure draws it`,
      `over time it is in: tokentape slices --metric ${metric.name}`,
    )
  if (name === 'over-time' && metric.grain === 'token')
    throw new UserError(
      `--metric: ${metric.name} has many values a request: over-time draws one`,
      'take max_gap, or another figure: tokentape plot histogram',
    )
}

function pixels(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 200 || value > 10_000)
    throw new UserError(
      `--width: "${text}" is not a whole number from 200 to 10000`,
      'for example --width 900',
    )
  return value
}
