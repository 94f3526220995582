import { aiperf } from './aiperf.ts'
import { csv } from './csv.ts'
import type { Exporter } from './exporter.ts'
import { hgrm } from './hgrm.ts'
import { perfetto } from './perfetto.ts'
import { vllm } from './vllm.ts'

/** The formats that tapes are written in, by the name of `--format`. */
export const EXPORTERS: Record<string, Exporter> = { aiperf, vllm, perfetto, csv, hgrm }
