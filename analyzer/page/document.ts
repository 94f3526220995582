import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Html, html, trusted } from './html.ts'

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** A file of the build beside this one: the page's script or its style. */
export const asset = (name: string): string =>
  readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')

type Parts = {
  script: string
  style: string
  data?: string
  /** Where the script may fetch from; a page on disk: nowhere. */
  connect?: string
  /** Lets styles that the script makes stand; the page carries it for the script. */
  nonce?: string
}

/** The Content-Security-Policy that lets the page's own script and style run, and nothing else. */
export function policyOf({ script, style, connect = "'none'", nonce }: Parts): string {
  const styles = nonce === undefined ? hash(style) : `${hash(style)} 'nonce-${nonce}'`
  return `default-src 'none'; script-src ${hash(script)}; style-src ${styles}; img-src data: blob:; connect-src ${connect}; base-uri 'none'; form-action 'none'`
}

/** A whole page in one file: its style and script stand in it. */
export function documentOf(title: string, body: Html, parts: Parts): string {
  const { script, style, data, nonce } = parts
  const page = html`<!doctype html>
<html lang="en"${nonce === undefined ? null : html` data-nonce="${nonce}"`}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(parts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${body}
${data === undefined ? null : html`<script type="application/octet-stream" id="frames">${trusted(data)}</script>`}
<script type="module">${trusted(script)}</script>
</body>
</html>
`
  return page.markup
}
