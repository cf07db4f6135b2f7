import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.pipeline.clean import Cleaner
from tests.app.services.pipeline.samples import record

LONG = "The sync between my phone and the server fails every night and I have to start it again by hand"


def clean(*records):
    return Cleaner().clean(records)


def test_importing_the_stage_loads_nothing_heavy_and_starts_no_thread():
    code = (
        "import sys, app.services.pipeline.clean\n"
        "heavy = {'numpy', 'sklearn', 'py3langid', 'vaderSentiment'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "import os; assert len(os.listdir('/proc/self/task')) == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_results_come_in_the_order_given_whatever_the_time():
    found = clean(record(9, LONG), record(1, LONG))
    assert [item.id for item in found] == ["item-00009", "item-00001"]


def test_the_earliest_is_the_original():
    late, early = clean(record(9, LONG), record(1, LONG))
    assert (late.duplicate_of, early.duplicate_of) == ("item-00001", None)


def test_case_punctuation_and_white_space_do_not_hide_a_copy():
    _, copy = clean(record(1, LONG), record(2, "  " + LONG.upper().replace(" ", "\n ") + "!!!"))
    assert copy.duplicate_of == "item-00001"


def test_a_copy_with_a_few_changed_words_is_a_near_duplicate():
    text = LONG + " because nobody ever looked at the logs that it writes into the folder next to the database file"
    _, copy = clean(record(1, text), record(2, "Edit: " + text + " :("))
    assert copy.duplicate_of == "item-00001"


def test_texts_about_the_same_thing_are_not_duplicates():
    _, other = clean(
        record(1, LONG),
        record(2, "The sync between my laptop and the NAS fails when I close the lid, so I wrote a script"),
    )
    assert other.duplicate_of is None


def test_thanks_from_many_people_is_many_voices():
    found = clean(*(record(number, "Thanks a lot!", thread="thread") for number in range(5)))
    assert [item.duplicate_of for item in found] == [None] * 5


def test_a_short_double_post_of_one_author_in_one_thread_is_a_duplicate():
    _, second, elsewhere = clean(
        record(1, "Same here!", author="ann", thread="one"),
        record(2, "same here", author="ann", thread="one"),
        record(3, "same here", author="ann", thread="two"),
    )
    assert (second.duplicate_of, elsewhere.duplicate_of) == ("item-00001", None)


@pytest.mark.parametrize("text", ["", "   ", "[removed]", "[deleted]"])
def test_what_was_removed_has_no_language_and_repeats_nothing(text):
    first, second = clean(record(1, text), record(2, text))
    assert [first.language, first.spam, second.duplicate_of] == ["und", False, None]


def test_an_item_marked_removed_is_not_judged_by_its_old_words():
    (found,) = clean(record(1, "SUBSCRIBE TO ME https://bit.ly/x", removed=True))
    assert (found.spam, found.language) == (False, "und")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I fix sync?", "en"),
        ("sync is broken and the app keeps crashing", "en"),
        ("Does anyone know?", "en"),
        ("Docker compose keeps restarting the container after I update", "en"),
        ("WHY DOES IT NOT WORK FOR ME", "en"),
        ("Das ist leider immer noch kaputt", "de"),
        ("¿Alguien sabe cómo arreglar la sincronización?", "es"),
        ("La synchronisation ne marche plus depuis la mise à jour", "fr"),
        ("это не работает", "ru"),
        ("同期が壊れています", "ja"),
        ("+1", "und"),
        ("👍👍👍", "und"),
        ("https://example.org/a/long/path/to/some/page", "und"),
        ("nginx", "und"),
    ],
)
def test_language(text, language):
    (found,) = clean(record(1, text))
    assert found.language == language


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to my channel and I will sub back!!",
        "FREE GIFT CARDS https://bit.ly/abc click here now",
        "I earn $450 a day working from home, check out my page",
        "Double your bitcoin in 24 hours, guaranteed profit, DM me to start",
        "Use my referral link https://shop.example/?ref=77 for 50% off",
        "https://example.org/xyz",
        "Join me on telegram +1 555 010 7788 for trading signals",
    ],
)
def test_spam_is_told_with_reasons_in_sentences(text):
    (found,) = clean(record(1, text))
    assert found.spam
    assert 0.6 <= found.spam_score <= 1
    assert found.spam_reasons
    assert all(reason.endswith(".") and reason[0].isupper() for reason in found.spam_reasons)


@pytest.mark.parametrize(
    "text",
    [
        "I moved to another app (https://example.org) and it works well, the docs at https://example.org/docs helped.",
        "Thanks, see https://example.org/issues/12",
        "You can subscribe to the newsletter, it is free.",
        "Is there a discount code for students?",
        "I WISH IT HAD A DARK MODE",
        "nooooooooooooooo",
        "Would pay $20 a month for working offline sync",
        "We are a small team and make money with support contracts, which pays for the hosting.",
    ],
)
def test_honest_talk_is_not_spam(text):
    (found,) = clean(record(1, text))
    assert not found.spam


def test_an_author_who_posts_the_same_words_three_times_is_a_spammer():
    found = clean(*(record(number, LONG, author="ann", thread=f"thread-{number}") for number in range(4)))
    assert [item.spam for item in found] == [False, False, True, True]


def test_what_nearly_repeats_spam_is_spam():
    advert = (
        "Best prices online for your new phone, buy now and use my referral link before the weekend is over, friends"
    )
    first, second = clean(
        record(1, advert), record(2, advert.replace("buy now and use my referral link", "buy it soon and use it"))
    )
    assert first.spam
    assert second.duplicate_of is None or second.spam
    _, copy = clean(record(1, advert), record(2, advert + " ok"))
    assert copy.spam
    assert "almost the same" in copy.spam_reasons[0]


def test_cleaning_twice_gives_the_same():
    cleaner = Cleaner()
    records = [record(1, LONG), record(2, LONG), record(3, "A question about backups of the phone, does it work?")]
    assert cleaner.clean(records) == cleaner.clean(records)


def test_after_a_resume_the_rest_is_cleaned_as_without_the_interruption():
    first = [record(5, LONG), record(6, "Something else entirely happened to the backup of my phone")]
    second = [record(2, LONG + " again"), record(8, LONG)]
    whole = Cleaner()
    said = whole.clean(first)
    expected = whole.clean(second)

    resumed = Cleaner()
    resumed.remember(reversed(first), {item.id: item.duplicate_of for item in said})
    assert resumed.clean(second) == expected
    guessed = Cleaner()
    guessed.remember(first)
    assert guessed.clean(second) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_no_text_breaks_it(texts):
    found = clean(*(record(number, text) for number, text in enumerate(texts)))
    assert [item.id for item in found] == [f"item-{number:05d}" for number in range(len(texts))]
    assert all(0 <= item.spam_score <= 1 for item in found)


def test_a_flood_of_one_phrase_or_one_long_text_stays_fast():
    flood = [
        record(number, f"there is a way to do it but {number} is not {number * 7} and so {number * 3}")
        for number in range(3000)
    ]
    flood.append(record(3001, "http://" * 8000 + "sub " * 10000))
    flood.append(record(3002, "a." * 20000 + "check " * 5000 + "!" * 20000))
    cleaner = Cleaner()
    cleaner.clean([record(9999, LONG)])
    start = time.process_time()
    cleaner.clean(flood)
    assert time.process_time() - start < 50
