// Executes every notebook headless in a virtual environment of its own, and draws their pictures for the README.
//
//     node test/support/run-notebooks.mjs [--pictures] [NAME…]
//
// Says so and ends with 0 where there is no Python or no package index; ends with 1 when a notebook fails or holds outputs.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { startSimulator } from '../../dist/simulator/child.js'

const root = resolve(import.meta.dirname, '../..')
const names = process.argv.slice(2).filter(word => !word.startsWith('--'))
const notebooks = readdirSync(join(root, 'notebooks')).filter(
  name =>
    name.endsWith('.ipynb') && (names.length === 0 || names.includes(name.replace('.ipynb', ''))),
)
const program = [process.execPath, join(root, 'dist/tokentape.js')]
const scratch = mkdtempSync(join(tmpdir(), 'tokentape-notebooks-'))
const environment = join(scratch, 'venv')
const run = (file, args, options = {}) =>
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options })
const tokentape = (words, options = {}) =>
  run(program[0], [program[1], ...words], { stdio: ['ignore', 'pipe', 'ignore'], ...options })
const words = text => text.split(' ')

/** The tapes that a notebook is about. */
const TAPES = {
  'compare-runs.ipynb': recordSets,
  'trace-against-synthetic.ipynb': recordTrace,
  'server-metrics.ipynb': recordMetrics,
}
const golden = async () => [join(root, 'test/golden/tapes/v1.tape')]

/** Two sets of two runs: of a server, and of one that is slower. */
async function recordSets() {
  for (const [side, ttftMs] of Object.entries({ before: '20', after: '40' })) {
    const server = await startSimulator(words(`--ttft-ms ${ttftMs} --ttft-jitter-ms 5 --itl-ms 2`))
    const load = '--model m --streaming --concurrency 4 --request-count 40 --isl 20 --osl 10'
    const to = ['--url', server.url, '--repeat', '2', '--output', join(scratch, side)]
    tokentape(['record', '--no-preflight', ...words(load), ...to])
    await server.stop()
  }
  return ['before', 'after'].flatMap(side => [1, 2].map(i => join(scratch, side, `run${i}.tape`)))
}

/** A bursty trace with shared prefixes against a simulated engine, and a load of its mean rate and lengths against another. */
async function recordTrace() {
  const [long, short, trace] = ['long', 'short', 'trace'].map(name =>
    join(scratch, `${name}.jsonl`),
  )
  const synthesize = (made, output) =>
    tokentape(['trace', 'synthesize', ...words(made), '--output', output])
  const bursts = '--output-tokens 40 --arrival-pattern gamma --arrival-smoothness 0.2'
  synthesize(
    `--documents 8 --document-tokens 5000 --questions 5 --sessions 60 --rate 5 ${bursts}`,
    long,
  )
  synthesize(
    `--documents 40 --document-tokens 600 --questions 2 --sessions 140 --rate 12 ${bursts}`,
    short,
  )
  tokentape(['trace', 'merge', long, short, '--output', trace])
  const [replay, same] = ['trace.tape', 'same-means.tape'].map(name => join(scratch, name))
  const fire = async (load, tape) => {
    const server = await startSimulator(words('--engine --frontend-ms 5 --cold-factor 0'))
    const to = ['--model', 'm', '--streaming', '--url', server.url, '--output', tape]
    tokentape(['record', '--no-preflight', ...to, ...load])
    await server.stop()
  }
  await fire(['--input-file', trace, '--fixed-schedule'], replay)
  const means = `
    select round(avg(input_tokens)) as isl, round(avg(output_tokens)) as osl, count(*) as n,
      count(*) * 1e9 / max(due_ns) as rate
    from sent_trace`
  const [{ isl, osl, n, rate }] = JSON.parse(tokentape(['sql', replay, means, '--format', 'json']))
  await fire(
    words(
      `--isl ${isl} --osl ${osl} --request-count ${n} --request-rate ${rate} --arrival-pattern constant`,
    ),
    same,
  )
  return [replay, same]
}

