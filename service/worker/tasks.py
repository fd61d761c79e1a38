"""The two tasks. Each takes a job id and calls one function; the database decides what happens."""

from collections.abc import Callable

from celery import Celery

from service.domain.identifiers import JobId
from service.processing import Processing
from service.queue import ANALYSE_TASK, DELIVER_TASK


def add_tasks(celery: Celery, processing: Callable[[], Processing]) -> None:
    """Give `celery` its tasks; `processing` is asked in the pool process, when a task runs."""

    @celery.task(name=ANALYSE_TASK, shared=False)
    def analyse(job_id: str) -> None:
        processing().run_analysis(JobId(job_id))

    @celery.task(name=DELIVER_TASK, shared=False)
    def deliver(job_id: str) -> None:
        processing().run_delivery(JobId(job_id))
