// The scripts that pages carry, and the drawing of figures in Node: bundled, so that an installed tokentape
// needs no ECharts beside it (62 MB), only the parts of it that figures use.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const figures = 'dist/analyzer/figures'
const assets = 'dist/analyzer/page/assets'
const pages = readdirSync('analyzer/page/browser').filter(name =>
  /^(report|explore)\.ts$/.test(name),
)

for (const name of readdirSync(figures)) if (name.startsWith('chunk-')) rmSync(`${figures}/${name}`)
mkdirSync(assets, { recursive: true })
const shared = { bundle: true, format: 'esm', logLevel: 'warning', legalComments: 'none' }
await Promise.all([
  // Both in one go: they must share one ECharts, since shapes are registered in it.
  build({
    ...shared,
    entryPoints: ['analyzer/figures/draw.ts', 'analyzer/figures/index.ts'],
    outdir: figures,
    splitting: true,
    platform: 'node',
    external: ['@napi-rs/canvas'],
  }),
  build({
    ...shared,
    entryPoints: pages.map(name => `analyzer/page/browser/${name}`),
    outdir: assets,
    minify: true,
    target: 'es2022',
    tsconfigRaw: {},
  }),
])
for (const name of readdirSync(assets)) {
  if (!name.endsWith('.js')) continue
  // In a page a script ends at the first end tag, wherever that stands.
  const script = readFileSync(`${assets}/${name}`, 'utf8').replaceAll('</script', '<\\/script')
  writeFileSync(`${assets}/${name}`, script)
}
copyFileSync('analyzer/page/report.css', `${assets}/report.css`)
