# Who looks after a school's connections, and what its LMS lets us see.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ilp_lti', '0001_initial'),
        ('ilp_plans', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='context',
            name='launched_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='deployment',
            name='messages',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='platform',
            name='messages',
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('appointed_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('platform_user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_lti.platformuser')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('platform_user',), name='ilp_appointment_one_standing')],
            },
        ),
        migrations.CreateModel(
            name='ClaimVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64)),
                ('sub', models.CharField(max_length=255)),
                ('locale', models.CharField(blank=True, max_length=35)),
                ('frame_ancestors', models.CharField(blank=True, max_length=1000)),
                ('expires_at', models.DateTimeField()),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_lti.deployment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('token_hash',), name='ilp_claim_visit_unique')],
            },
        ),
        migrations.CreateModel(
            name='SchoolCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', models.CharField(max_length=64)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_plans.school')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('code_hash',), name='ilp_school_code_unique')],
            },
        ),
        migrations.CreateModel(
            name='ServiceTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.CharField(max_length=32)),
                ('outcome', models.CharField(max_length=32)),
                ('tried_at', models.DateTimeField()),
                ('context', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_lti.context')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('context', 'service'), name='ilp_service_try_unique')],
            },
        ),
        migrations.CreateModel(
            name='WrongCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sub', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ilp_lti.deployment')),
            ],
            options={
                'indexes': [models.Index(fields=['deployment', 'at'], name='ilp_wrong_code_when')],
            },
        ),
    ]
