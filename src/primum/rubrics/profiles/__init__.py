"""Profiles: queries sorted on the four clinical dimensions, by a small classifier that ships or by a chat model."""

from primum.rubrics.profiles.chat import classify_with_model, sorting_prompt, sorting_version
from primum.rubrics.profiles.classifier import ProfileClassifier
from primum.rubrics.profiles.settings import ProfileReadingSettings, ProfileSettings
from primum.rubrics.profiles.shipped import our_examples, shipped_classifier, shipped_folder, train_shipped
from primum.rubrics.profiles.training import Example, Measured, agreement, cross_validate, train_classifier

__all__ = [
    "Example",
    "Measured",
    "ProfileClassifier",
    "ProfileReadingSettings",
    "ProfileSettings",
    "agreement",
    "classify_with_model",
    "cross_validate",
    "our_examples",
    "shipped_classifier",
    "shipped_folder",
    "sorting_prompt",
    "sorting_version",
    "train_classifier",
    "train_shipped",
]