/** A simulated engine that gets more than it can take at once, with its own metrics. */
async function recordMetrics() {
  const tape = join(scratch, 'metrics.tape')
  const server = await startSimulator(
    words('--engine --frontend-ms 5 --max-num-seqs 16 --max-model-len 4096 --num-gpu-blocks 1500'),
  )
  const load = '--model m --streaming --request-rate 12 --request-count 120 --isl 600 --osl 150'
  const page = ['--server-metrics', server.url, '--server-metrics-interval-seconds', '0.25']
  tokentape([
    'record',
    '--no-preflight',
    ...words(load),
    '--url',
    server.url,
    ...page,
    '--output',
    tape,
  ])
  await server.stop()
  return [tape]
}

/** A folder as users have it: the package installed, and what the notebook in TypeScript draws with. */
function project() {
  const folder = join(scratch, 'project')
  if (existsSync(folder)) return folder
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/tokentape'))
  symlinkSync(join(root, 'node_modules/echarts'), join(folder, 'node_modules/echarts'))
  const dependencies = { tokentape: '*', echarts: '*' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }))
  // As `deno jupyter --install` has it, which would write to the user's own folder.
  const argv = ['deno', 'jupyter', '--kernel', '--conn', '{connection_file}']
  const kernel = join(env.JUPYTER_DATA_DIR, 'kernels/deno')
  mkdirSync(kernel, { recursive: true })
  writeFileSync(
    join(kernel, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }),
  )
  return folder
}

/** Kernels and caches are this script's own. */
const env = {
  ...process.env,
  PATH: `${join(environment, 'bin')}${delimiter}${process.env.PATH}`,
  JUPYTER_DATA_DIR: join(scratch, 'jupyter'),
  DENO_DIR: join(scratch, 'deno'),
  DENO_NO_UPDATE_CHECK: '1',
  TOKENTAPE: program.join(' '),
}

/** @returns why it is not right, or undefined */
function execute(name, tapes, python) {
  const path = join(root, 'notebooks', name)
  const { cells, metadata } = JSON.parse(readFileSync(path, 'utf8'))
  if (cells.some(cell => cell.outputs?.length > 0 || cell.execution_count))
    return 'holds outputs: clear them'
  let from = path
  if (metadata.kernelspec.name === 'deno') {
    from = join(project(), name)
    copyFileSync(path, from)
  }
  const flags = ['--to', 'notebook', '--execute', '--output-dir', join(scratch, 'done')]
  const { status, stderr } = spawnSync(python, ['-m', 'nbconvert', ...flags, from], {
    env: { ...env, TOKENTAPE_TAPES: tapes.join(' ') },
  })
  if (status !== 0) return String(stderr).trim().split('\n').slice(-15).join('\n')
  const done = JSON.parse(readFileSync(join(scratch, 'done', name), 'utf8'))
  const shown = done.cells.flatMap(cell => cell.outputs ?? []).map(({ data }) => data ?? {})
  const png = shown.find(data => data['image/png'])?.['image/png']
  const svg = shown.find(data => data['image/svg+xml'])?.['image/svg+xml']
  if (!png && !svg) return 'draws nothing'
  if (process.argv.includes('--pictures')) {
    const picture = join(root, 'notebooks/pictures', name.replace('.ipynb', png ? '.png' : '.svg'))
    writeFileSync(picture, png ? Buffer.from(png, 'base64') : [svg].flat().join(''))
  }
  return undefined
}

const skip = why => console.log(`notebooks: SKIPPED, since ${why}`)

/** @returns how many failed, or undefined where they cannot be run here */
async function executeAll() {
  if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0)
    return skip('there is no python3 with venv on this machine')
  run('python3', ['-m', 'venv', environment])
  const python = join(environment, 'bin/python')
  const pip = ['-m', 'pip', 'install', '--quiet', '-r', join(root, 'notebooks/requirements.txt')]
  if (spawnSync(python, pip, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
    return skip('pip could not install notebooks/requirements.txt')
  let failed = 0
  for (const name of notebooks) {
    const problem = execute(name, await (TAPES[name] ?? golden)(), python)
    if (problem !== undefined) failed++
    console.log(`${name}: ${problem === undefined ? 'ok' : `FAILED\n${problem}`}`)
  }
  console.log(`${notebooks.length - failed} passed, ${failed} failed`)
  return failed
}

try {
  process.exitCode = (await executeAll()) ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
