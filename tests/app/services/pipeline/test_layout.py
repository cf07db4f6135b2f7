import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from app.services.pipeline.cluster import cluster
from app.services.pipeline.layout import layout
from tests.app.services.pipeline.test_cluster import talk


def places(count, seed=1):
    return cluster([item for _, item in talk(count, seed)]).places


def centres(clustering):
    return {
        topic.number: np.mean([clustering.places[item] for item in topic.item_ids], axis=0)
        for topic in clustering.topics
    }


def test_every_item_that_says_something_stands_on_the_map_once():
    items = [item for _, item in talk(300)]
    clustering = cluster(items)
    assert set(clustering.places) == {item.id for item in items}
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in clustering.places.values())
    assert len(set(clustering.places.values())) > 0.95 * len(items)


def test_items_stand_nearer_to_their_own_topic_than_to_any_other():
    clustering = cluster([item for _, item in talk(300)])
    middles = centres(clustering)
    for topic in clustering.topics:
        for item in topic.item_ids:
            nearest = min(middles, key=lambda number: math.dist(middles[number], clustering.places[item]))
            assert nearest == topic.number


def test_the_closest_items_of_a_topic_stand_in_its_middle():
    clustering = cluster([item for _, item in talk(300)])
    for topic in clustering.topics:
        away = [math.dist(centres(clustering)[topic.number], clustering.places[item]) for item in topic.item_ids]
        inner, outer = away[: len(away) // 4], away[len(away) * 3 // 4 :]
        assert max(inner) < min(outer)


def test_the_same_items_in_another_process_give_the_same_map():
    code = "from tests.app.services.pipeline.test_layout import places\nprint(sorted(places(150).items()))"
    shown = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(shown) == 1


def test_a_few_more_items_move_the_others_little():
    items = [item for _, item in talk(306)]
    before, after = cluster(items[:300]).places, cluster(items).places
    moved = [math.dist(before[item], after[item]) for item in before]
    assert sorted(moved)[len(moved) * 9 // 10] < 0.05


def test_discs_of_topics_do_not_overlap():
    vectors = np.repeat(np.eye(6), [40, 30, 20, 10, 5, 5], axis=0)
    ends = np.cumsum([0, 40, 30, 20, 10, 5, 5])
    topics = [list(range(first, last)) for first, last in pairwise(ends)]
    spots = layout(vectors, topics, np.ones((110, 2)))
    middles = [np.mean([spots[row] for row in rows], axis=0) for rows in topics]
    reach = [max(math.dist(middle, spots[row]) for row in rows) for middle, rows in zip(middles, topics, strict=True)]
    for first in range(6):
        for second in range(first):
            assert math.dist(middles[first], middles[second]) > reach[first] + reach[second]


def test_topics_that_are_alike_stand_near_each_other():
    first, alike, other = [1.0, 0.0, 0.0], [0.9, 0.436, 0.0], [0.0, 0.0, 1.0]
    vectors = np.array([first] * 9 + [alike] * 9 + [other] * 9)
    spots = layout(vectors, [list(range(9)), list(range(9, 18)), list(range(18, 27))], np.ones((27, 2)))
    middle = [np.mean([spots[row] for row in range(start, start + 9)], axis=0) for start in (0, 9, 18)]
    assert math.dist(middle[0], middle[1]) < 0.9 * math.dist(middle[0], middle[2])


def test_the_compass_and_not_chance_says_which_way_is_left():
    generator = np.random.default_rng(3)
    vectors = generator.normal(size=(60, 5)) + np.repeat(np.eye(5)[:3] * 6, 20, axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    topics = [list(range(20)), list(range(20, 40)), list(range(40, 60))]
    compass = vectors[:, :2]
    turned, _ = np.linalg.qr(generator.normal(size=(5, 5)))
    plain, mirrored = layout(vectors, topics, compass), layout(vectors @ turned, topics, compass)
    assert max(math.dist(plain[row], mirrored[row]) for row in plain) < 0.01


def test_items_of_no_topic_stand_around_the_nearest_one():
    vectors = np.array([[1.0, 0.0]] * 20 + [[0.0, 1.0]] * 20 + [[0.4, 0.1]] * 3 + [[0.0, 0.0]])
    spots = layout(vectors, [list(range(20)), list(range(20, 40))], np.ones((44, 2)))
    assert 43 not in spots
    middle = np.mean([spots[row] for row in range(20)], axis=0)
    reach = max(math.dist(middle, spots[row]) for row in range(20))
    assert all(reach < math.dist(middle, spots[row]) < 2 * reach for row in (40, 41, 42))


def test_one_topic_stands_in_the_middle_and_none_gives_no_map():
    vectors = np.array([[1.0, 0.0]] * 30)
    spots = layout(vectors, [list(range(30))], np.ones((30, 2)))
    assert np.mean(list(spots.values()), axis=0) == pytest.approx([0.5, 0.5], abs=0.1)
    assert layout(vectors, [], np.ones((30, 2))) == {}
