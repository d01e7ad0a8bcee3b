import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ilp_lti', '0004_services'),
    ]

    operations = [
        migrations.AddField(
            model_name='scorepassback',
            name='looked_until',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
    ]
