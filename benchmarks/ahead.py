"""What asking ahead brings: the same run with and without it, in turn, with one worker.

Trials that sleep (and leave the processors to others, as a trial on a GPU does) or compute on one core, for so many
milliseconds. A run is timed from its first trial to its end; the ratio is the time with asking ahead by that without,
within each repeat. What is found either way is benchmarks/quality.py's to say (`--optimisers ahead,ours,smac`).

    python benchmarks/ahead.py [--trials 100] [--repeats 3] [--facade hpo] [--train 5,50,200] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics

from workers import COMPUTES, SLEEPS, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--facade", default="hpo")
    parser.add_argument("--train", default="5,50,200", help="how long a trial is, in milliseconds")
    parser.add_argument("--quick", action="store_true", help="six trials that sleep for 50 ms, once")
    asked = parser.parse_args()
    trials, repeats = (6, 1) if asked.quick else (asked.trials, asked.repeats)
    ways = {"asleep": SLEEPS} if asked.quick else {"asleep": SLEEPS, "of computing": COMPUTES}
    print(f"{trials} trials, {repeats} repeats, facade {asked.facade}, load {os.getloadavg()[0]:.0f}\n")
    print("| a trial is | one after the other, ms a trial | asked ahead | ratio (lowest–highest) |")
    print("|---|---|---|---|")
    for name, code in ways.items():
        for train in [50] if asked.quick else map(int, asked.train.split(",")):
            made, pairs = code.replace("0.05", repr(train / 1e3)), []
            for repeat in range(repeats):
                order = (False, True) if repeat % 2 == 0 else (True, False)
                taken = {ahead: seconds(made, 1, trials, asked.facade, ask_ahead=ahead) for ahead in order}
                pairs.append((1e3 * taken[False] / trials, 1e3 * taken[True] / trials))
            ratio = [ahead / plain for plain, ahead in pairs]
            plain, ahead = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"| {train} ms {name} | {plain:.0f} | {ahead:.0f} | "
                f"{statistics.median(ratio):.2f} ({min(ratio):.2f}–{max(ratio):.2f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main()
