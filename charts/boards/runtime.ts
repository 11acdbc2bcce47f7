import { type Board, chosen } from "./board.ts";

const perSecond = (metric: string) => `rate(${metric}{${chosen}}[$__rate_interval])`;

/** Node, in each process. */
export const runtime: Board = {
  name: "runtime",
  title: "Node runtime",
  panels: [
    {
      title: "CPU",
      description: "Cores. One process uses one, and a little for garbage collection.",
      unit: "short",
      queries: [{ expr: perSecond("process_cpu_seconds_total"), legend: "{{pod}}" }],
    },
    {
      title: "Event loop, 99 of a hundred",
      description: "How late it comes. From half a second on somebody looks.",
      unit: "s",
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${chosen}}`, legend: "{{pod}}" }],
    },
    {
      title: "Memory",
      description: "Resident; what a limit counts.",
      unit: "bytes",
      queries: [{ expr: `process_resident_memory_bytes{${chosen}}`, legend: "{{pod}}" }],
    },
    {
      title: "Heap, old space",
      description: "It may grow to 192 MiB.",
      unit: "bytes",
      queries: [{ expr: `nodejs_heap_space_size_used_bytes{${chosen}, space="old"}`, legend: "{{pod}}" }],
    },
    {
      title: "Garbage collection",
      description: "Seconds of it in each second.",
      unit: "percentunit",
      queries: [{ expr: `sum by (pod) (${perSecond("nodejs_gc_duration_seconds_sum")})`, legend: "{{pod}}" }],
    },
    {
      title: "Started again",
      description: "How often in the last half hour.",
      unit: "short",
      queries: [{ expr: `changes(process_start_time_seconds{${chosen}}[30m])`, legend: "{{pod}}" }],
    },
  ],
};
