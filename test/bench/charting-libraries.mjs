// node test/bench/charting-libraries.mjs FOLDER [POINTS]
// How large charting libraries are in a page, and how fast they draw points there and in Node without a
// browser. FOLDER holds the candidates: npm i --prefix FOLDER echarts uplot @observablehq/plot vega
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const folder = process.argv[2]
const points = Number(process.argv[3] ?? 1_000_000)
if (!folder) throw new Error('name the folder that holds the candidates')

const CANDIDATES = {
  echarts: `
    import { init, use } from 'echarts/core'
    import { ScatterChart } from 'echarts/charts'
    import { GridComponent } from 'echarts/components'
    import { CanvasRenderer } from 'echarts/renderers'
    use([ScatterChart, GridComponent, CanvasRenderer])
    window.draw = (x, y, element) => {
      const data = new Float64Array(2 * x.length)
      for (let i = 0; i < x.length; i++) { data[2 * i] = x[i]; data[2 * i + 1] = y[i] }
      init(element).setOption({ animation: false, xAxis: {}, yAxis: {},
        series: [{ type: 'scatter', large: true, progressive: 0, symbolSize: 2, data }] })
    }`,
  uplot: `
    import uPlot from 'uplot'
    window.draw = (x, y, element) => new uPlot({ width: 900, height: 400, scales: { x: { time: false } },
      series: [{}, { paths: () => null, points: { show: true, size: 2 }, stroke: 'blue' }] }, [x, y], element)`,
  plot: `
    import * as Plot from '@observablehq/plot'
    window.draw = (x, y, element) =>
      element.append(Plot.plot({ width: 900, height: 400, marks: [Plot.dot({ length: x.length }, { x, y, r: 1 })] }))`,
  vega: `
    import * as vega from 'vega'
    window.draw = (x, y, element) => {
      const values = Array.from(x, (v, i) => ({ x: v, y: y[i] }))
      return new vega.View(vega.parse({ width: 900, height: 400, data: [{ name: 't', values }],
        scales: [{ name: 'x', domain: { data: 't', field: 'x' }, range: 'width' }, { name: 'y', domain: { data: 't', field: 'y' }, range: 'height' }],
        axes: [{ orient: 'bottom', scale: 'x' }, { orient: 'left', scale: 'y' }],
        marks: [{ type: 'symbol', from: { data: 't' }, encode: { enter: { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' }, size: { value: 4 } } } }] }))
        .initialize(element).runAsync()
    }`,
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
})
for (const [name, source] of Object.entries(CANDIDATES)) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
  })
  const script = outputFiles[0].text
  const page = await browser.newPage()
  await page.setContent('<div id="chart" style="width:900px;height:400px"></div>')
  await page.addScriptTag({ content: script })
  page.setDefaultTimeout(120_000)
  const ms = await page
    .evaluate(async n => {
      const x = new Float64Array(n)
      const y = new Float64Array(n)
      for (let i = 0; i < n; i++) {
        x[i] = i
        y[i] = Math.random()
      }
      const start = performance.now()
      await window.draw(x, y, document.getElementById('chart'))
      // The picture is there when the second frame after it begins.
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
      return Math.round(performance.now() - start)
    }, points)
    .catch(error => `failed: ${String(error).slice(0, 60)}`)
  const kilobytes = bytes => `${Math.round(bytes / 1000)} kB`
  process.stdout.write(
    `${name.padEnd(8)} ${kilobytes(script.length)}, gzip ${kilobytes(gzipSync(script).length)}; ${points} points in the page: ${ms} ms\n`,
  )
  await page.close()
}
await browser.close()

// In Node: what a figure costs without a browser. Plot needs a DOM, uPlot a canvas and a DOM, vega neither.
const { createRequire } = await import('node:module')
const require = createRequire(`${folder}/`)
const echarts = require('echarts')
const start = performance.now()
const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 900, height: 400 })
const data = Float64Array.from({ length: 2 * points }, (_, i) => (i % 2 ? Math.random() : i))
chart.setOption({
  animation: false,
  xAxis: {},
  yAxis: {},
  series: [
    { type: 'scatter', large: true, progressive: 0, symbolSize: 2, data, dimensions: ['x', 'y'] },
  ],
})
const svg = chart.renderToSVGString()
process.stdout.write(
  `echarts in Node: SVG of ${Math.round(svg.length / 1e6)} MB in ${Math.round(performance.now() - start)} ms\n`,
)
