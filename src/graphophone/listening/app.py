"""The server of a listening test as an application: the page, and what it asks for.

A browser is told how many sounds a page has and never what they are called, so nobody can look.
"""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.staticfiles import StaticFiles

from graphophone import __version__
from graphophone.errors import GraphophoneError, UsageError
from graphophone.listening.pages import Pages
from graphophone.listening.ratings import REFERENCE
from graphophone.listening.sitting import Sitting
from graphophone.listening.sittings import Sittings, UnknownListenerError
from graphophone.listening.stimuli import MOST_CONDITIONS
from graphophone.server.refusals import refuse

PAGE = Path(str(files("graphophone.listening"))) / "page"
Score = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Body(BaseModel):
    """What a browser sends; what it may not send is refused."""

    model_config = ConfigDict(extra="forbid")


class Begin(Body):
    """Who sits down."""

    listener: str = Field(max_length=64)


class Ratings(Body):
    """A finished page."""

    scores: list[Score] = Field(max_length=MOST_CONDITIONS)
    milliseconds: float = Field(ge=0, le=1e10, allow_inf_nan=False)


class Answers(Body):
    """The questionnaire."""

    answers: dict[str, str] = Field(max_length=100)


def build(pages: Pages, sittings: Sittings) -> FastAPI:
    """Return the page and its API, with nobody in front of them.

    Args:
        pages: What is played.
        sittings: Where ratings go.
    """
    plan = pages.plan
    app = FastAPI(
        title="Graphophone listening test",
        description="Errors are one sentence under `error`.",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
    )
    refuse(app, _graded)

    def state(sitting: Sitting) -> dict[str, Any]:
        """Tell how far a sitting is, and what its next page is made of."""
        shown = sittings.page(sitting)
        told: dict[str, Any] = {
            "listener": sitting.listener,
            "done": len(sitting.pages),
            "training": len(plan.training),
            "total": len(plan.pages),
            "finished": shown is None and (sitting.answers is not None or not plan.questions),
            "page": None,
        }
        if shown is not None:
            page = pages.get(shown.trial)
            told["page"] = {
                "training": shown.training,
                "sounds": len(shown.conditions),
                "rate": page.rate,
                "samples": page.samples,
            }
        return told

    @app.get("/api/test", summary="What the test says to everybody")
    def test() -> dict[str, Any]:
        """Return texts, the questionnaire, and a code that nobody has yet."""
        return {
            **plan.model_dump(
                include={"name", "title", "question", "welcome", "consent", "questions"}
            ),
            "trials": len(plan.trials),
            "code": sittings.suggestion(),
        }

    @app.post("/api/sittings", summary="Begin, or go on")
    def begin(body: Begin) -> dict[str, Any]:
        """Return how far the listener of a code is; a new one is at the beginning."""
        return state(sittings.begin(body.listener))

    @app.get("/api/sittings/{listener}", summary="How far a listener is")
    def look(listener: str) -> dict[str, Any]:
        """Return how many pages are saved, and what the next one is made of."""
        return state(sittings.get(listener))

    @app.get("/api/sittings/{listener}/pages/{number}/{sound}", summary="A sound of a page")
    def sound(listener: str, number: int, sound: int) -> Response:
        """Return interleaved 32-bit floats of the page that is next.

        Sound 0 is the open reference; then come the buttons, the hidden reference among them.
        """
        sitting = sittings.get(listener)
        shown = sittings.page(sitting)
        if shown is None or number != len(sitting.pages):
            raise UsageError(f"page {number + 1} is not the one that is next")
        if not 0 <= sound <= len(shown.conditions):
            raise UsageError(f"this page has sounds 0 to {len(shown.conditions)}, got {sound}")
        name = REFERENCE if sound == 0 else shown.conditions[sound - 1]
        samples = pages.get(shown.trial).sounds[name].numpy().T
        return Response(samples.astype("<f4").tobytes(), media_type="application/octet-stream")

    @app.post("/api/sittings/{listener}/pages/{number}", summary="Save a page")
    def rate(listener: str, number: int, body: Ratings) -> dict[str, Any]:
        """Save the scores of a page, in the order of its buttons; return what comes next."""
        return state(sittings.rate(listener, number, body.scores, body.milliseconds))

    @app.post("/api/sittings/{listener}/answers", summary="Save the questionnaire")
    def answer(listener: str, body: Answers) -> dict[str, Any]:
        """Save the answers, which can be given again."""
        return state(sittings.answer(listener, body.answers))

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})

    app.mount("/assets", StaticFiles(directory=PAGE))
    return app


def _graded(error: GraphophoneError) -> tuple[int, dict[str, Any]]:
    """Give the status of a deliberate error."""
    return (404 if isinstance(error, UnknownListenerError) else 422), {}
