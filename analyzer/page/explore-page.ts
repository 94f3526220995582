import { basename } from 'node:path'
import { figureMetric, questionOf } from '../figures/frames-of.ts'
import { FIGURES } from '../figures/index.ts'
import type { Tapes } from '../open-tapes.ts'
import { completionWords } from '../sql-completion.ts'
import { verdictOf } from '../verdict.ts'
import { asset, documentOf, policyOf } from './document.ts'
import { html } from './html.ts'
import { pack } from './pack.ts'
import type { ExploreFacts } from './packed.ts'

/** The page of `explore`: the figures over live queries, and a console. */
export async function explorePage(
  tapes: Tapes,
): Promise<(nonce: string) => { html: string; policy: string }> {
  const metrics = tapes.metrics.filter(
    ({ kind, grain }) => kind === 'distribution' && grain !== 'run' && grain !== 'time',
  )
  const question = await questionOf(tapes, figureMetric(metrics[0]!))
  const [row] = await tapes.query('select max(last_ns - zero_ns) as span_ns from run_starts')
  const verdicts = await verdictOf(tapes)
  const facts: ExploreFacts = {
    runs: tapes.runs.map(({ manifest, shards }) => ({
      id: manifest.run_id,
      label: basename(shards[0]!.path).replace(/\.tape$/, ''),
    })),
    metrics: metrics.map(metric => ({
      ...figureMetric(metric),
      perRequest: metric.grain === 'request',
      main: metric.report === 'default',
    })),
    words: completionWords(tapes.models),
    spanS: Number(row?.['span_ns'] ?? 0) / 1e9,
    dense: question.dense,
    nMost: question.nMost,
  }
  const body = html`<a class="skip" href="#console">Skip to the console</a>
<header><h1>Explore: ${facts.runs.map(({ label }) => label).join(', ')}</h1>
${verdicts.map(({ verdict }, i) => html`<p><b>${facts.runs[i]!.label}: ${verdict}.</b> <span class="faint">tokentape report says why.</span></p>`)}
<form id="view" class="fields" aria-label="What is looked at">
<label>from <input type="number" id="from" min="0" step="any"> s</label>
<label>to <input type="number" id="to" min="0" step="any"> s</label>
<button type="submit">Recompute</button><button type="button" id="whole">Whole run</button>
<label>metric <select id="metric">${facts.metrics.map(({ name, title }) => html`<option value="${name}">${title}</option>`)}</select></label>
<label>figures <select id="group"><option value="time">over time</option><option value="distribution">distribution</option><option value="all">all</option></select></label>
</form>
<p class="note">Zoom into a figure over time with its brush: everything is computed anew for that window. The address of this page carries what you see.</p>
<p id="status" role="status" class="note"></p></header>
<main>
<section aria-labelledby="h-numbers"><h2 id="h-numbers">Numbers</h2><div id="numbers" class="scroll" tabindex="0"></div></section>
<section id="runs-section" class="runs" aria-label="Runs shown"><div id="runs"></div></section>
<section aria-labelledby="h-figures"><h2 id="h-figures">Figures</h2>${Object.entries(FIGURES).map(
    ([name, { caption }]) => html`
<figure id="figure-${name}"><div class="chart" data-figure="${name}" role="img" tabindex="0" aria-label="${name}. ${caption}"></div><figcaption>${caption}</figcaption><details><summary>Numbers of this figure</summary><div class="numbers"></div></details></figure>`,
  )}</section>
<section id="console" aria-labelledby="h-console"><h2 id="h-console">SQL</h2>
<p class="note">One query over the relations, read only; Ctrl+Enter runs it, Ctrl+Space completes. The window above holds here too.</p>
<div id="editor"></div>
<div class="fields"><button type="button" id="run">Run</button><label><input type="checkbox" id="plot"> plot the first column against the others</label></div>
<p id="error" role="alert"></p><figure id="result-figure" hidden><div class="chart" id="result-plot"></div></figure><div id="result"></div></section>
</main>`
  const script = asset('explore.js')
  const style = `${asset('report.css')}\n#editor { border: 1px solid var(--line); border-radius: 6px; } select { font: inherit; background: var(--back); color: var(--text); } #error { color: var(--bad); white-space: pre-wrap; }`
  const data = pack({}, facts)
  return nonce => ({
    html: documentOf('tokentape explore', body, { script, style, data, connect: "'self'", nonce }),
    policy: policyOf({ script, style, connect: "'self'", nonce }),
  })
}
