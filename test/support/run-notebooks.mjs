// Executes every notebook headless in a virtual environment of its own, and draws their pictures for the README.
//
//     node test/support/run-notebooks.mjs [--pictures]
//
// Says so and ends with 0 where there is no Python or no package index; ends with 1 when a notebook fails or holds outputs.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startSimulator } from '../../dist/simulator/child.js'

const root = resolve(import.meta.dirname, '../..')
const notebooks = readdirSync(join(root, 'notebooks')).filter(name => name.endsWith('.ipynb'))
const program = [process.execPath, join(root, 'dist/tokentape.js')]
const scratch = mkdtempSync(join(tmpdir(), 'tokentape-notebooks-'))
const run = (file, args, options = {}) =>
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options })

/** Two sets of two runs: of a server, and of one that is slower. */
async function recordSets() {
  for (const [side, ttftMs] of Object.entries({ before: '20', after: '40' })) {
    const server = await startSimulator([
      '--ttft-ms',
      ttftMs,
      '--ttft-jitter-ms',
      '5',
      '--itl-ms',
      '2',
    ])
    const load = '--model m --streaming --concurrency 4 --request-count 40 --isl 20 --osl 10'.split(
      ' ',
    )
    const args = [
      'record',
      ...load,
      '--url',
      server.url,
      '--repeat',
      '2',
      '--output',
      join(scratch, side),
    ]
    run(program[0], [program[1], ...args], { stdio: 'ignore' })
    await server.stop()
  }
  return ['before', 'after'].flatMap(side => [1, 2].map(i => join(scratch, side, `run${i}.tape`)))
}

/** @returns why it is not right, or undefined */
function execute(name, tapes, python) {
  const path = join(root, 'notebooks', name)
  const { cells } = JSON.parse(readFileSync(path, 'utf8'))
  if (cells.some(cell => cell.outputs?.length > 0 || cell.execution_count))
    return 'holds outputs: clear them'
  const env = { ...process.env, TOKENTAPE: program.join(' '), TOKENTAPE_TAPES: tapes.join(' ') }
  const flags = ['--to', 'notebook', '--execute', '--output-dir', scratch]
  const { status, stderr } = spawnSync(python, ['-m', 'nbconvert', ...flags, path], { env })
  if (status !== 0) return String(stderr).trim().split('\n').slice(-15).join('\n')
  const done = JSON.parse(readFileSync(join(scratch, name), 'utf8'))
  const drawn = done.cells
    .flatMap(cell => cell.outputs ?? [])
    .map(({ data }) => data?.['image/png'])
    .filter(Boolean)
  if (drawn.length === 0) return 'draws nothing'
  if (process.argv.includes('--pictures')) {
    const picture = join(root, 'notebooks/pictures', name.replace('.ipynb', '.png'))
    writeFileSync(picture, Buffer.from(drawn[0], 'base64'))
  }
  return undefined
}

if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0) {
  console.log('notebooks: SKIPPED, since there is no python3 with venv on this machine')
  process.exit(0)
}
let failed = 0
try {
  const environment = join(scratch, 'venv')
  run('python3', ['-m', 'venv', environment])
  const python = join(environment, 'bin/python')
  const pip = ['-m', 'pip', 'install', '--quiet', '-r', join(root, 'notebooks/requirements.txt')]
  if (spawnSync(python, pip, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) {
    console.log('notebooks: SKIPPED, since pip could not install notebooks/requirements.txt')
    rmSync(scratch, { recursive: true, force: true })
    process.exit(0)
  }
  const sets = await recordSets()
  const golden = [join(root, 'test/golden/tapes/v1.tape')]
  for (const name of notebooks) {
    const problem = execute(name, name === 'compare-runs.ipynb' ? sets : golden, python)
    if (problem !== undefined) failed++
    console.log(`${name}: ${problem === undefined ? 'ok' : `FAILED\n${problem}`}`)
  }
} finally {
  if (existsSync(scratch)) rmSync(scratch, { recursive: true, force: true })
}
console.log(`${notebooks.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
