"""What a model costs by how much of each topic it reads, and what is found: `python -m tests.benchmarks.model_curve`.

Made-up talk, and the sandbox's reader in the place of a model: tokens and answers are its own, prices are those of the
list. Without network, without caching: a cache makes both sides cheaper.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.pipeline import model_answers, model_prompts, model_sample, model_words
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.model_merge import Combiner
from app.services.pipeline.model_prompts import Asked
from app.services.pipeline.model_sample import CHEAPER, NAMING, STANDARD, Size
from app.services.pipeline.records import OpportunityFound
from app.services.pipeline.synthesise import check, voices
from app.services.prices import price
from app.services.stages.model_reading import LEAST_WANTING, Material, _wanting
from integrations.language_model import INPUT_TOKEN, OUTPUT_TOKEN
from integrations.sandbox.corpus import Corpus, generate
from integrations.sandbox.openai_schema import fill
from integrations.sandbox.openai_tasks import meaning_of
from integrations.sandbox.openai_wire import FRAME, tokens_in
from tests.app.services.pipeline.test_whole_pipeline import records_of, run

MODEL = "gpt-5.6-luna"
EVERYTHING = Size(share=1.0, least=0, most=1_000_000, characters=1_000_000)
SIZES = {
    "cheaper: 2 %, 3 to 4 items of 140 characters": CHEAPER,
    "3 %, 3 to 6 items of 160 characters": Size(0.03, 3, 6, 160),
    "standard: 5 %, 4 to 10 items of 180 characters": STANDARD,
    "10 %, 6 to 20 items of 240 characters": Size(0.10, 6, 20, 240),
    "20 %, 8 to 40 items of 300 characters": Size(0.20, 8, 40, 300),
    "every item, whole": EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Read:
    """What one way of reading took and gave."""

    items: int
    prompts: int
    read: int
    written: int
    by_model: float
    """Share of the planted opportunities that the model's own findings show."""
    together: float
    """… that the combined list shows."""
    precision: float
    """Share of the combined list that shows a planted one."""
    worded: int
    """Findings of the combined list that the model worded."""
    listed: int
    refused: int
    """Findings of the model that were refused or had no place."""

    @property
    def micros(self) -> float:
        return (
            self.read * price("openai", INPUT_TOKEN, MODEL).micros_per_million
            + self.written * price("openai", OUTPUT_TOKEN, MODEL).micros_per_million
        ) / 1e6


def material_of(corpus: Corpus) -> tuple[Material, list[OpportunityFound], int]:
    """Return what `cluster` leaves of a corpus, what the local engine finds in it, and how many items there were."""
    records = records_of(corpus)
    _, scored, spoken, topics, found = run(records)
    intents = {item.id: item.intents for item in scored.values()}
    return Material(spoken, topics, intents, "What do people want?"), found, len(records)


def answered(asked: Asked) -> tuple[object, int, int]:
    """Return the reader's answer, and the tokens of the prompt and of the answer."""
    prompt = asked.prompt
    value = fill(dict(prompt.schema), meaning_of(prompt.name, prompt.data))
    taken = tokens_in(f"{prompt.instructions}\n{json.dumps(prompt.schema)}\n") + tokens_in(prompt.data) + FRAME
    return value, taken, min(prompt.max_output_tokens, tokens_in(json.dumps(value, ensure_ascii=False)))


