import { FIGURES } from '../figures/index.ts'
import type { Tapes } from '../open-tapes.ts'
import type { RunReport } from '../report.ts'
import { askSlices } from '../slices.ts'
import { asset, documentOf } from './document.ts'
import { type Html, html } from './html.ts'
import { labelsOf } from './labels.ts'
import { pack } from './pack.ts'
import type { PageFacts } from './packed.ts'
import { DRAWN, reportFrames } from './report-frames.ts'
import {
  factsPart,
  failuresPart,
  type LabelledRun,
  partsPart,
  summaryPart,
  tablePart,
  verdictPart,
} from './report-parts.ts'
import { heldLimits, heldPart, slidersPart } from './report-slo.ts'
import { shellWord } from './shell-word.ts'

/**
 * The report as one HTML file: no network, opens from disk.
 *
 * Its script draws the figures and computes the sliders from the rows it carries, 0.01 ms exact.
 *
 * @param paths  the tapes as they were named: for commands that print the same
 * @param flags  what limited the report to a window, as it was typed
 * @param gpus   how many GPUs served each run
 */
export async function reportPage(
  tapes: Tapes,
  reports: RunReport[],
  paths: string[],
  flags: string,
  gpus?: number,
): Promise<string> {
  const labels = labelsOf(tapes)
  const runs = reports.map((run, i) => ({ ...run, label: labels[i]! }))
  const several = runs.length > 1
  const { frames, metrics, drawn } = await reportFrames(tapes, gpus)
  const columns = ['time_to_first_token', 'request_latency', 'inter_token_latency']
    .filter(name =>
      runs.every(run => run.metrics.some(({ metric, n }) => metric.name === name && n > 0)),
    )
    .map(name => DRAWN[name]!)
  const held = await heldLimits(tapes, columns)
  const parts = await tapes.query('from latency_parts')
  const served = await tapes.query('from served')
  const facts: PageFacts = {
    runs: runs.map(({ runId, label }) => {
      const row = served.find(({ run_id }) => run_id === runId)
      const count = (name: string): number => Number(row?.[name] ?? 0)
      return {
        label,
        durationNs: count('duration_ns'),
        nSent: count('n_sent'),
        nScheduled: count('n_scheduled'),
        nCompleted: count('n_completed'),
      }
    }),
    metrics,
    drawn,
    tapes: paths.map(shellWord).join(' '),
    flags,
  }
  const figure = (name: string, metric?: string): Html => html`
<figure><div class="chart" data-figure="${name}" data-metric="${metric ?? ''}" role="img" tabindex="0" aria-label="${FIGURES[name]!.title(metrics[metric ?? ''] ?? Object.values(metrics)[0] ?? NO_METRIC)}. ${FIGURES[name]!.caption} Its numbers are in the table below it."></div>
<figcaption>${FIGURES[name]!.caption}</figcaption>
<details><summary>Numbers of this figure</summary><div class="numbers"></div></details></figure>`
  const names = Object.keys(metrics)
  const model = [...new Set(runs.map(({ manifest }) => manifest.endpoint.model))].join(', ')
  const title = several ? `${runs.length} runs: ${model}` : `${model}: ${runs[0]!.label}`

  const body = html`<a class="skip" href="#summary">Skip to the numbers</a>
<header><h1>${title}</h1>
<p class="faint">A report of tokentape. Every number comes from the tape and can be asked for again, differently.</p>
<nav aria-label="Sections"><ul>${[
    ['verdict', 'Verdict'],
    ['parts', 'Where the time went'],
    ['held', 'What it holds'],
    ['sliders', 'SLO sliders'],
    ['summary', 'Summary'],
    ...(several ? [['compare', 'Compared']] : []),
    ['time', 'Over time'],
    ['roll', 'Arrival roll'],
    ['distributions', 'Distributions'],
    ['slices', 'Slices'],
    ['failures', 'Failures'],
    ['run', 'What was run'],
  ].map(([id, words]) => html`<li><a href="#${id!}">${words!}</a></li>`)}</ul></nav></header>
<main>
<section id="verdict" aria-labelledby="h-verdict"><h2 id="h-verdict">May it be judged?</h2>${runs.map(run => verdictPart(run, several))}</section>
${several ? html`<section class="runs" aria-label="Runs shown"><h3>Runs in the figures</h3><div id="runs"></div></section>` : null}
<section id="parts" aria-labelledby="h-parts"><h2 id="h-parts">Where the time went</h2>${partsPart(parts, runs)}${figure('latency-parts')}</section>
<section id="held" aria-labelledby="h-held"><h2 id="h-held">Which SLO it holds</h2>${heldPart(held, columns, runs)}</section>
<section id="sliders" aria-labelledby="h-sliders"><h2 id="h-sliders">Try an SLO</h2>
<p>Move a limit: the numbers below are counted anew from every request.</p>${slidersPart(columns)}
${names.includes('time_to_first_token') && names.includes('inter_token_latency') ? figure('goodput-surface') : null}</section>
<section id="summary" aria-labelledby="h-summary"><h2 id="h-summary">Summary</h2>${runs.map(run => summaryPart(run, several))}</section>
${several ? html`<section id="compare" aria-labelledby="h-compare"><h2 id="h-compare">Compared</h2>${figure('pareto')}</section>` : null}
<section id="time" aria-labelledby="h-time"><h2 id="h-time">Over time</h2>${names.map(name => figure('over-time', name))}${figure('throughput')}${figure('concurrency')}</section>
<section id="roll" aria-labelledby="h-roll"><h2 id="h-roll">Arrival roll</h2>
<p class="note">Zoom with the brush at the top right, or with Ctrl (time) and Shift (requests) and the wheel; hover a line for its request.</p>${figure('arrival-roll')}</section>
<section id="distributions" aria-labelledby="h-distributions"><h2 id="h-distributions">Distributions</h2>${names.map(
    name =>
      html`<h3>${metrics[name]!.title}</h3>${figure('percentile-spectrum', name)}<div class="pair">${figure('histogram', name)}${figure('ecdf', name)}</div>`,
  )}</section>
<section id="slices" aria-labelledby="h-slices"><h2 id="h-slices">Slices of time</h2>${await slicesPart(tapes, runs)}</section>
<section id="failures" aria-labelledby="h-failures"><h2 id="h-failures">Failures</h2>${failuresPart(runs)}${figure('failures')}</section>
<section id="run" aria-labelledby="h-run"><h2 id="h-run">What was run</h2>${runs.map(factsPart)}
<p>The same numbers on a terminal:</p><pre>tokentape report ${facts.tapes}${flags}</pre></section>
</main>
<footer><p class="faint">Times in this page are rounded up to 0.01 ms; the tape has nanoseconds. Figures are drawn by Apache ECharts (Apache-2.0), in the colours of Okabe and Ito.</p><noscript><p><b>Figures and sliders need JavaScript.</b> Everything else is in the tables.</p></noscript></footer>`

  return documentOf(title, body, {
    script: asset('report.js'),
    style: asset('report.css'),
    data: pack(frames, facts),
  })
}

