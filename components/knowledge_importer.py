"""What Rasa learns from: its own files, and the sample questions of the knowledge base."""

from __future__ import annotations

from pathlib import Path

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from hotline.language.patterns import data_dir

ASK_MATTER = "ask_matter"


def samples(folder: Path) -> list[str]:
    """The sample questions of all matters, without repetitions, in the order of the files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*/*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        found |= dict.fromkeys(str(text) for text in (content or {}).get("samples", []))
    return list(found)


class KnowledgeImporter(RasaFileImporter):
    """Every sample question of a matter is an example of asking about one."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of the files, and those of the base that they do not have."""
        data = super().get_nlu_data(language)
        known = {example.get(TEXT) for example in data.intent_examples}
        asked = [text for text in samples(data_dir() / "knowledge") if text not in known]
        return data.merge(TrainingData([Message.build(text, ASK_MATTER) for text in asked]))
