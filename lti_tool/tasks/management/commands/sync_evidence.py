"""`ilp-tool sync_evidence --job FILE`: read a platform's rosters and results once. See tasks/job.py."""

import json

from django.core.management.base import CommandError

from lti_tool.evidence import api as evidence
from lti_tool.lti.services.joining import DescribedCourse, DescribedPlatform, describe
from lti_tool.plans import api as plans
from lti_tool.tasks.job import Job, JobError
from lti_tool.tasks.management.job_command import JobCommand


class Command(JobCommand):
    help = "Reads the roster and all results of the courses a job file names; ends with what it holds, as JSON."

    def answer(self, job: Job) -> str:
        school_id, course_ids = describe(
            DescribedPlatform(
                issuer=job.issuer,
                client_id=job.client_id,
                deployment_id=job.deployment_id,
                auth_url=job.auth_url,
                token_url=job.token_url,
                jwks_url=job.jwks_url,
                private_pem=_private_key(job),
            ),
            [DescribedCourse(c.context_id, c.lineitems_url, c.memberships_url) for c in job.courses],
        )
        members = items = 0
        for course, read in zip(job.courses, evidence.read_courses(school_id, course_ids), strict=True):
            for kind, outcome in read.outcomes.items():
                if outcome.code:
                    raise CommandError(f"course {course.context_id}: {kind} could not be read: {outcome.code}")
                members += outcome.members
                items += outcome.activities
        rows, total = plans.evidence_total(school_id)
        return json.dumps({"rows": rows, "members": members, "items": items, "sum": round(total, 6)})


def _private_key(job: Job) -> bytes:
    """The private key, when it and the public key are one pair. Raises JobError."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    private_pem = job.key_file.read_bytes()
    try:
        private = load_pem_private_key(private_pem, password=None)
        public = load_pem_public_key(job.public_key_file.read_bytes())
    except (ValueError, TypeError):
        raise JobError("key_file and public_key_file must be PEM files, the private one without a password") from None
    if not isinstance(private, RSAPrivateKey) or private.public_key() != public:
        raise JobError("key_file and public_key_file are not one RSA pair")
    return private_pem
