import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

from lti_tool.plans import append_only


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='School',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('emerging_below', models.FloatField(default=50)),
                ('exceeded_from', models.FloatField(default=80)),
                ('review_every_days', models.PositiveSmallIntegerField(default=42)),
                ('year_starts_month', models.PositiveSmallIntegerField(default=8)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name',), name='ilp_school_name_unique'), models.CheckConstraint(condition=models.Q(('emerging_below__gte', 0), ('exceeded_from__lte', 100), ('emerging_below__lte', models.F('exceeded_from'))), name='ilp_school_thresholds_ordered')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField()),
                ('at', models.DateTimeField()),
                ('actor_id', models.UUIDField(null=True)),
                ('role', models.CharField(max_length=16)),
                ('verb', models.CharField(max_length=64)),
                ('subject', models.CharField(max_length=32)),
                ('subject_id', models.CharField(max_length=64)),
                ('about_id', models.UUIDField(null=True)),
                ('detail', models.JSONField(default=dict)),
                ('reason', models.TextField(blank=True)),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'indexes': [models.Index(fields=['about_id', 'number'], name='ilp_audit_about'), models.Index(fields=['actor_id', 'at'], name='ilp_audit_actor')],
                'constraints': [models.UniqueConstraint(fields=('school', 'number'), name='ilp_audit_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('school', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='ilp_plans.school')),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(default='', max_length=64)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('source', models.CharField(default='lms', max_length=16)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('title', models.CharField(blank=True, max_length=255)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('source', models.CharField(default='lms', max_length=16)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('display_name', models.CharField(blank=True, max_length=255)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('source', models.CharField(default='lms', max_length=16)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('external_id', models.CharField(max_length=255)),
                ('label', models.CharField(max_length=255)),
                ('score_maximum', models.FloatField()),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('position', models.PositiveIntegerField(default=0)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.course')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('course', 'external_id'), name='ilp_activity_external_unique'), models.CheckConstraint(condition=models.Q(('score_maximum__gt', 0)), name='ilp_activity_maximum_positive')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('subject', models.CharField(max_length=64)),
                ('field', models.CharField(max_length=64)),
                ('text', models.TextField()),
                ('saved_at', models.DateTimeField(auto_now=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('author', 'subject', 'field'), name='ilp_draft_field_unique')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('source', models.CharField(default='lms', max_length=16)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('learner', 'LEARNER'), ('teacher', 'TEACHER'), ('assistant', 'ASSISTANT'), ('administrator', 'ADMINISTRATOR'), ('family', 'FAMILY'), ('none', 'NONE')], max_length=16)),
                ('active', models.BooleanField(default=True)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.course')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.person')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'active'], name='ilp_enrolment_person')],
                'constraints': [models.UniqueConstraint(fields=('course', 'person'), name='ilp_enrolment_unique')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('review_due_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('student', 'year'), name='ilp_plan_student_year_unique')],
            },
        ),
        migrations.CreateModel(
            name='SourceSync',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=16)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('asked_for', models.DateTimeField(blank=True, null=True)),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failure_code', models.CharField(blank=True, max_length=32)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.course')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.person')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='ilp_sync_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('course', 'source', 'person'), name='ilp_sync_person_unique'), models.UniqueConstraint(condition=models.Q(('person__isnull', True)), fields=('course', 'source'), name='ilp_sync_course_unique')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=16)),
                ('score_given', models.FloatField(null=True)),
                ('score_maximum', models.FloatField()),
                ('observed_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('latest', models.BooleanField(default=True)),
                ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.activity')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.person')),
            ],
            options={
                'indexes': [models.Index(fields=['activity', 'person'], name='ilp_evidence_series')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('latest', True)), fields=('activity', 'person', 'source'), name='ilp_evidence_latest_unique')],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('wording', models.TextField()),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.plan')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('open', 'OPEN'), ('closed', 'CLOSED')], default='open', max_length=8)),
                ('version', models.PositiveIntegerField(default=1)),
                ('next_steps_version', models.PositiveIntegerField(default=1)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('next_steps', models.TextField(blank=True)),
                ('next_review_on', models.DateField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ilp_plans.person')),
                ('next_steps_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ilp_plans.person')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ilp_plans.person')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', related_query_name='review', to='ilp_plans.plan')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='ilp_review_number_unique'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('plan',), name='ilp_review_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(('closed_at__isnull', False), ('state', 'closed')), _connector='OR'), name='ilp_review_closed_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('subject', models.CharField(max_length=32)),
                ('subject_id', models.UUIDField()),
                ('subject_version', models.PositiveIntegerField(default=1)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ilp_plans.person')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.plan')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'version'), name='ilp_revision_version_unique')],
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('voice', models.CharField(choices=[('learner', 'LEARNER'), ('family', 'FAMILY'), ('school', 'SCHOOL')], max_length=8)),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('review_version', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ilp_plans.person')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.plan')),
                ('review', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.review')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'voice', 'version'), name='ilp_contribution_version_unique')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('wording', models.TextField()),
                ('success', models.TextField(blank=True)),
                ('next_step', models.TextField(blank=True)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('draft', 'DRAFT'), ('agreed', 'AGREED'), ('achieved', 'ACHIEVED'), ('stopped', 'STOPPED')], default='agreed', max_length=16)),
                ('version', models.PositiveIntegerField(default=1)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ilp_plans.goal')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.plan')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('wording', ''), _negated=True), name='ilp_target_wording_given')],
            },
        ),
        migrations.CreateModel(
            name='FrozenTarget',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('snapshot', models.JSONField()),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.review')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.target')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('review', 'target'), name='ilp_frozen_target_unique')],
            },
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('level', models.CharField(choices=[('emerging', 'EMERGING'), ('expected', 'EXPECTED'), ('exceeded', 'EXCEEDED')], max_length=16)),
                ('comment', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField()),
                ('review_version', models.PositiveIntegerField()),
                ('target_version', models.PositiveIntegerField()),
                ('reason', models.TextField(blank=True)),
                ('latest', models.BooleanField(default=True)),
                ('evidence_seen', models.JSONField(default=list)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ilp_plans.person')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.review')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.target')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('review', 'target', 'version'), name='ilp_judgement_version_unique'), models.UniqueConstraint(condition=models.Q(('latest', True)), fields=('review', 'target'), name='ilp_judgement_latest_unique')],
            },
        ),
        migrations.CreateModel(
            name='TargetActivity',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.activity')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='ilp_plans.target')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('target', 'activity'), name='ilp_target_activity_unique')],
            },
        ),
        migrations.RunPython(
            lambda apps, editor: append_only.install(editor.connection),
            lambda apps, editor: append_only.remove(editor.connection),
        ),
    ]