def read(corpus: Corpus, material: Material, size: Size) -> Read:
    """Let the reader read so much."""
    spoken = {record.id: record for record in voices(material.records)}
    wanting = [one for one in material.topics if _wanting(one, spoken, material.intents) >= LEAST_WANTING]
    samples = {one.number: model_sample.sample(one, spoken, material.intents, size) for one in wanting}
    if size is EVERYTHING:
        samples = {one.number: [spoken[item] for item in one.item_ids if item in spoken] for one in wanting}
    others = [one for one in material.topics if not samples.get(one.number)]
    first = {one.number: model_sample.sample(one, spoken, material.intents, NAMING) for one in others}
    naming = model_prompts.naming(others, first)
    finding = model_prompts.finding(wanting, samples, size=size, question=material.question)
    topic_of = {item: one.number for one in material.topics for item in one.item_ids}
    totals = Counter[str]()
    names: dict[int, str] = {}
    said = []
    for asked in (*naming, *finding):
        value, taken, written = answered(asked)
        totals.update(read=taken, written=written)
        names |= model_answers.names(asked, value)
        said += model_answers.opportunities(asked, value, topic_of, "reader")
    kept = model_words.topic_names(names, material.topics, {one.id: one for one in material.records})
    combiner = Combiner(material.topics, material.records, material.intents, material.records)
    local = LocalEngine(material.intents).propose(material.topics, list(spoken.values()))
    found = check(combiner.together(local, said), material.records, material.topics, material.intents)
    alone = check([one.proposal for one in said], material.records, material.topics, material.intents)
    summary = model_prompts.summing_up(
        found, {one.id: one for one in material.records}, question="What do people want?"
    )
    if summary is not None:
        _, taken, written = answered(summary)
        totals.update(read=taken, written=written)
    shown, right = planted(corpus, found)
    worded = sum(1 for one in found if one.engine == "reader")
    print(f"  names kept {len(kept)} of {len(material.topics)}", file=sys.stderr)
    return Read(
        items=sum(len(one) for one in samples.values()),
        prompts=len(naming) + len(finding) + (summary is not None),
        read=totals["read"],
        written=totals["written"],
        by_model=len(planted(corpus, alone)[0]) / len(corpus.opportunities),
        together=len(shown) / len(corpus.opportunities),
        precision=right / len(found) if found else 0.0,
        worded=worded,
        listed=len(found),
        refused=len(said) - worded,
    )


def planted(corpus: Corpus, found: Sequence[OpportunityFound]) -> tuple[set[str], int]:
    """Return the planted opportunities that are shown, and how many findings show one: by 60 % of their quotes."""
    supports = {item: one.id for one in corpus.opportunities for item in one.supporting}
    seen: set[str] = set()
    right = 0
    for one in found:
        votes = Counter(supports.get(quote.item_id) for quote in one.evidence)
        winner, count = votes.most_common(1)[0]
        if winner and count >= 0.6 * len(one.evidence):
            seen.add(winner)
            right += 1
    return seen, right


def labelled(material: Material) -> tuple[int, int]:
    """Return the tokens that it takes to let a model judge every item on its own, as a scorer does."""
    spoken = voices(material.records)
    taken = [answered(asked) for asked in model_prompts.judging(spoken, 1_000_000)]
    return sum(one[1] for one in taken), sum(one[2] for one in taken)


def main(scale: float, voice: str) -> None:
    """Print the curve as a table."""
    corpus = generate(seed=41, scale=scale, voice=voice)
    material, local, items = material_of(corpus)
    found, right = planted(corpus, local)
    print(
        f"\n{items:,} SAMPLE items (voice {voice}), {len(material.records):,} worth weighing, "
        f"{len(material.topics)} topics, {len(corpus.opportunities)} planted opportunities."
    )
    print(
        f"Local engine: {len(found) / len(corpus.opportunities):.2f} found, precision {right / len(local):.2f}, $0.\n"
    )
    rows = {name: read(corpus, material, size) for name, size in SIZES.items()}
    whole = rows["every item, whole"]
    judged = labelled(material)
    every = whole.micros + Read(0, 0, *judged, 0, 0, 0, 0, 0, 0).micros
    print(
        "| read | items | prompts | tokens in | out | $ / 1,000 items | of reading all | of judging all too | "
        "found by it | together | precision | worded |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, one in rows.items():
        print(
            f"| {name} | {one.items:,} | {one.prompts} | {one.read:,} | {one.written:,} | "
            f"{one.micros / items / 1000:.4f} | {one.micros / whole.micros:.3f} | {one.micros / every:.3f} | "
            f"{one.by_model:.2f} | {one.together:.2f} | {one.precision:.2f} | {one.worded} of {one.listed} |"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, sys.argv[2] if len(sys.argv) > 2 else "a")
