"""What is taken out of the reply of a language model, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.generate import extract_code
from workbench.generate.reply import MAX_REPLY, without_thoughts
from workbench.generate.structured import read_object
from workbench.nouns import GenerateError

CODE = "import numpy as np\n\n\ndef train(cfg, dataset, seed, model_dir=None):\n    return 0.5\n"
BROKEN = "def train(cfg, dataset, seed:\n    return 0.5\n"


def refused(reply: str) -> str:
    with pytest.raises(GenerateError) as caught:
        extract_code(reply)
    return str(caught.value)


@pytest.mark.parametrize("info", ["", "python", "py", "python title=train.py"])
def test_prose_around_a_block_is_left_out(info):
    assert extract_code(f"Here it is:\n\n```{info}\n{CODE}```\n\nIt trains a forest.\n") == CODE


@pytest.mark.parametrize("fence", ["````", "~~~", "~~~~~"])
def test_every_kind_of_fence_is_known(fence):
    assert extract_code(f"So:\n{fence}python\n{CODE}{fence}\nDone.") == CODE


def test_a_reply_that_is_code_alone_is_taken_whole():
    assert extract_code(f"\n\n{CODE}\n\n") == CODE


def test_of_several_blocks_the_one_that_defines_train_is_taken():
    install, call = "```bash\npip install numpy\n```", "```python\ntrain(c, d, 0)\n```"
    reply = f"First:\n{install}\nThen:\n```python\n{CODE}```\nCall it:\n{call}\n"
    assert extract_code(reply) == CODE


def test_the_same_block_twice_is_one():
    assert extract_code(f"```python\n{CODE}```\nOnce more:\n```python\n{CODE}```\n") == CODE


def test_two_different_functions_are_refused():
    other = CODE.replace("0.5", "0.7")
    reply = f"```python\n{CODE}```\nOr better:\n```python\n{other}```\n"
    assert refused(reply) == "2 of the reply's code blocks define train; one is meant"


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_fence_that_is_never_closed_goes_on_to_the_end(fence):
    assert extract_code(f"Here:\n{fence}python\n{CODE}") == CODE


def test_a_last_block_that_is_cut_off_is_found_behind_others():
    assert extract_code(f"```bash\nls\n```\nNow:\n```python\n{CODE}") == CODE


def test_windows_line_ends_are_read_as_line_ends():
    assert extract_code(f"Here:\n```python\n{CODE}```\nDone.\n".replace("\n", "\r\n")) == CODE


def test_a_block_in_a_list_loses_the_indentation_of_its_fence():
    lines = "".join(f"   {line}\n" if line else "\n" for line in f"```python\n{CODE}```".split("\n"))
    assert extract_code(f"1. Write this:\n\n{lines}\n2. Run it.\n") == CODE


def test_a_fence_within_a_docstring_does_not_end_the_block():
    docstring = '    """Train.\n\n    ```\n    train(c, d, 0)\n    ```\n    """\n'
    code = f"def train(cfg, dataset, seed):\n{docstring}    return 0.5\n"
    assert extract_code(f"```python\n{code}```\nDone.\n") == code


def test_code_that_does_not_parse_is_given_on_for_the_check_to_say_so():
    assert extract_code(f"```python\n{BROKEN}```\n") == BROKEN


@pytest.mark.parametrize("reply", ["", "I cannot do that.", "I would define train so: def train, then fit.", "x = 1\n"])
def test_a_reply_without_code_is_refused(reply):
    assert refused(reply) == "the reply has no code that defines train"


def test_a_block_without_train_is_refused():
    assert refused("```python\ndef train_model():\n    pass\n```") == "the reply's code block does not define train"


def test_several_blocks_without_train_are_refused_with_their_number():
    reply = "```bash\nls\n```\n```python\nclass A:\n    def train(self):\n        pass\n```\n"
    assert refused(reply) == "none of the reply's 2 code blocks defines train"


def test_a_reply_that_is_too_long_is_refused_before_it_is_read():
    assert refused("#" * MAX_REPLY + "\n") == "the reply has 1,000,001 characters; at most 1,000,000 are read"


@given(
    st.lists(st.sampled_from(["```", "```python", "~~~", "    ```", CODE, "def train(", "\r\n", "\x0c", "text", "\n"]))
)
def test_whatever_comes_gives_code_or_one_sentence(pieces):
    try:
        code = extract_code("\n".join(pieces))
    except GenerateError as error:
        assert "\n" not in str(error)
    else:
        assert "def train" in code
        assert code.endswith("\n")


@given(st.text(alphabet="ab` ~\n", max_size=40), st.text(alphabet="ab ~\n", max_size=40))
def test_the_block_comes_out_as_it_went_in_whatever_prose_stands_around_it(before, after):
    before = before.replace("```", "").replace("~~~", "")
    after = after.replace("~~~", "")
    assert extract_code(f"{before}\n```python\n{CODE}```\n{after}") == CODE


@pytest.mark.parametrize(
    "sketch",
    [
        "def train(cfg, dataset, seed, model_dir=None):\n    ...\n",
        'def train(cfg, dataset, seed, model_dir=None):\n    """Train."""\n    pass\n',
        "def train(cfg, dataset, seed, model_dir=None) -> float:\n",
    ],
)
def test_a_signature_that_is_only_said_again_is_no_second_function(sketch):
    assert extract_code(f"The signature:\n```python\n{sketch}```\nAnd the code:\n```python\n{CODE}```\n") == CODE
    assert "def train" in extract_code(f"```python\n{sketch}```\n")


def test_a_mark_of_byte_order_is_no_part_of_the_code():
    assert extract_code(f"\ufeff{CODE}") == CODE


@pytest.mark.parametrize("thought", ["<think>\n{}\n</think>", "\n<thinking>{}</thinking>", "Let me see.\n{}\n</think>"])
def test_what_a_model_thinks_first_is_no_part_of_its_reply(thought):
    draft = "```python\ndef train(cfg):\n    pass\n    return 1\n```"
    assert extract_code(without_thoughts(f"{thought.format(draft)}\n\n```python\n{CODE}```\n")) == CODE
    block = '```json\n{"answer": 5}\n```'
    assert read_object(f'{thought.format(block)}\n```json\n{{"answer": 4}}\n```', "block") == {"answer": 4}


def test_thoughts_that_are_cut_off_are_no_reply():
    assert without_thoughts(f"<think>\nFirst:\n```python\n{CODE}") == ""
    assert without_thoughts(CODE) == CODE
