"""What the set-up says, in Russian and in English: it speaks before any package is there to translate it."""

import codecs
import os
import sys
from typing import Dict

SENTENCES: Dict[str, Dict[str, str]] = {
    "python": {
        "ru": "Нужен Python 3.11, 3.12 или 3.13, а здесь {found}: установите его и повторите с PYTHON=python3.12.",
        "en": "Python 3.11, 3.12 or 3.13 is needed, here is {found}: install one and repeat with PYTHON=python3.12.",
    },
    "wrong": {
        "ru": "В {venv} Python {found}, а нужен 3.11, 3.12 или 3.13: удалите эту папку или назовите другую в VENV=.",
        "en": "{venv} has Python {found}, 3.11, 3.12 or 3.13 is needed: delete the folder or name another in VENV=.",
    },
    "foreign": {
        "ru": "Папка {venv} занята и не является окружением Python: назовите другую в VENV=.",
        "en": "The folder {venv} is taken and is not a Python environment: name another in VENV=.",
    },
    "venv": {
        "ru": "Этот Python не может создать окружение: выполните «sudo apt install {package}» и повторите.",
        "en": "This Python cannot make an environment: run `sudo apt install {package}` and repeat.",
    },
    "packages": {
        "ru": "Пакеты не установились (причина — строками выше): проверьте сеть и место на диске и повторите.",
        "en": "The packages were not installed (the reason is above): check the network and the disk, and repeat.",
    },
    "file": {"ru": "Окружение не готово: {path}: {detail}.", "en": "The environment is not ready: {path}: {detail}."},
    "stopped": {
        "ru": "Остановлено; следующий вызов подготовит окружение заново.",
        "en": "Stopped; the next call prepares the environment anew.",
    },
    "uv": {"ru": "Ставлю uv, которым пойдёт быстрее (25 МБ).", "en": "Installing uv, which is the faster way (25 MB)."},
    "begin": {
        "ru": "Готовлю окружение {venv}: один раз, от минуты до десяти (скачивается около 350 МБ).",
        "en": "Preparing the environment {venv}: once, one to ten minutes (about 350 MB to download).",
    },
    "again": {"ru": "uv не справился, повторяю через pip.", "en": "uv could not do it; trying pip."},
    "end": {"ru": "Окружение готово: {seconds} с ({by}).", "en": "The environment is ready: {seconds} s ({by})."},
}


class SetupError(Exception):
    """The environment cannot be made; what to do about it is said in one sentence."""

    def __init__(self, sentence: str, status: int = 2, **values: object) -> None:
        super().__init__(say(sentence, **values))
        self.status = status


def say(sentence: str, **values: object) -> str:
    """Return a sentence in the language of OKO_LANGUAGE: Russian by default, if the terminal has its letters."""
    is_ascii = codecs.lookup(getattr(sys.stderr, "encoding", None) or "utf-8").name == "ascii"
    language = "en" if is_ascii or os.environ.get("OKO_LANGUAGE") == "en" else "ru"
    return SENTENCES[sentence][language].format(**values)


def tell(sentence: str, **values: object) -> None:
    print(say(sentence, **values), file=sys.stderr)
    sys.stderr.flush()
