"""Keys: where they are found, and that nothing shows them. Presets and addresses of servers."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import sys
import traceback

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from workbench.generate.keys import HIDDEN, Scrubber, Secret, find_key, forget_key, remember_key, where_from
from workbench.generate.providers import PROVIDERS, checked_url, provider
from workbench.nouns import GenerateError

KEY = "sk-test-4f9c1e77ab20"


class Memory(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self):
        super().__init__()
        self.held = {}

    def get_password(self, service, username):
        return self.held.get((service, username))

    def set_password(self, service, username, password):
        self.held[service, username] = password

    def delete_password(self, service, username):
        del self.held[service, username]


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    for preset in PROVIDERS.values():
        for name in preset.key_env:
            monkeypatch.delenv(name, raising=False)
    before = keyring.get_keyring()
    backend = Memory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def refused(call, *arguments):
    with pytest.raises(GenerateError) as caught:
        call(*arguments)
    return str(caught.value)


def test_nothing_that_shows_an_object_shows_the_key():
    @dataclasses.dataclass
    class Holder:
        key: Secret

    secret = Secret(KEY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret} {secret!r}",
        repr(Holder(secret)),
        repr(dataclasses.asdict(Holder(secret))),
        repr([secret]),
        repr({k: getattr(secret, k) for k in dir(secret)}),
        repr(copy.deepcopy(secret)),
        json.dumps({"key": secret}, default=str),
    ]
    assert not [text for text in shown if KEY in text]
    assert secret.reveal() == KEY
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_key_is_not_pickled(protocol):
    with pytest.raises(TypeError, match="a key is not pickled; hand it in again where it is needed"):
        pickle.dumps([Secret(KEY)], protocol)


def test_json_does_not_know_a_key():
    with pytest.raises(TypeError) as caught:
        json.dumps({"key": Secret(KEY)})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("value", [f"{KEY}\nAuthorization: x", f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\x00"])
def test_a_key_that_no_request_could_carry_is_refused_and_not_shown(value):
    with pytest.raises(GenerateError) as caught:
        Secret(value)
    assert str(caught.value) == "the key holds characters that no key has; paste it alone, without spaces or lines"
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_spaces_around_a_pasted_key_are_left_out_and_an_empty_one_is_refused():
    assert Secret(f"  {KEY}\n").reveal() == KEY
    assert refused(Secret, " \n") == "the key is empty; paste it whole"


@given(st.lists(st.sampled_from([KEY, KEY[:7], KEY[7:], "sk-", "s", "text", KEY[:-1], ""]), max_size=12))
def test_a_key_cut_into_pieces_is_taken_out_of_a_stream_and_nothing_else_is(pieces):
    scrubber = Scrubber(Secret(KEY))
    out = "".join([scrubber.feed(piece) for piece in pieces]) + scrubber.rest()
    assert out == "".join(pieces).replace(KEY, HIDDEN)


def test_the_environment_gives_the_key_of_the_preset(monkeypatch):
    assert find_key("openrouter") is None
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    assert find_key("openrouter").reveal() == KEY
    assert where_from("openrouter") == "OPENROUTER_API_KEY"
    assert find_key("openai") is None


def test_the_key_of_a_preset_does_not_go_to_another_address(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert find_key("openai").reveal() == KEY
    assert find_key("openai", "https://api.openai.com/v1/").reveal() == KEY
    for other in ("http://api.openai.com/v1", "https://api.openai.com.example.org/v1", "http://localhost:8000/v1"):
        assert find_key("openai", other) is None


def test_the_key_of_azure_goes_to_every_resource_there_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    assert find_key("azure", "https://mine.openai.azure.com/openai/v1").reveal() == KEY
    for other in ("https://a.b.openai.azure.com/v1", "https://openai.azure.com/v1", "https://mine.example.org/v1"):
        assert find_key("azure", other) is None


def test_the_keyring_keeps_a_key_for_one_server(memory):
    remember_key(Secret(KEY), "https://models.example.org/v1")
    assert find_key("other", "https://models.example.org/v2").reveal() == KEY
    assert where_from("other", "https://models.example.org/v2") == "the system keyring"
    assert find_key("other", "https://example.org/v1") is None
    assert forget_key("https://models.example.org/v1")
    assert find_key("other", "https://models.example.org/v1") is None
    assert not forget_key("https://models.example.org/v1")


def test_a_keyring_that_fails_is_no_key_and_its_refusal_does_not_show_it(memory, monkeypatch):
    def fail(*arguments):
        raise RuntimeError(f"locked {arguments}")

    monkeypatch.setattr(memory, "get_password", fail)
    monkeypatch.setattr(memory, "set_password", fail)
    assert find_key("openai") is None
    with pytest.raises(GenerateError) as caught:
        remember_key(Secret(KEY), "https://api.openai.com/v1")
    assert str(caught.value) == ("the system keyring took no key (RuntimeError); set the environment variable instead")
    assert caught.value.__context__ is None


def test_without_the_keyring_package_the_environment_still_serves(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_key("openai") is None
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert find_key("openai").reveal() == KEY
    assert refused(remember_key, Secret(KEY), "https://api.openai.com/v1") == (
        "keyring is not installed; `pip install automl-workbench[keyring]` brings it"
    )


def test_every_preset_has_an_address_that_can_be_used():
    assert set(PROVIDERS) == {"openai", "azure", "ollama", "vllm", "lmstudio", "openrouter", "gemini", "other"}
    for preset in PROVIDERS.values():
        if preset.base_url:
            url = preset.base_url.replace("{resource}", "mine")
            assert checked_url(url + "/", preset.id) == url
            assert preset.local == ("localhost" in url)


def test_an_unknown_provider_names_those_there_are():
    assert refused(provider, "openia") == f"no provider named 'openia'; there are: {', '.join(PROVIDERS)}"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "no address of a server is given; write one such as http://localhost:8000/v1"),
        (
            "localhost:8000",
            "'localhost:8000' is not the address of a server; write one such as http://localhost:8000/v1",
        ),
        ("ftp://a/v1", "'ftp://a/v1' is not the address of a server; write one such as http://localhost:8000/v1"),
        ("http://a:b/v1", "'http://a:b/v1' is not the address of a server; write one such as http://localhost:8000/v1"),
        ("http://me:pw@a/v1", "the address of the server holds a name or password before an @; give the key by itself"),
        ("http://me:pw@a:x", "the address of the server holds a name or password before an @; give the key by itself"),
        ("http://a/v1?key=sk-1", "the address of the server holds a ? or #; leave it out and give the key by itself"),
        (
            "https://{resource}.openai.azure.com/openai/v1",
            "the address https://{resource}.openai.azure.com/openai/v1 still has a gap; "
            "put your resource in place of {resource}",
        ),
    ],
)
def test_an_address_that_cannot_be_used_says_what_would(url, sentence):
    assert refused(checked_url, url) == sentence
