import { Command } from 'commander'
import type { Io } from '../schemas/io.ts'
import { sealTape } from './seal.ts'

/** `seal`: converts what a run that was killed left behind. */
export const sealCommand = (io: Io): Command =>
  new Command('seal')
    .description('seal a tape whose recorder was killed; recovers every whole batch')
    .argument('<tape>', 'the directory that record wrote')
    .action(async (tape: string) => {
      const { files, digested } = await sealTape(tape)
      if (files.length === 0) io.out(`${tape}: sealed already\n`)
      if (digested)
        io.out(
          `${tape}: run.json has the digests of its files now, as they are: damage is noticed\n`,
        )
      for (const { table, lane, rows, bytes, torn } of files)
        io.out(
          `${table} of lane ${lane}: ${rows} rows, ${bytes} bytes${torn ? `; its end was left out: ${torn}` : ''}\n`,
        )
    })
