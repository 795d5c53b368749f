"""The presets: servers of language models that speak the OpenAI protocol, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from workbench.nouns import GenerateError


@dataclass(frozen=True)
class Provider:
    """A server that people use.

    Parameters
    ----------
    base_url : str
        Where its OpenAI-compatible part begins; `{resource}` and the like are for the person to fill.
    key_env : tuple of str
        Environment variables that hold its key, the first that is set is taken; empty where none is wanted.
    max_tokens_as : str
        The name of the parameter that limits the reply there.
    lists_models : bool
        Whether its list of models names what can be asked for.
    """

    id: str
    title: str
    base_url: str
    key_env: tuple[str, ...] = ()
    max_tokens_as: str = "max_tokens"
    lists_models: bool = True
    hint: str = ""

    @property
    def local(self) -> bool:
        """Whether the preset's address is this machine."""
        return is_local(self.base_url)


PROVIDERS: dict[str, Provider] = {
    p.id: p
    for p in (
        Provider(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            key_env=("OPENAI_API_KEY",),
            max_tokens_as="max_completion_tokens",
            hint="Keys are made on the platform's page of API keys.",
        ),
        Provider(
            "azure",
            "Azure OpenAI",
            "https://{resource}.openai.azure.com/openai/v1",
            key_env=("AZURE_OPENAI_API_KEY",),
            max_tokens_as="max_completion_tokens",
            lists_models=False,
            hint="Put the name of your resource in the address; the model is the name of your deployment.",
        ),
        Provider(
            "ollama",
            "Ollama",
            "http://localhost:11434/v1",
            hint="Start it with `ollama serve`, and fetch a model with `ollama pull`.",
        ),
        Provider(
            "vllm",
            "vLLM",
            "http://localhost:8000/v1",
            key_env=("VLLM_API_KEY",),
            hint="Start it with `vllm serve MODEL`.",
        ),
        Provider(
            "lmstudio",
            "LM Studio",
            "http://localhost:1234/v1",
            hint="Load a model and start the server on the page Developer.",
        ),
        Provider(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            key_env=("OPENROUTER_API_KEY",),
            hint="Names of models there have two parts, as in maker/model.",
        ),
        Provider(
            "gemini",
            "Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            hint="Keys are made in Google AI Studio.",
        ),
        Provider("other", "Another server", "", hint="The address usually ends with /v1."),
    )
}


def provider(name: str) -> Provider:
    """The preset of that id.

    Raises
    ------
    GenerateError
        If there is none.
    """
    if name in PROVIDERS:
        return PROVIDERS[name]
    raise GenerateError(f"no provider named {name!r}; there are: {', '.join(PROVIDERS)}")


def checked_url(url: str, provider_id: str = "other") -> str:
    """The address without its last slash, or why it cannot be used.

    Raises
    ------
    GenerateError
        If it is no http address, has a gap to fill, or carries a key, which would then be kept with each call.
    """
    url = url.strip().rstrip("/")
    if not url:
        raise GenerateError("no address of a server is given; write one such as http://localhost:8000/v1")
    if "@" in url:
        raise GenerateError("the address of the server holds a name or password before an @; give the key by itself")
    if "?" in url or "#" in url:
        raise GenerateError("the address of the server holds a ? or #; leave it out and give the key by itself")
    if "{" in url:
        gap = url[url.index("{") + 1 :].partition("}")[0]
        raise GenerateError(f"the address {url} still has a gap; put your {gap} in place of {{{gap}}}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(c.isspace() for c in url):
        example = PROVIDERS[provider_id].base_url or "http://localhost:8000/v1"
        raise GenerateError(f"{url!r} is not the address of a server; write one such as {example}")
    return url


def origin(url: str) -> str:
    """Scheme, host and port of an address: what a key belongs to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def belongs(preset: Provider, url: str) -> bool:
    """Whether an address is the preset's own; a gap in the preset's host stands for one name."""
    if not preset.base_url or "{" in url:
        return False
    before, gap, after = origin(preset.base_url.replace("{resource}", "{}")).partition("{}")
    if not gap:
        return before == origin(url)
    wanted = origin(url)
    name = wanted[len(before) : len(wanted) - len(after)]
    return wanted.startswith(before) and wanted.endswith(after) and bool(name) and not set(name) & set("./:")


def is_local(url: str) -> bool:
    """Whether an address is this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")
