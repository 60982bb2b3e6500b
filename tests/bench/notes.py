"""Notes below tables of docs/benchmarks.md, by hand: which rows are of another machine or version.

They are about the published figures. Correct them when these are measured again.
"""

BUILDS = """
The rows of Pelican and Eleventy were measured on another machine, on which Hugo took 0.40 s for \
1,000 entries and 2.76 s for 10,000; at 10,000 entries these two had one round.
All tools had one round at 100,000 entries. There, a later version of Dateline needed 376 MB, on a \
slower machine on which Hugo needed 2,905 MB.
In alternation with the version of the table (e7d86674) on a third machine, where Hugo took 5.7 s \
for 10,000 entries, a later one (2026-11-29, f2d5d9c8) took 0.80 (0.78 to 0.81) of its time for \
1,000 entries, 1.05 (0.87 to 1.15) for 10,000, and 0.92 (0.70 to 1.37) for one more. On the same \
machine, one of later that day (b1c348d0) took 1.01 (0.97 to 1.06) for 10,000, and 1.05 (0.98 to \
1.08) of the processor time.
A page of a kilobyte takes Hugo 0.23 ms, and Dateline 0.66 ms.
"""
ENTRIES = """
The last two rows were measured on a later day, on a slower machine of the same kind, where 21 \
feeds among 10,000 entries took 78 (58 to 216) ms: 200 feeds add little, and one feed, with eight \
documents, costs less.

On a third machine, whose processors other programs used as well, and on which Hugo built the \
1,000 entries above in 0.77 and 0.88 s (0.30 s in the table), one entry among 100,000 took 123 \
(94 to 468) ms with one feed, and 180 (146 to 541) ms with 21 (2026-11-29, e70df811, without pages \
of terms). In alternation with the version of the day before, which went through all archives of \
a feed, it took 0.80 of that version's time with one feed, and 0.82 with 21.
On the same machine, the last version of that day took 95 (66 to 361) ms with one feed, and 129 \
(103 to 408) ms with 21 (68c9ac62, 30 entries each). In alternation with the version before it, it \
took 0.84 to 0.87 of the processor time with one feed, and 0.83 to 0.85 with 21.
"""
GOALS = """
For two cores, and the documents of *Dateline* above. *Later* is the figure of the table times \
what later versions took in alternation with it, on slower machines; of one new entry among \
100,000, a part of that is processor time. The 376 MB were measured on another machine.

| figure | goal | reached |
| --- | --- | --- |
| 1,000 entries, cold | 2 s | 1.81 s, later 1.45 s |
| 10,000 entries, cold | 8 s, 300 MB | **8.72 s**, later about the same, 238 MB |
| 10,000 entries, documents as Hugo | 3 times Hugo's time, half of its memory | 2.8 times, 0.46 |
| 100,000 entries, cold | 80 s, 450 MB | **90 s**, **507 MB**, later 376 MB |
| `dateline build` with one new entry among 1,000 | 0.6 s | **0.70 s**, later 0.64 s |
| one new entry among 100,000, eight documents | 40 ms | **61 ms**, later about 42 ms |
| one new entry among 100,000, twelve documents | 55 ms | **71 ms**, later about 49 ms |
| state of 10,000 entries, in multiples of the entries | 2.5 | 2.13 |
| compressed forms, as multiples | 2 | 1.44 |
| manifest, as a multiple | 1 | 0.88 |
| all of `feeds/`, as a multiple | 18 | 16.16 |

In a cold build of 4,000 entries, two processes wanted a core in 80 of 100 moments, and one in 18. \
No part takes a tenth of their time; most is taken by the creation of files, 7 to 9 of 100. So a \
third core ought to bring the figures in bold for 10,000 and 100,000 entries within their goals \
(that was not measured). Of `dateline build` with one new entry, the start of Python and of the \
modules is the larger part.
"""
