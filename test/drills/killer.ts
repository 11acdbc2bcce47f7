import type { Victim } from "../workloads/crash/victim.ts";

export type KillerOptions = {
  readonly victims: readonly Victim[];
  readonly killsEach: number;
  /** How long it lets them be between two kills, and a dead one before it is started again; at random between the two. */
  readonly pauseMs: readonly [least: number, most: number];
  readonly deadMs: readonly [least: number, most: number];
  readonly random: () => number;
};

/** Kills each of them so many times, in an order and at moments that the seed gives; one may die while another is still dead. All run in the end. */
export async function killAtRandom({ victims, killsEach, pauseMs, deadMs, random }: KillerOptions): Promise<void> {
  const between = ([least, most]: readonly [number, number]): number => least + random() * (most - least);
  const order = shuffled(
    victims.flatMap((victim) => Array.from({ length: killsEach }, () => victim)),
    random,
  );
  const returns: Promise<void>[] = [];
  for (const victim of order) {
    await sleep(between(pauseMs));
    await victim.start(); // it may be dead from the last time
    await victim.kill(victim.name === "postgres" ? "SIGQUIT" : "SIGKILL"); // a postmaster's way of dying at once, without a checkpoint
    returns.push(startLater(victim, between(deadMs)));
  }
  await Promise.all(returns);
}

async function startLater(victim: Victim, afterMs: number): Promise<void> {
  await sleep(afterMs);
  await victim.start();
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
