import type { Verdict } from '../verdict.ts'

/** The style of a verdict, and what it means for a reader. */
export const VERDICT_WORDS: Record<Verdict, [style: string, means: string]> = {
  valid: ['valid', 'The recorder kept up and nothing is missing: the numbers may be judged.'],
  'valid with warnings': [
    'warnings',
    'The numbers may be judged, with the reservations below in mind.',
  ],
  'not valid': [
    'not-valid',
    'Do not judge the system by these numbers: what follows says why, and what to do.',
  ],
}
