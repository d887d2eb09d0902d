"""Spares a Rasa process the libraries that its model never uses; runs in Rasa's environment, on Python 3.10.

Rasa imports every component and every channel it knows, and with them TensorFlow, the AWS and the MongoDB client and five
messengers: 8 s and 400 MB for a model of rules and a logistic regression. Here stand the *modules* that only those
components need, by name: an import of them succeeds, and whoever makes an object of one is told at once what to do.
Nothing of Rasa is changed on disk, and a model that names such a component gets the real one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

#: Rasa's components that need TensorFlow, where they live, and what lies under them.
COMPONENTS = {
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
}
_UNDER_COMPONENTS = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
_SETTINGS = ("TF_INTER_OP_PARALLELISM_THREADS", "TF_INTRA_OP_PARALLELISM_THREADS", "TF_GPU_MEMORY_ALLOC")
#: Rasa's channels that need a library of their own, by the name they have in credentials.yml.
CHANNELS = {
    "botframework": "BotFrameworkInput",
    "facebook": "FacebookInput",
    "hangouts": "HangoutsInput",
    "mattermost": "MattermostInput",
    "rocketchat": "RocketChatInput",
    "slack": "SlackInput",
    "socketio": "SocketIOInput",
    "telegram": "TelegramInput",
    "twilio": "TwilioInput",
    "twilio_voice": "TwilioVoiceInput",
    "webexteams": "WebexTeamsInput",
}
#: What only training and the console need, and the tracker stores' clients, which Rasa names when it opens *any* store.
_NOT_SERVING = {
    "questionary": (),
    "rasa.utils.tensorflow.model_data": (
        "Data",
        "FeatureArray",
        "FeatureSignature",
        "RasaModelData",
        "ragged_array_to_ndarray",
    ),
    "rasa.core.channels.console": ("CmdlineInput",),
    "boto3": (),
    "boto3.dynamodb": (),
    "boto3.dynamodb.conditions": ("Key",),
    "botocore": (),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "pymongo": ("MongoClient",),
    "pymongo.collection": ("Collection",),
    "pymongo.errors": ("ConnectionFailure", "OperationFailure"),
}


class LeftOutError(RuntimeError):
    """Something was used that this process left out."""


class LeftOut(Exception):  # an exception, since some of them stand in ``except`` clauses
    """Stands for a class of a module that was left out."""

    #: The name under which the real one is known.
    origin = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise LeftOutError(f"{self.origin} was left out of this process; start it with HOTLINE_LIGHT=false")

    @classmethod
    def name(cls) -> str:
        """Channels are asked for their name when Rasa lists them."""
        return cls.origin


def leave_out(*, components: bool, serving: bool) -> None:
    """Put stand-ins where the real modules would be imported; call it before Rasa is imported.

    Args:
        components: leave out the components that need TensorFlow.
        serving: leave out what only serves other channels and stores than ours, training, and the console.
    """
    if components:
        for module, names in (COMPONENTS | _UNDER_COMPONENTS).items():
            _stand_in(module, names)
        # Who asks only whether it is there is told that it is not; Rasa asks nothing when no setting is given.
        sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
        for setting in _SETTINGS:
            os.environ.pop(setting, None)
    if serving:
        for channel, name in CHANNELS.items():
            _stand_in(f"rasa.core.channels.{channel}", (name,))
        for module, names in _NOT_SERVING.items():
            _stand_in(module, names)


def _stand_in(name: str, classes: Iterable[str]) -> None:
    if name in sys.modules:
        return
    module = ModuleType(name, f"Left out: see {__name__}.")
    module.__path__ = []
    for each in classes:
        setattr(module, each, type(each, (LeftOut,), {"origin": f"{name}.{each}", "__module__": name}))
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)
