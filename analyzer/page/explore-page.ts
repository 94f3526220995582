import { figureMetric } from '../figures/frames-of.ts'
import { FIGURES } from '../figures/index.ts'
import { MOST_SAMPLES } from '../figures/question.ts'
import type { Tapes } from '../open-tapes.ts'
import type { Failure } from '../report.ts'
import { completionWords } from '../sql-completion.ts'
import { asset, documentOf, policyOf } from './document.ts'
import { type Html, html } from './html.ts'
import { labelsOf } from './labels.ts'
import { pack } from './pack.ts'
import type { ExploreFacts } from './packed.ts'
import { factsPart } from './report-parts.ts'
import { LIMITS, slidersPart } from './report-slo.ts'
import { shellWord } from './shell-word.ts'

/** Figures that are drawn from bins where there are too many samples to sort while somebody waits. */
const FROM_BINS = ['histogram', 'ecdf']
const BINNED = ` Gaps of a run with more than ${MOST_SAMPLES.toLocaleString('en-US')} messages are drawn from bins of 0.1 % of their value.`

/**
 * The page of `explore`: what the report has, over live queries, and a console. Its script asks for
 * everything that is to be seen, when it is looked at.
 *
 * @param paths  the tapes as they were named, and `flags` what changes how they count, as it was typed
 * @param gpus   how many GPUs served each run
 */
