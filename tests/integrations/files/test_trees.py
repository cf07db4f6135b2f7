"""Which conversation a reply belongs to, however long or wrong the chain is."""

from __future__ import annotations

from integrations.files.comments import Comment
from integrations.files.trees import Trees


def said(identifier: str, parent: str | None) -> Comment:
    return Comment(
        row=1,
        text="words",
        title=None,
        author=None,
        posted_at=None,
        zoned=True,
        permalink="",
        community=None,
        id=identifier,
        parent_id=parent,
        thread_id=None,
        upvotes=None,
    )


def roots(*comments: Comment) -> list[str | None]:
    trees = Trees()
    for one in comments:
        trees.add(one)
    return [trees.root(one) for one in comments]


def test_a_reply_belongs_to_the_first_words_even_where_those_are_missing():
    assert roots(said("a", None), said("b", "a"), said("c", "b"), said("d", "gone")) == [None, "a", "a", "gone"]


def test_all_that_answer_a_circle_are_one_conversation():
    circle = [said("x", "y"), said("y", "x")]
    assert roots(*circle, said("a", "x"), said("b", "a"), said("c", "b")) == ["x"] * 5
    assert roots(said("c", "b"), said("b", "a"), said("a", "x"), *circle) == ["x"] * 5


def test_what_nobody_answers_is_not_needed_to_find_a_root():
    comments = [said("a", None), said("b", "a"), said("c", "b"), said("d", "gone"), said("x", "y"), said("y", "x")]
    trees = Trees()
    for one in comments:
        trees.add(one)
    trees.forget_leaves()
    assert [trees.root(one) for one in comments] == [None, "a", "a", "gone", "x", "x"]
    assert [trees.knows(name) for name in "abcd"] == [True, True, False, False]


def test_a_chain_of_many_replies_is_walked_along_once():
    count = 50_000  # step by step from each of them it would be more than a thousand million
    chain = [said(f"{number}", f"{number - 1}" if number else None) for number in range(count)]
    assert set(roots(*reversed(chain))) == {None, "0"}
