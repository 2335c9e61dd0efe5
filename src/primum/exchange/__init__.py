"""Results for other tools, and theirs for ours: Inspect's logs and scorers, MLflow, Weights & Biases.

Adapters, like the models and the store. What they need is optional and imported when it is called; without it they raise
`MissingExtraError`.
"""

from primum.exchange.inspect_log import Graded, LogSpec, write_log
from primum.exchange.inspect_reading import Regraded, read_log
from primum.exchange.inspect_scorer import primum_scorer
from primum.exchange.tracking import Results, log_to_mlflow, log_to_wandb, numbers_of

__all__ = [
    "Graded",
    "LogSpec",
    "Regraded",
    "Results",
    "log_to_mlflow",
    "log_to_wandb",
    "numbers_of",
    "primum_scorer",
    "read_log",
    "write_log",
]
