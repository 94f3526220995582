/** A gate of a run, or a comparison, as CI servers read it. */
export type JunitCase = {
  suite: string
  name: string
  result: 'pass' | 'fail' | 'error' | 'skip'
  /** One line on what came out. */
  message: string
  /** All there is to say. */
  detail?: string
}

/** JUnit XML: a gate that did not hold is a failure, one that could not be judged an error, what gates nothing is skipped. */
export function junit(cases: readonly JunitCase[]): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tokentape" ${counts(cases)}>`,
    ...suites.flatMap(suite => {
      const own = cases.filter(each => each.suite === suite)
      return [
        `  <testsuite name="${escaped(suite)}" ${counts(own)}>`,
        ...own.map(caseOf),
        '  </testsuite>',
      ]
    }),
    '</testsuites>',
    '',
  ].join('\n')
}

const ELEMENTS = { fail: 'failure', error: 'error', skip: 'skipped' } as const

function caseOf({ suite, name, result, message, detail }: JunitCase): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`
  const body = escaped(detail ?? message)
  if (result === 'pass') return `${head}><system-out>${body}</system-out></testcase>`
  const element = ELEMENTS[result]
  return `${head}><${element} message="${escaped(message)}">${body}</${element}></testcase>`
}

function counts(cases: readonly JunitCase[]): string {
  const count = (result: JunitCase['result']): number =>
    cases.filter(each => each.result === result).length
  return `tests="${cases.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('skip')}"`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 allows no other control characters, not even as references. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, character => ENTITIES[character]!)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
