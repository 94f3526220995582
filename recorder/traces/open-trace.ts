import { UserError } from '../../schemas/errors.ts'
import { scanTrace, type TraceFile, type TraceOptions } from './trace-file.ts'

/**
 * Reads a trace once, all of its rows good.
 *
 * @throws UserError for a file that cannot be read, that has no row, or the first broken row, unless
 *   such are skipped
 */
export function openTrace(file: string, options: TraceOptions): TraceFile {
  const trace = scanTrace(file, options)
  const [fault] = trace.faults
  if (fault && !options.skipBadRows)
    throw new UserError(
      `${fault.place}: ${fault.rule}`,
      `mend the ${trace.type} row, or leave such out with --skip-bad-rows; tokentape trace validate lists all`,
    )
  if (trace.nRequests === 0)
    throw new UserError(
      trace.nFaults > 0
        ? `all ${trace.nFaults} rows of ${file} are broken: ${fault!.rule}`
        : `${file} has no rows`,
      trace.nFaults > 0
        ? `is it a file of ${trace.type}? --type says what it is`
        : 'name a file with at least one row',
    )
  return trace
}
