import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { sql } from '@codemirror/lang-sql'
import { Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'

/** The editor of the console: completes what the tapes have, runs on Ctrl+Enter. */
export function editorIn(
  parent: Element,
  text: string,
  words: string[],
  run: () => void,
): EditorView {
  const options = words.map(label => ({ label }))
  const complete = (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/\w+/)
    if (!word && !context.explicit) return null
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ }
  }
  return new EditorView({
    parent,
    doc: text,
    extensions: [
      Prec.highest(
        keymap.of([
          {
            key: 'Mod-Enter',
            run: () => {
              run()
              return true
            },
          },
        ]),
      ),
      basicSetup,
      sql(),
      autocompletion({ override: [complete] }),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': 'SQL query' }),
      EditorView.cspNonce.of(document.documentElement.dataset['nonce'] ?? ''),
      EditorView.theme({ '.cm-gutters': { background: 'transparent', color: 'inherit' } }),
    ],
  })
}
