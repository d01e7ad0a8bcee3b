"""`ilp-tool evidence_count --job FILE`: what the database holds for the job's platform."""

import json

from lti_tool.lti.services.joining import school_of
from lti_tool.plans import api as plans
from lti_tool.tasks.job import Job
from lti_tool.tasks.management.job_command import JobCommand


class Command(JobCommand):
    help = "Prints how many results stand for the job's platform and their sum, as JSON, read from the database."

    def answer(self, job: Job) -> str:
        school_id = school_of(job.issuer, job.client_id, job.deployment_id)
        rows, total = plans.evidence_total(school_id) if school_id else (0, 0.0)
        return json.dumps({"rows": rows, "sum": round(total, 6)})
