"""Decoders on encoders that others trained: timm's, through segmentation_models_pytorch, loaded by name."""

from __future__ import annotations

from importlib.util import find_spec

from torch import Tensor, nn

from deepetch.errors import InvalidOptions, MissingExtra, TrainingError
from deepetch.training.networks.prediction import Prediction

PREFIX = "smp:"


class PretrainedUNet(nn.Module):
    """Normalised pictures (n, 3, h, w), h and w multiples of 32 -> Prediction.

    name     "smp:ARCHITECTURE:ENCODER", such as "smp:unet:resnet34" or "smp:fpn:tu-convnext_tiny" (Iakubovskii 2019).
    weights  of the encoder, by that library's name ("imagenet"); it fetches them; None: random.
    Raises   MissingExtra without the library, InvalidOptions for a name it does not know, TrainingError when the
             weights cannot be had.
    """

    def __init__(self, name: str, *, weights: str | None = None) -> None:
        super().__init__()
        if find_spec("segmentation_models_pytorch") is None:
            raise MissingExtra(
                f"{name} needs segmentation_models_pytorch, which is not installed: pip install 'deepetch[encoders]'."
            )
        import segmentation_models_pytorch as smp

        self.name = name
        parts = name.split(":")
        if len(parts) != 3:
            raise InvalidOptions(f"network: expected {PREFIX}ARCHITECTURE:ENCODER; got {name!r}.")
        _, architecture, encoder = parts
        try:
            self.model = smp.create_model(architecture, encoder, encoder_weights=weights, in_channels=3, classes=1)
        except OSError as error:  # before the others: what the hub raises without a network is a ValueError too
            raise TrainingError(
                f"{name}: the encoder's weights {weights!r} cannot be fetched. Connect to the network, or leave out "
                "--encoder-weights and begin with random ones."
            ) from error
        except (KeyError, ValueError) as error:
            raise InvalidOptions(
                f"network: segmentation_models_pytorch knows no {name.removeprefix(PREFIX)} with weights {weights!r}."
            ) from error

    def forward(self, x: Tensor) -> Prediction:
        features = self.model.encoder(x)
        decoded = self.model.decoder(features)
        return Prediction(self.model.segmentation_head(decoded), None, features[-2])  # 1/16
