import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from app.services.pipeline.cluster import cluster, group_count
from tests.app.services.pipeline.samples import record

SUBJECTS = {
    "sync": ["sync conflicts", "offline notes", "merge", "edits lost", "two devices"],
    "battery": ["battery drain", "charging", "standby", "power saving", "overnight"],
    "billing": ["invoice reminder", "subscription price", "refund", "credit card", "yearly plan"],
}
TALK = [
    "so I had {} and then {}",
    "does anyone see {} together with {}",
    "the {} comes from the {} I think",
    "{} again, and {} too",
]


def grouped(items):
    return cluster(items).topics


def talk(count, seed=1):
    rng = random.Random(seed)
    found = []
    for number in range(count):
        subject = sorted(SUBJECTS)[number % len(SUBJECTS)]
        first, second = rng.sample(SUBJECTS[subject], 2)
        text = rng.choice(TALK).format(first, second) + f" with build {rng.randrange(500)}"
        found.append(
            (
                subject,
                record(number, text, thread=f"thread-{number % 9}-{subject}", sentiment=rng.choice([-0.5, 0.1, None])),
            )
        )
    return found


def test_items_of_one_subject_come_together():
    labelled = talk(300)
    subject = {item.id: name for name, item in labelled}
    topics = grouped([item for _, item in labelled])
    assert {max(SUBJECTS, key=[subject[item] for item in topic.item_ids].count) for topic in topics} == set(SUBJECTS)
    together = sum(max([subject[item] for item in topic.item_ids].count(name) for name in SUBJECTS) for topic in topics)
    assert together >= 0.95 * sum(len(topic.item_ids) for topic in topics) > 250


def test_topics_are_numbered_by_size_and_named_apart():
    topics = grouped([item for _, item in talk(300)])
    sizes = [len(topic.item_ids) for topic in topics]
    assert sizes == sorted(sizes, reverse=True)
    assert [topic.number for topic in topics] == list(range(len(topics)))
    assert len({topic.name for topic in topics}) == len(topics)
    assert all(topic.name and 0 < len(topic.terms) <= 8 for topic in topics)


def test_a_name_never_says_a_word_twice():
    for topic in grouped([item for _, item in talk(300)]):
        words = [word for word in topic.name.split() if word != "and"]
        assert len(words) == len(set(words))


def test_no_item_is_in_two_topics():
    found = [item for topic in grouped([item for _, item in talk(300)]) for item in topic.item_ids]
    assert len(found) == len(set(found))


def test_the_order_of_items_and_earlier_runs_change_nothing():
    items = [item for _, item in talk(240)]
    expected = grouped(items)
    random.Random(7).shuffle(items)
    assert grouped(items) == expected


def test_a_new_process_finds_the_same():
    code = (
        "from tests.app.services.pipeline.test_cluster import talk, grouped\n"
        "print(grouped([item for _, item in talk(150)]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_the_mood_of_a_topic_leaves_out_unscored_items():
    items = [replace(item, sentiment=-0.5 if number % 2 else None) for number, (_, item) in enumerate(talk(120))]
    assert {topic.sentiment for topic in grouped(items)} == {-0.5}
    assert {topic.sentiment for topic in grouped([replace(item, sentiment=None) for item in items])} == {None}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_items_make_no_topic(count):
    assert grouped([item for _, item in talk(count)]) == []


@pytest.mark.parametrize("count", [4, 5, 12])
def test_few_items_are_no_error(count):
    topics = grouped([item for _, item in talk(count)])
    assert sum(len(topic.item_ids) for topic in topics) <= count


def test_identical_items_are_one_topic():
    (topic,) = grouped([record(number, "the sync conflicts with my offline notes") for number in range(60)])
    assert len(topic.item_ids) == 60


@pytest.mark.parametrize("text", ["", "the and of", "+1", "\u0000\ud83d\ude80", "a" * 5000])
def test_items_without_words_are_no_error(text):
    assert isinstance(grouped([record(number, text) for number in range(30)]), list)


def test_what_has_nothing_to_do_with_the_rest_belongs_to_no_topic():
    items = [item for _, item in talk(200)] + [record(900, "xylophone quartet rehearsal", thread="elsewhere")]
    assert "item-00900" not in {item for topic in grouped(items) for item in topic.item_ids}


def test_groups_grow_with_the_square_root_and_small_sets_get_a_few_more():
    assert [group_count(number) for number in (4, 100, 1_000, 5_000, 20_000)] == [2, 7, 24, 43, 48]


def test_five_thousand_items_take_seconds():
    items = [item for _, item in talk(5_000)]
    grouped(items[:100])
    start = time.process_time()
    grouped(items)
    assert time.process_time() - start < 60


@pytest.mark.parametrize(
    ("language", "talk", "empty"),
    [
        ("de", "die sicherung wurde nicht gespeichert und ich habe keine sicherung mehr {}", {"die", "nicht", "keine"}),
        ("fr", "la sauvegarde ne marche pas avec mon serveur et je perds une sauvegarde {}", {"avec", "mon", "une"}),
        (
            "es",
            "la copia no funciona con mi servidor y todav\u00eda pierdo una copia {}",
            {"con", "todav\u00eda", "una"},
        ),
    ],
)
def test_function_words_of_other_languages_name_no_topic(language: str, talk: str, empty: set[str]):
    items = [record(number, talk.format(number), language=language) for number in range(40)]
    for topic in grouped(items):
        assert not empty & set(" ".join([topic.name, *topic.terms]).split())


def test_words_that_are_function_words_elsewhere_count_in_english():
    items = [record(number, f"my son and the die cast model number {number}", language="en") for number in range(40)]
    assert {"son", "die"} & set(" ".join(" ".join([topic.name, *topic.terms]) for topic in grouped(items)).split())
