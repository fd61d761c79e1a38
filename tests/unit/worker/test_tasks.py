import pytest
from celery import Celery

from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.intake import Intake
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import Processing
from service.queue import ANALYSE_TASK, DELIVER_TASK
from service.worker.tasks import add_tasks
from tests.fake_work import ScriptedAnalysis, ScriptedDeliverer, write_end
from tests.fakes import RecordingQueue, receive


@pytest.fixture
def processing(sqlite_url: str, spool: Spool) -> Processing:
    destinations = {"pacs": ScriptedDeliverer().route}
    queue = RecordingQueue()
    database = Database(sqlite_url)
    return Processing(database, spool, queue, ScriptedAnalysis(), destinations, write_end)


def test_each_task_takes_a_job_id_one_step_on(processing: Processing, spool: Spool) -> None:
    celery = Celery("test", set_as_current=False)
    add_tasks(celery, lambda: processing)
    job_id = Intake(processing.database, spool, processing.queue, 0).accept(receive(spool)).job_id

    states = []
    for task in (ANALYSE_TASK, DELIVER_TASK):
        celery.tasks[task](job_id)
        states.append(_state(processing, job_id))

    assert states == [JobState.DELIVERING, JobState.DONE]
    processing.database.close()


def test_the_tasks_are_all_there_are(processing: Processing) -> None:
    celery = Celery("test", set_as_current=False)

    add_tasks(celery, lambda: processing)

    ours = {name for name in celery.tasks if not name.startswith("celery.")}
    assert ours == {ANALYSE_TASK, DELIVER_TASK}
    processing.database.close()


def _state(processing: Processing, job_id: JobId) -> JobState:
    with processing.database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    return job.state
