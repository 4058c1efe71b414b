"""The planner says who has lost the response, relapse or not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0001_planner")]

    operations = [
        migrations.AddField(model_name="upkeeprow", name="lost", field=models.BooleanField(default=False)),
    ]
