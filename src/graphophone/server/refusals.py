"""How a server says what is wrong: one sentence under ``error``, and a status."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from graphophone.errors import GraphophoneError
from graphophone.server.sentences import explained

Graded = Callable[[GraphophoneError], tuple[int, dict[str, Any]]]


def unprocessable(error: GraphophoneError) -> tuple[int, dict[str, Any]]:
    """Grade a deliberate error as 422, with nothing more to say than its sentence."""
    return 422, {}


def refuse(app: FastAPI, graded: Graded = unprocessable) -> None:
    """Let an app say in one sentence what is wrong.

    Args:
        app: The app.
        graded: Gives the status of a deliberate error, and what is told beside its sentence.
    """

    def deliberate(request: Request, error: Exception) -> Response:
        status, more = graded(error) if isinstance(error, GraphophoneError) else (500, {})
        return JSONResponse({"error": str(error), **more}, status)

    def malformed(request: Request, error: Exception) -> Response:
        problems = error.errors() if isinstance(error, RequestValidationError) else []
        parts = [
            f"{'.'.join(str(p) for p in problem['loc'][1:]) or 'request'}: {problem['msg']}"
            for problem in problems[:3]
        ]
        return JSONResponse({"error": "; ".join(parts)}, 422)

    def known(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        return JSONResponse({"error": str(getattr(error, "detail", error))}, status)

    def unexpected(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": explained(error)}, 500)

    app.add_exception_handler(GraphophoneError, deliberate)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, known)
    app.add_exception_handler(Exception, unexpected)
