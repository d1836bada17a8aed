"""Draw filters at 44.1 kHz beside their prototypes, and what a bilinear transform makes of them.

python examples/matched_filters.py docs/matched-filters.svg
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
import scipy.signal

from graphophone.benchmark.oracles.filters import matched, section

RATE = 44_100
SHOWN = {
    "low-pass at 12 kHz": ("lowpass", {"frequency": 12_000, "q": 0.707}),
    "bell of 12 dB at 14 kHz": ("bell", {"frequency": 14_000, "q": 2.0, "gain": 12.0}),
    "high shelf of -12 dB at 8 kHz": ("highshelf", {"frequency": 8_000, "q": 0.707, "gain": -12.0}),
    "high-pass at 18 kHz": ("highpass", {"frequency": 18_000, "q": 0.707}),
}


def main(path: str) -> None:
    """Write the picture."""
    hertz = np.geomspace(500, 22_000, 600)
    plt.rcParams.update({"svg.fonttype": "none", "font.size": 9, "svg.hashsalt": "graphophone"})
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 5.2), sharex=True, layout="constrained")
    for axis, (title, (kind, knobs)) in zip(axes.flat, SHOWN.items(), strict=True):
        high = matched(kind, knobs, 64 * RATE)  # so far up that it is the prototype
        rows = (
            ("analogue", high, 64 * RATE, "#999999", "-", 4.0),
            ("here", matched(kind, knobs, RATE), RATE, "#0072b2", "-", 1.6),
            ("bilinear", section(kind, knobs, RATE), RATE, "#d55e00", "--", 1.6),
        )
        for label, row, rate, colour, line, width in rows:
            _, response = scipy.signal.freqz(row[:3], row[3:], worN=hertz, fs=rate)
            level = 20 * np.log10(np.maximum(np.abs(response), 1e-4))
            axis.semilogx(hertz, level, line, color=colour, linewidth=width, label=label)
        axis.axvline(0.15 * RATE, color="#999999", linewidth=0.8, linestyle=":")
        axis.set_title(title, fontsize=9)
        axis.set_xticks([500, 1_000, 2_000, 5_000, 10_000, 20_000])
        axis.set_xticklabels(["500", "1 k", "2 k", "5 k", "10 k", "20 k"])
        axis.minorticks_off()
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_ylim(bottom=max(axis.get_ylim()[0], -60))
    for axis in axes[:, 0]:
        axis.set_ylabel("dB")
    for axis in axes[1]:
        axis.set_xlabel("Hz")
    axes[0, 0].legend(frameon=False, loc="lower left")
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(sys.argv[1])
