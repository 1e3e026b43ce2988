#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Measures the reference anew and draws its figures: after a change of the guest's program, the kernel or QEMU, whose hashes are in
# the env line. WBIT: the program (default: build/wbit).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
wbit=${WBIT:-build/wbit}

"$wbit" lab run switch-6.12 --force -o results/reference/switch-6.12.jsonl
rm -f plots/reference/*
"$wbit" plot --format svg -o plots/reference results/reference/switch-6.12.jsonl
rm -f plots/reference/*.gp
gnuplot --version >plots/reference/gnuplot-version
(cd results/reference && sha256sum switch-6.12.jsonl >SHA256SUMS)