const NO_METRIC = { name: '', title: '', shown: '', divisor: 1 }

async function slicesPart(tapes: Tapes, runs: LabelledRun[]): Promise<Html> {
  const several = runs.length > 1
  const metrics = tapes.metrics.filter(({ name }) => name in DRAWN)
  const [{ n } = { n: 0 }] = await tapes.query('select sum(n_sent) as n from served')
  if (!n) return html`<p>No request was sent.</p>`
  const slices = await askSlices(tapes, {
    widthNs: undefined,
    metrics,
    percentiles: [50, 99],
    slos: [],
    by: 'start',
  })
  const zeros = new Map(
    (await tapes.query('from run_starts')).map(row => [row['run_id'], Number(row['zero_ns'])]),
  )
  return tablePart({
    caption: 'How the run went; a * marks a slice that the run does not fill',
    columns: [
      ...(several ? ['run'] : []),
      ...['from (s)', 'sent', 'succeeded', 'failed', 'requests/s', 'tokens/s'],
      ...metrics.flatMap(({ title, shown }) => [`${title} p50 (${shown})`, 'p99']),
    ],
    rows: slices.map(slice => [
      ...(several ? [runs.find(({ runId }) => runId === slice.runId)!.label] : []),
      `${((slice.fromNs - zeros.get(slice.runId)!) / 1e9).toFixed(3)}${slice.complete ? '' : '*'}`,
      slice.nStarted,
      slice.nSucceeded,
      slice.nFailed,
      slice.requestThroughput,
      slice.outputTokenThroughput,
      ...metrics.flatMap(({ name }) => {
        const found = slice.metrics.find(({ metric }) => metric.name === name)
        return [50, 99].map(percent => found?.percentiles.get(percent) ?? null)
      }),
    ]),
  })
}
