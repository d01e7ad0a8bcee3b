from django.db import migrations

import lti_tool.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("ilp_plans", "0029_links_on_paper"),
    ]

    operations = [
        migrations.AddField(
            model_name="sheetlink",
            name="begun",
            field=lti_tool.sealing.GuardedJSON(default=dict),
        ),
    ]
