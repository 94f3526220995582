import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** The first line of a file of /proc or /sys, or null where there is none. */
function fact(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').split('\n')[0]!.trim()
  } catch {
    return null
  }
}

/** What the machine is: facts that help to judge a run later. None is a secret; the host's name is not kept. */
export function hostFacts(version: string): Record<string, unknown> {
  const limits = fact('/proc/self/limits') === null ? '' : readFileSync('/proc/self/limits', 'utf8')
  return {
    tokentape: version,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
    cpu_model: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    cpu_quota: fact('/sys/fs/cgroup/cpu.max'),
    open_files_limit: Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0) || null,
    local_port_range: fact('/proc/sys/net/ipv4/ip_local_port_range'),
    tcp_congestion_control: fact('/proc/sys/net/ipv4/tcp_congestion_control'),
    tcp_tw_reuse: fact('/proc/sys/net/ipv4/tcp_tw_reuse'),
    tcp_rmem: fact('/proc/sys/net/ipv4/tcp_rmem'),
    somaxconn: fact('/proc/sys/net/core/somaxconn'),
    schedstat: fact('/proc/self/schedstat') !== null,
  }
}

/** The kernel's clock source: `tsc` is cheap and steady, others cost more a reading. */
export const kernelClockSource = (): string | null =>
  fact('/sys/devices/system/clocksource/clocksource0/current_clocksource')
