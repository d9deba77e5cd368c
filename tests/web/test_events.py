"""News come to each window once and in their order, whoever tells them."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.web import events as module
from segmetry.web.events import Events


@given(st.lists(st.integers(0, 4), max_size=30))
def test_a_window_that_asks_now_and_then_hears_all_once_and_in_order(pauses):
    events, heard = Events(), []
    last, told = events.last, 0
    for n_told in pauses:
        for _ in range(n_told):
            events.publish("labels", {"rev": told})
            told += 1
        news = events.after(last)
        heard += [event.content["rev"] for event in news]
        last = news[-1].id if news else last
    assert heard == list(range(told))
    assert events.after(events.last) == []


@given(st.integers(1, 40), st.integers(1, 20))
def test_only_the_newest_are_kept_and_their_numbers_have_no_gap(n_told, n_kept):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_KEPT", n_kept)
        events = Events()
    begun = events.last
    for number in range(n_told):
        events.publish("job", {"number": number})
    kept = events.after(begun)
    assert [event.content["number"] for event in kept] == list(range(n_told))[-n_kept:]
    assert [event.id for event in kept] == list(
        range(events.last - len(kept) + 1, events.last + 1)
    )


def test_two_windows_hear_the_same():
    events = Events()
    begun = events.last
    events.publish("picture", {"picture": {"id": "a"}})
    assert events.after(begun) == events.after(begun)
    (event,) = events.after(begun)
    assert (event.id, event.kind) == (begun + 1, "picture")


def test_a_server_that_starts_anew_goes_on_above_all_numbers_of_the_one_before():
    """Else a window would take old news for ones that it has heard."""
    before = Events()
    for _ in range(3):
        before.publish("job", {})
    threading.Event().wait(0.01)
    assert Events().last > before.last


def test_news_of_many_threads_have_numbers_of_their_own():
    events = Events()
    begun = events.last

    def tell(kind):
        for number in range(100):
            events.publish(kind, {"number": number})

    threads = [threading.Thread(target=tell, args=(kind,)) for kind in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    news = events.after(begun)
    assert [event.id for event in news] == list(range(begun + 1, begun + 401))
    for kind in "abcd":
        numbers = [event.content["number"] for event in news if event.kind == kind]
        assert numbers == list(range(100))


def test_the_end_is_told_and_takes_no_news_away():
    events = Events()
    begun = events.last
    events.publish("job", {})
    assert not events.is_closed
    events.close()
    assert events.is_closed
    assert len(events.after(begun)) == 1
