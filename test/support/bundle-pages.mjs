// The scripts that pages carry, and the drawing of figures in Node: bundled, so that an installed tokentape
// needs no ECharts beside it (62 MB), only the parts of it that figures use.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { legalComment, packagesIn, thirdParty } from './licences.mjs'

const figures = 'dist/analyzer/figures'
const assets = 'dist/analyzer/page/assets'
const pages = readdirSync('analyzer/page/browser').filter(name =>
  /^(report|explore)\.ts$/.test(name),
)

for (const name of readdirSync(figures)) if (name.startsWith('chunk-')) rmSync(`${figures}/${name}`)
mkdirSync(assets, { recursive: true })
const shared = {
  bundle: true,
  format: 'esm',
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
}
const built = await Promise.all([
  // Both in one go: they must share one ECharts, since shapes are registered in it.
  build({
    ...shared,
    entryPoints: ['analyzer/figures/draw.ts', 'analyzer/figures/index.ts'],
    outdir: figures,
    splitting: true,
    platform: 'node',
    external: ['@napi-rs/canvas'],
  }),
  ...pages.map(name =>
    build({
      ...shared,
      entryPoints: [`analyzer/page/browser/${name}`],
      outdir: assets,
      minify: true,
      target: 'es2022',
      tsconfigRaw: {},
    }),
  ),
])
for (const [i, name] of pages.entries()) {
  const path = `${assets}/${name.replace('.ts', '.js')}`
  const legal = legalComment(packagesIn(built[i + 1].metafile))
  // In a page a script ends at the first end tag, wherever that stands.
  const script = `${legal}${readFileSync(path, 'utf8')}`.replaceAll('</script', '<\\/script')
  writeFileSync(path, script)
}
const packages = new Set(built.flatMap(({ metafile }) => packagesIn(metafile)))
writeFileSync('dist/THIRD-PARTY.txt', thirdParty([...packages].sort()))
for (const name of ['report.css', 'explore.css'])
  copyFileSync(`analyzer/page/${name}`, `${assets}/${name}`)
