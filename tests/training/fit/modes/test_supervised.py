from tests.training.fit.modes.conftest import Fitted
from tests.training.fit.phantoms import Discs


def test_projections_films_and_a_teacher_train_together(fitted: Fitted) -> None:
    losses = fitted(
        "supervised",
        {"teacher_from_step": 5},
        24,
        projections=Discs(),
        films=Discs(known=("heart",), is_film=True),
        unlabelled=Discs(known=(), is_film=True),
    )
    assert sum(losses[-5:]) < 0.75 * sum(losses[:5])
