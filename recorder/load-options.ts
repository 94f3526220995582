import { type Command, Option } from 'commander'

/** The values of the command line, as commander gives them; absent where they were not given. */
export type LoadFlags = {
  concurrency?: string
  requestRate?: string
  requestRateSeries?: string
  arrivalPattern?: string
  arrivalSmoothness?: string
  prefillConcurrency?: string
  fixedSchedule?: boolean
  fixedScheduleAutoOffset?: boolean
  fixedScheduleStartOffset?: string
  fixedScheduleEndOffset?: string
  speedup: string
  userCentricRate?: string
  numUsers?: string
  concurrencyRampDuration: string
  prefillConcurrencyRampDuration: string
  requestRateRampDuration: string
  requestCount?: string
  numSessions?: string
  benchmarkDuration?: string
  benchmarkGracePeriod?: string
  warmupRequestCount?: string
  numWarmupSessions?: string
  warmupDuration?: string
  warmupConcurrency?: string
  warmupRequestRate?: string
  warmupArrivalPattern?: string
  warmupPrefillConcurrency?: string
  warmupGracePeriod?: string
}

/** Every option that says when requests are sent. */
export const addLoadOptions = (command: Command): Command =>
  command
    .option(
      '--concurrency <n>',
      'sessions in flight at most; without a rate a closed loop (default: 1)',
    )
    .option(
      '--request-rate <per second>',
      'open loop: sends at this rate, however slow the server is',
    )
    .option('--request-rate-series <json>', 'rate over time, [[seconds, rate], …], linear between')
    .addOption(
      new Option('--arrival-pattern <name>', 'spacing of an open loop (default: poisson)').choices([
        'constant',
        'poisson',
        'gamma',
      ]),
    )
    .option('--arrival-smoothness <k>', 'shape of gamma arrivals: 1 is poisson, more is steadier')
    .option('--prefill-concurrency <n>', 'requests before their first token at most')
    .option('--fixed-schedule', "send when the dataset's timestamps say")
    .option('--no-fixed-schedule', 'send a trace as the load mode says, not by its timestamps')
    .option('--fixed-schedule-auto-offset', 'the first timestamp becomes 0')
    .option('--fixed-schedule-start-offset <ms>', 'leave out what is earlier; it becomes 0')
    .option('--fixed-schedule-end-offset <ms>', 'leave out what is later')
    .option('--speedup <factor>', 'divide the times of a fixed schedule', '1')
    .option(
      '--user-centric-rate <per second>',
      'users take turns at this rate together; with --num-users',
    )
    .option('--num-users <n>', 'users of --user-centric-rate')
    .option('--concurrency-ramp-duration <s>', 'grow the concurrency from 1 over this time', '0')
    .option('--prefill-concurrency-ramp-duration <s>', 'the same for the prefill concurrency', '0')
    .option('--request-rate-ramp-duration <s>', 'grow the rate from 0 over this time', '0')
    .option('--request-count <n>', 'requests in all (default: twice the concurrency, at least 10)')
    .option('--num-sessions <n>', 'sessions in all')
    .option('--benchmark-duration <s>', 'stop sending after this time')
    .option(
      '--benchmark-grace-period <s>',
      'after that, or a stop, wait so long for answers (default: 30)',
    )
    .option(
      '--warmup-request-count <n>',
      'first a warm-up of so many requests, recorded and marked',
    )
    .option('--num-warmup-sessions <n>', 'a warm-up of so many sessions')
    .option('--warmup-duration <s>', 'a warm-up of this time')
    .option('--warmup-concurrency <n>', "the warm-up's concurrency (default: the load's)")
    .option('--warmup-request-rate <per second>', "the warm-up's rate (default: the load's)")
    .option('--warmup-arrival-pattern <name>', "the warm-up's spacing (default: the load's)")
    .option(
      '--warmup-prefill-concurrency <n>',
      "the warm-up's prefill concurrency (default: the load's)",
    )
    .option(
      '--warmup-grace-period <s>',
      'wait so long for its answers (default: until they are there)',
    )
