"""The networks that the recipe makes, and how each is trained."""

import dataclasses
from dataclasses import dataclass, field

from network import Shape
from train import Plan


@dataclass(frozen=True)
class Preset:
    name: str
    shape: Shape
    plan: Plan
    # Test sentences that are translated on the way and in the end; all if `None`.
    judged: int | None = None
    # Sources that are used, of each at most so many pairs; all of all where it is not said.
    only: tuple[str, ...] = ()
    most: int | None = None
    # How often every pair is encoded at least.
    encoded: float = 0.0
    # What is otherwise in a training that goes on from weights.
    again: dict = field(default_factory=dict)

    def going_on(self, other_way: bool = False) -> Plan:
        """The plan for weights that were trained before, maybe in the other direction, so that they have far to go."""
        plan = dataclasses.replace(self.plan, hold=0.3, short_tokens=0, **self.again)
        return dataclasses.replace(plan, rate=2 * plan.rate) if other_way else plan


PRESETS = {
    "smoke": Preset(
        "fr-en-smoke",
        Shape(vocabulary=1000, width=64, inner=128, encoder_layers=1, decoder_layers=1),
        Plan(minutes=0.5, batch=((0.0, 1000),), micro=1024, checkpoint_minutes=0.2, log_seconds=2, short_tokens=0),
        judged=20,
        only=("cds_blog", "ud_pud_news_wiki"),
        most=1000,
    ),
    # Its weights were trained by AdamW, and Muon does them harm.
    "tiny": Preset("fr-en-tiny", Shape(), Plan(), judged=150, again={"muon": False, "rate": 5e-4}),
    "small": Preset(
        "fr-en-small",
        Shape(width=512, inner=2048, heads=8, encoder_layers=6),
        Plan(
            rate=3e-3,
            batch=((0.0, 20_000), (0.05, 40_000), (0.5, 62_000)),
            micro=24_576,
            dropout=0.1,
            short_tokens=4_000_000,
            checkpoint_minutes=1.5,
            log_seconds=5,
        ),
        encoded=1.0,
        again={"rate": 1.5e-3},
    ),
    # What lease/rehearse.sh trains, in seconds.
    "rehearsal": Preset(
        "fr-en-rehearsal",
        Shape(width=64, inner=128, encoder_layers=2, decoder_layers=1),
        Plan(
            rate=3e-3,
            batch=((0.0, 700),),
            micro=700,
            short_tokens=4000,
            checkpoint_minutes=4 / 60,
            log_seconds=1,
            candidates=False,
        ),
        judged=4,
    ),
}