export async function explorePage(
  tapes: Tapes,
  paths: string[],
  flags: string,
  gpus = 1,
): Promise<(nonce: string) => { html: string; policy: string }> {
  const labels = labelsOf(tapes)
  const reach = await reachOf(tapes)
  const [row] = await tapes.query('select max(last_ns - zero_ns) as span_ns from run_starts')
  const rates = await tapes.query(
    'select n_completed * 1e9 / nullif(duration_ns, 0) as r from served',
  )
  const failures = await tapes.query('from failures')
  const counts = await tapes.query('select run_id, n_sent from served')
  const facts: ExploreFacts = {
    runs: tapes.runs.map(({ manifest }, i) => ({ id: manifest.run_id, label: labels[i]! })),
    metrics: tapes.metrics.map(metric => ({
      ...figureMetric(metric),
      grain: metric.grain,
      method: metric.percentiles,
      drawn: metric.kind === 'distribution' && metric.grain !== 'run' && metric.grain !== 'time',
      main: metric.report === 'default',
    })),
    reach,
    ratePerSec: Math.max(0, ...rates.map(({ r }) => Number(r ?? 0))),
    gpus,
    tapes: `${paths.map(shellWord).join(' ')}${flags}`,
    words: completionWords(tapes.models),
    spanS: Number(row?.['span_ns'] ?? 0) / 1e9,
  }
  const figure = (name: string): Html => html`
<figure id="figure-${name}"><div class="chart" data-figure="${name}" role="img" tabindex="0" aria-label="${FIGURES[name]!.caption} Its numbers are in the table below it."></div><figcaption>${FIGURES[name]!.caption}${FROM_BINS.includes(name) ? BINNED : ''}</figcaption><details><summary>Numbers of this figure</summary><div class="numbers"></div></details></figure>`
  const several = labels.length > 1
  const columns = Object.keys(reach)
  const section = (id: string, title: string, body: Html): Html =>
    html`<section id="s-${id}" aria-labelledby="h-${id}"><h2 id="h-${id}">${title}</h2>${body}</section>`
  const body = html`<a class="skip" href="#console">Skip to the console</a>
<header><h1>Explore: ${labels.join(', ')}</h1>
<form id="view" class="fields" aria-label="What is looked at">
<label>from <input type="number" id="from" min="0" step="any"> s</label>
<label>to <input type="number" id="to" min="0" step="any"> s</label>
<button type="submit">Recompute</button><button type="button" id="whole">Whole run</button>
<label>metric <select id="metric">${facts.metrics.filter(({ drawn }) => drawn).map(({ name, title }) => html`<option value="${name}">${title}</option>`)}</select></label>
<p id="status" role="status" class="note"></p>
</form></header>
<main>
<p class="note">Draw over a figure's time with its brush (top right): everything is computed anew for that window. The address of this page carries what you see.</p>
${several ? html`<section class="runs" aria-label="Runs shown"><h3>Runs in the figures</h3><div id="runs"></div></section>` : null}
${[
  section('verdict', 'May it be judged?', html`<div id="verdicts"></div>`),
  section('numbers', 'Summary', html`<div id="numbers"></div><div id="gap-numbers"></div>`),
  section('parts', 'Where the time went', figure('latency-parts')),
  columns.length > 0
    ? section(
        'sliders',
        'Try an SLO',
        html`<p>Move a limit: the database counts anew, over every request sent in the window.</p>${slidersPart(columns)}<p id="slo-error" role="alert"></p><div id="limits"></div>`,
      )
    : null,
  columns.includes('ttft_ms') && columns.includes('itl_ms')
    ? section('surface', 'Which limits it holds', figure('goodput-surface'))
    : null,
  several ? section('compare', 'Compared', figure('pareto')) : null,
  section(
    'time',
    'Over time',
    html`${figure('over-time')}${figure('throughput')}${figure('concurrency')}`,
  ),
  section('roll', 'Arrival roll', figure('arrival-roll')),
  section(
    'distributions',
    'Distribution of the metric',
    html`${figure('percentile-spectrum')}<div class="pair">${figure('histogram')}${figure('ecdf')}</div>`,
  ),
  section('slices', 'Slices of time', html`<div id="slices"></div>`),
  section('failures', 'Failures', html`<div id="failures"></div>${figure('failures')}`),
]}
<section id="console" aria-labelledby="h-console"><h2 id="h-console">SQL</h2>
<p class="note">One query over the relations, read only; Ctrl+Enter runs it, Ctrl+Space completes, Escape and then Tab leaves the editor. The window above holds here too.</p>
<div id="editor"></div>
<div class="fields"><button type="button" id="run">Run</button><label><input type="checkbox" id="plot"> plot the first column against the others</label></div>
<p id="error" role="alert"></p><figure id="result-figure" hidden><div class="chart" id="result-plot"></div></figure><div id="result"></div></section>
${section(
  'run',
  'What was run',
  html`${tapes.runs.map(({ manifest }, i) =>
    factsPart({
      label: labels[i]!,
      manifest,
      nRequests: Number(counts.find(({ run_id }) => run_id === manifest.run_id)?.['n_sent'] ?? 0),
      failures: failures.filter(({ run_id }) => run_id === manifest.run_id) as Failure[],
    }),
  )}`,
)}
</main>
<footer><p class="faint">Figures are drawn by Apache ECharts (Apache-2.0), in the colours of Okabe and Ito.</p></footer>`
  const script = asset('explore.js')
  const style = `${asset('report.css')}\n${asset('explore.css')}`
  const data = pack({}, facts)
  return nonce => ({
    html: documentOf('tokentape explore', body, { script, style, data, connect: "'self'", nonce }),
    policy: policyOf({ script, style, connect: "'self'", nonce }),
  })
}

/** How far the values go that sliders limit, of those that every run has. */
async function reachOf(tapes: Tapes): Promise<ExploreFacts['reach']> {
  const columns = Object.keys(LIMITS)
  const parts = columns.map(
    column =>
      `count(${column}) as n_${column}, quantile_disc(${column}, [0.95, 0.99, 1]) as ${column}`,
  )
  const rows = await tapes.query(
    `select run_id, ${parts.join(', ')} from timed_requests where outcome = 'ok' group by run_id`,
  )
  const reach: ExploreFacts['reach'] = {}
  for (const column of columns) {
    if (rows.length < tapes.runs.length || rows.some(row => !row[`n_${column}`])) continue
    const [p95, p99, most] = [0, 1, 2].map(i =>
      Math.max(...rows.map(row => Number((row[column] as unknown[])[i]))),
    )
    reach[column] = { p95: p95!, p99: p99!, most: most! }
  }
  return reach
}
