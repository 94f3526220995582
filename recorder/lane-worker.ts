import { parentPort, workerData } from 'node:worker_threads'
import { runLane } from './lane.ts'

const { start, composer, writer } = workerData
await runLane(start, { main: parentPort as never, composer, writer })
