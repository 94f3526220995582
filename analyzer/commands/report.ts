import { Command } from 'commander'
import type { Io } from '../../schemas/io.ts'
export const reportCommand = (_io: Io): Command => new Command('report')
export async function report(_tapes: string[], _options: object, _io: Io): Promise<void> {}
