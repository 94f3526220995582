"""Trains schemas/tokenizers/builtin.json: a small byte-level BPE on text that Debian ships.

schemas/tokenizers/README.md says what it was run on and what came out.

    apt-get install bible-kjv-text debian-policy doc-debian fortunes libpython3.11-stdlib wordnet-base
    python3 -m venv V && V/bin/pip install tokenizers==0.23.3
    V/bin/python test/bench/train-builtin-tokenizer.py schemas/tokenizers/builtin.json
"""

import ast
import glob
import gzip
import json
import pathlib
import re
import subprocess
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 16_384
PYTHON = "/usr/lib/python3.11"


def bible():
    text = subprocess.run(
        ["bible", "-l79", "ps1:1-rev22:21"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    ).stdout
    yield re.sub(r"^ +\d+ ", "", text, flags=re.M)


def wordnet():
    """The glosses: a definition, then example sentences."""
    for path in sorted(glob.glob("/usr/share/wordnet/data.*")):
        for line in pathlib.Path(path).read_text("utf-8").splitlines():
            if " | " in line:
                yield line.split(" | ", 1)[1].strip()


def fortunes():
    for path in sorted(glob.glob("/usr/share/games/fortunes/*")):
        if pathlib.Path(path).suffix == "":
            yield from pathlib.Path(path).read_text("utf-8", "ignore").split("\n%\n")


def debian():
    for path in sorted(glob.glob("/usr/share/doc/debian/*")) + sorted(glob.glob("/usr/share/doc/debian-policy/*.txt.gz")):
        data = pathlib.Path(path).read_bytes() if pathlib.Path(path).is_file() else b""
        yield (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8", "ignore")


def python():
    """Documentation strings of the standard library; of the modules at its top also the code."""
    for path in sorted(glob.glob(PYTHON + "/**/*.py", recursive=True)):
        if "/test/" in path or "/encodings/" in path:
            continue
        source = pathlib.Path(path).read_text("utf-8", "ignore")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                yield ast.get_docstring(node) or ""
        if pathlib.Path(path).parent == pathlib.Path(PYTHON):
            yield source[:20_000]


def texts():
    for source in (bible, wordnet, fortunes, debian, python):
        n_bytes = 0
        for text in source():
            n_bytes += len(text.encode())
            yield text
        print(f"{source.__name__}: {n_bytes:,} bytes", file=sys.stderr)


tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=VOCABULARY,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    max_token_length=16,
    special_tokens=[],
    show_progress=False,
)
tokenizer.train_from_iterator(texts(), trainer)

data = json.loads(tokenizer.to_str())
model = data["model"]
model["merges"] = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
pathlib.Path(sys.argv[1]).write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
words = [token for token in model["vocab"] if re.fullmatch("Ġ[a-z]{2,12}", token)]
print(f"{len(model['vocab']):,} entries, {len(words):,} of them one lower-case word with its space")
