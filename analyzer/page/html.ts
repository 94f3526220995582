/** Markup that is safe to stand in a page. Made by `html` alone. */
export type Html = { readonly markup: string }

type Part = Html | string | number | bigint | null | undefined | false | Part[]

/** A template whose values are escaped, so that a server's text stays text. */
export const html = (words: TemplateStringsArray, ...parts: Part[]): Html => ({
  markup: words.reduce((text, word, i) => text + markupOf(parts[i - 1]!) + word),
})

/** Our own markup, script or style: never a text from outside. */
export const trusted = (markup: string): Html => ({ markup })

function markupOf(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (Array.isArray(part)) return part.map(markupOf).join('')
  if (typeof part === 'object') return part.markup
  return escaped(String(part))
}

const NAMES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control bytes and marks that turn the writing direction are shown as what they are: they could hide words. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, character => NAMES[character]!)
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
