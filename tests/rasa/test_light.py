from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from hotline.run.light import LeftOutError, leave_out
leave_out(components=True, serving=True)
import components.serving
from rasa.core.channels import BUILTIN_CHANNELS
heavy = {"tensorflow", "keras", "jax", "boto3", "pymongo", "aiogram", "slack_sdk", "twilio", "spacy", "skops", "sklearn", "matplotlib"}
loaded = {name for name in heavy if getattr(sys.modules.get(name), "__file__", None)}
assert not loaded, loaded
assert "rest" in BUILTIN_CHANNELS
from rasa.engine.recipes.default_components import DIETClassifier, RulePolicy
assert RulePolicy.load
try:
    DIETClassifier({}, None, None, None)
except LeftOutError as error:
    assert "HOTLINE_LIGHT=false" in str(error)
else:
    raise AssertionError("a stand-in was made into an object")
"""


def test_a_serving_process_has_none_of_the_libraries_that_the_model_never_uses() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=ROOT, check=True)


def test_a_model_that_names_a_heavy_component_gets_the_real_one(tmp_path: Path) -> None:
    from hotline.run.rasa import may_leave_out_components

    config = tmp_path / "config.yml"
    config.write_text(
        "pipeline:\n  - name: LinearClassifier\npolicies:\n  - name: RulePolicy\n", encoding="utf-8"
    )
    assert may_leave_out_components(config)
    for name in ("DIETClassifier", "rasa.core.policies.ted_policy.TEDPolicy"):
        config.write_text(f"pipeline:\n  - name: {name}\n", encoding="utf-8")
        assert not may_leave_out_components(config)
    assert not may_leave_out_components(tmp_path / "missing.yml")
